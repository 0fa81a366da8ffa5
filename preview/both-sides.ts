/** Runs every stack twice: the program of another revision with its own settings, and that of the working tree. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PackConfiguration } from "../policies/configuration.ts";
import { BaseError, findRevision, withCheckout } from "./base.ts";
import type { Revision } from "./compare/comparison.ts";
import { policyConfiguration } from "./policies.ts";
import { type PreviewOutcome, previewPrograms } from "./program.ts";
import { listStacks, StackFileError } from "./stack/stack-files.ts";

/** A stack's two outcomes; a side that does not have the stack has none. */
export interface BothSides {
  readonly stack: string;
  readonly before: PreviewOutcome | undefined;
  readonly after: PreviewOutcome | undefined;
  /** What the stack set of the rules at the other revision. */
  readonly policiesBefore: PackConfiguration;
}

/**
 * @param stacks those to compare; all that either side has when none are named
 * @param tell hears of what takes long
 * @throws BaseError when there is no such revision, no such stack, or its packages cannot be installed
 */
export async function previewBothSides(
  projectDir: string,
  ref: string,
  stacks: readonly string[] | undefined,
  tell: (message: string) => void,
): Promise<{ readonly revision: Revision; readonly sides: readonly BothSides[] }> {
  const revision = findRevision(projectDir, ref);
  const here = await listStacks(projectDir);
  return withCheckout(projectDir, revision, tell, async ({ projectDir: other }) => {
    const there = await stacksAt(other, here);
    const all = [...new Set([...here, ...there])].sort();
    const missing = stacks?.find((stack) => !all.includes(stack));
    if (missing !== undefined) {
      const known = all.join(", ") || "no stack at all";
      throw new BaseError(
        `--stack ${missing}: neither here nor at ${ref} is a Pulumi.${missing}.yaml; there is ${known}.`,
        true,
      );
    }
    const wanted = [...new Set(stacks ?? all)];
    const requests = [
      ...wanted.filter((stack) => there.includes(stack)).map((stack) => ({ projectDir: other, stack })),
      ...wanted.filter((stack) => here.includes(stack)).map((stack) => ({ projectDir, stack })),
    ];
    const outcomes = (await previewPrograms(requests)).map((outcome) => withoutPath(outcome, other));
    const outcome = (directory: string, stack: string) =>
      outcomes[requests.findIndex((request) => request.projectDir === directory && request.stack === stack)];
    const sides = await Promise.all(
      wanted.map(async (stack) => ({
        stack,
        before: outcome(other, stack),
        after: outcome(projectDir, stack),
        policiesBefore: await policiesAt(other, stack),
      })),
    );
    return { revision, sides };
  });
}

/** Where a checkout stood for a while says nothing to anybody. */
function withoutPath(outcome: PreviewOutcome, directory: string): PreviewOutcome {
  if (outcome.ok) return outcome;
  const short = (message: string) => message.replaceAll(`file://${directory}/`, "").replaceAll(`${directory}/`, "");
  return { ...outcome, messages: outcome.messages.map(short) };
}

/** A file of the revision that cannot be read sets nothing, so that whatever is off now is told as new. */
async function policiesAt(projectDir: string, stack: string): Promise<PackConfiguration> {
  try {
    return await policyConfiguration(projectDir, stack);
  } catch (error) {
    if (error instanceof StackFileError) return new Map();
    throw error;
  }
}

/**
 * A revision from before there was a project has no stacks. Of one whose Pulumi.yaml cannot be read every stack is
 * tried, so that each says why.
 */
async function stacksAt(projectDir: string, otherwise: readonly string[]): Promise<readonly string[]> {
  if (!existsSync(join(projectDir, "Pulumi.yaml"))) return [];
  try {
    return await listStacks(projectDir);
  } catch (error) {
    if (error instanceof StackFileError) return otherwise;
    throw error;
  }
}
