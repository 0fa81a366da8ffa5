import * as pulumi from "@pulumi/pulumi";
import { type Finding, FindingsError, refusal } from "../domain/findings.ts";
import { planStack, type StackPlan } from "../domain/plan.ts";
import type { Environment, SettingsInput } from "../domain/settings/settings.ts";

/** What every component needs to know about the stack it is in. */
export interface ContextArgs {
  /** Decides protection and the workers' ENVIRONMENT. */
  readonly environment: Environment;
  /** Project id, such as `ortho-ai-485203`. */
  readonly project: string;
  /** Region, such as `us-central1`. */
  readonly region: string;
  /** Whether what is lost for good when it is deleted cannot be. Default: in prod. */
  readonly protect?: boolean | undefined;
  /** Labels on everything that takes labels. Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** The sections of a stack's settings that a component is made from. */
export type Sections = Pick<SettingsInput, "images" | "workers" | "rounds">;

/**
 * Decides what a component declares, by the same checks as the whole stack's.
 *
 * To be called before `super`: a component that throws later has already been declared.
 *
 * @param what the component, as it is named in the error: `AgentWorker dental`
 * @param prefix where the component's arguments are in the stack's settings, such as `workers.dental`
 * @throws pulumi.InputPropertiesError with everything that is wrong
 */
export function checkedPlan(what: string, context: ContextArgs, sections: Sections, prefix: string): StackPlan {
  const { environment, project, region, protect, labels = {} } = context;
  try {
    return planStack({ "gcp:project": project, "gcp:region": region, environment, protect, labels, ...sections });
  } catch (error) {
    if (!(error instanceof FindingsError)) throw error;
    throw unusable(
      what,
      error.findings.map((finding) => ({ ...finding, path: argumentPath(finding.path, prefix) })),
    );
  }
}

/** A finding's path as the caller of the component knows it. */
function argumentPath(path: string, prefix: string): string {
  return path.startsWith(`${prefix}.`) ? path.slice(prefix.length + 1) : path.replace(/^gcp:/, "");
}

/** The error that a component throws when its arguments cannot be used. */
export function unusable(what: string, findings: readonly Finding[]): pulumi.InputPropertiesError {
  const error = new pulumi.InputPropertiesError({
    message: refusal(what, findings),
    errors: findings.map(({ path, problem, remedy }) => ({ propertyPath: path, reason: `${problem} ${remedy}` })),
  });
  // Pulumi prints an error's stack where it has one (cmd/run/error.js), and a user's mistake has none of interest.
  error.stack = "";
  return error;
}

/**
 * Protection for what is lost for good when it is deleted. Stated only where it holds,
 * so that elsewhere a resource still inherits what its component was given.
 */
export function protection(protect: boolean): { protect?: true } {
  return protect ? { protect } : {};
}
