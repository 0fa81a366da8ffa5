/** What there is to tell of each stack, whatever the form: its report, compared or not; or why there is none. */
import { type Finding, FindingsError, refusal } from "../domain/findings.ts";
import { planStack, type StackPlan } from "../domain/plan.ts";
import { configurationOf, encryptedFindings } from "../domain/settings/configuration.ts";
import type { Environment } from "../domain/settings/settings.ts";
import type { PackConfiguration } from "../policies/configuration.ts";
import { type BothSides, previewBothSides } from "./both-sides.ts";
import { type Comparison, compare, notCompared, type Revision, type Side } from "./compare/comparison.ts";
import { policyConfiguration } from "./policies.ts";
import { policyDangers } from "./policy-deviations.ts";
import { type PreviewOutcome, previewPrograms } from "./program.ts";
import { type StackReport, stackReport } from "./report/model.ts";
import { listStacks, StackFileError } from "./stack/stack-files.ts";

/** A stack's report, or why there is none; or that the stack itself is gone. */
export type Told = { readonly stack: string } & (
  | { readonly report: StackReport }
  | { readonly removed: Comparison }
  | { readonly reason: string; readonly messages: readonly string[] }
);

export interface Question {
  readonly projectDir: string;
  /** All of them where none is named. */
  readonly stacks: readonly string[] | undefined;
  /** The revision to compare with. */
  readonly base: string | undefined;
}

/** How it is told. */
export interface Telling {
  /** What "next" means. */
  readonly now: number;
  /** Columns of what is told as text alone. */
  readonly width: number;
  /** Hears of what takes long. */
  readonly progress: (message: string) => void;
}

/** A stack was asked for that there is not. */
export class UnknownStack extends Error {}

/**
 * Runs the programs of the stacks, and of another revision where one is given. Prod comes last: a terminal shows the end.
 *
 * @throws UnknownStack, BaseError, StackFileError: each says what to do
 */
export async function tell(question: Question, telling: Telling): Promise<readonly Told[]> {
  const told =
    question.base === undefined
      ? await tellAlone(question, telling)
      : await tellCompared(question, question.base, telling);
  return [...told].sort((a, b) => Number(isProd(a)) - Number(isProd(b)));
}

function isProd(told: Told): boolean {
  return "report" in told && told.report.environment === "prod";
}

async function tellAlone(question: Question, telling: Telling): Promise<readonly Told[]> {
  const { projectDir } = question;
  const stacks = await knownStacks(question);
  const configurations = await policyConfigurations(projectDir, stacks);
  const outcomes = await previewPrograms(stacks.map((stack) => ({ projectDir, stack })));
  return stacks.map((stack, index) =>
    toldOf(stack, outcomes[index] as PreviewOutcome, configurations.get(stack), telling),
  );
}

async function knownStacks({ projectDir, stacks }: Question): Promise<readonly string[]> {
  const known = await listStacks(projectDir);
  const unknown = (stacks ?? []).filter((stack) => !known.includes(stack));
  if (unknown.length > 0) {
    throw new UnknownStack(
      `--stack ${unknown.join(", ")}: there is no Pulumi.${unknown[0]}.yaml; there is ${known.join(", ") || "no stack at all"}.`,
    );
  }
  return [...new Set(stacks ?? known)];
}

/** What each stack sets of the policies, or why that cannot be read: one stack's mistake hides no other stack. */
async function policyConfigurations(
  projectDir: string,
  stacks: readonly string[],
): Promise<ReadonlyMap<string, PackConfiguration | StackFileError>> {
  const each = stacks.map(async (stack) => [stack, await policiesOf(projectDir, stack)] as const);
  return new Map(await Promise.all(each));
}

async function policiesOf(projectDir: string, stack: string): Promise<PackConfiguration | StackFileError> {
  try {
    return await policyConfiguration(projectDir, stack);
  } catch (error) {
    if (error instanceof StackFileError) return error;
    throw error;
  }
}

async function tellCompared(
  { projectDir, stacks }: Question,
  base: string,
  telling: Telling,
): Promise<readonly Told[]> {
  const { revision, sides } = await previewBothSides(projectDir, base, stacks, telling.progress);
  const configurations = await policyConfigurations(
    projectDir,
    sides.map(({ stack }) => stack),
  );
  return sides.map((both) => comparedOf(both, revision, configurations.get(both.stack), telling));
}

function comparedOf(
  { stack, before, after, policiesBefore }: BothSides,
  revision: Revision,
  configuration: PackConfiguration | StackFileError = new Map(),
  telling: Telling,
): Told {
  const { now } = telling;
  if (after === undefined) return { stack, removed: comparisonOf(before, undefined, revision, now) };
  const told = toldOf(stack, after, configuration, telling);
  if (!("report" in told) || configuration instanceof StackFileError) return told;
  const { environment } = told.report;
  const dangers = policyDangers(
    { configuration: policiesBefore, environment: environmentOf(before) ?? environment },
    { configuration, environment },
  );
  const comparison = comparisonOf(before, after, revision, now);
  return {
    stack,
    report: { ...told.report, comparison: { ...comparison, dangers: [...dangers, ...comparison.dangers] } },
  };
}

function comparisonOf(
  before: PreviewOutcome | undefined,
  after: PreviewOutcome | undefined,
  revision: Revision,
  now: number,
): Comparison {
  if (before?.ok === false) return notCompared(revision, before.messages);
  return compare(revision, before && sideOf(before), after?.ok === true ? sideOf(after) : undefined, now);
}

/** @returns undefined where its settings mean nothing to this version */
function environmentOf(outcome: PreviewOutcome | undefined): Environment | undefined {
  if (outcome?.ok !== true) return undefined;
  const { plan } = sideOf(outcome);
  return plan instanceof FindingsError ? undefined : plan.context.environment;
}

function sideOf({ declared, settings: { config, secretKeys, project } }: PreviewOutcome & { ok: true }): Side {
  return {
    declared,
    plan: planned(configurationOf(config, project.name), encryptedFindings(secretKeys, project.name)),
  };
}

function toldOf(
  stack: string,
  outcome: PreviewOutcome,
  configuration: PackConfiguration | StackFileError = new Map(),
  { now, width }: Telling,
): Told {
  if (configuration instanceof StackFileError) {
    return { stack, reason: "settings", messages: configuration.message.split("\n") };
  }
  if (!outcome.ok && outcome.reason !== "threw") return { stack, reason: outcome.reason, messages: outcome.messages };
  const { config, secretKeys, project } = outcome.settings;
  const plan = planned(configurationOf(config, project.name), encryptedFindings(secretKeys, project.name));
  if (plan instanceof FindingsError) {
    // What the program said too, but broken for this terminal.
    return { stack, reason: "threw", messages: [refusal(`Pulumi.${stack}.yaml`, plan.findings, width)] };
  }
  if (!outcome.ok) return { stack, reason: outcome.reason, messages: outcome.messages };
  return { stack, report: stackReport(outcome.declared, plan, now, configuration) };
}

function planned(configuration: unknown, found: readonly Finding[]): StackPlan | FindingsError {
  try {
    return planStack(configuration, found);
  } catch (error) {
    if (error instanceof FindingsError) return error;
    throw error;
  }
}
