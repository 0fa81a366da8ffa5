/**
 * `npm run preview`: what each stack would declare, on a machine with no cloud account and no Pulumi CLI.
 *
 * Exit codes: 0 every stack can be declared, 1 one cannot, 2 wrong usage.
 */
import { parseArgs } from "node:util";
import { type Finding, FindingsError, refusal, visible } from "../domain/findings.ts";
import { planStack, type StackPlan } from "../domain/plan.ts";
import { configurationOf, encryptedFindings } from "../domain/settings/configuration.ts";
import { BaseError } from "./base.ts";
import { type BothSides, previewBothSides } from "./both-sides.ts";
import { type Comparison, compare, notCompared, type Revision, type Side } from "./compare/comparison.ts";
import { type PreviewOutcome, previewPrograms } from "./program.ts";
import { failedComment, githubComment, removedComment } from "./report/github.ts";
import { htmlPage } from "./report/html.ts";
import { jsonReport } from "./report/json.ts";
import { type Paper, paint } from "./report/layout.ts";
import { type StackReport, stackReport } from "./report/model.ts";
import { removedText, summary, textReport } from "./report/text.ts";
import { visibleLines } from "./report/visible.ts";
import { listStacks, StackFileError } from "./stack/stack-files.ts";

const USAGE = `usage: npm run preview [-- options]

Shows what each stack would declare: resources, office hours, next starts and rounds, cost, remarks.
Needs no cloud account, no Pulumi CLI and no passphrase, and changes nothing.

  --stack NAME          only this stack; may be given more than once (default: every Pulumi.<stack>.yaml)
  --base REF            compare with another git revision, such as origin/main: what the working tree changes
  --format FORMAT       text for people (default); json; github: a comment on a pull request for each stack;
                        html: one page with everything. All but text are alone on standard output
  --help                this page

Exit code: 0 every stack can be declared; 1 one cannot; 2 wrong usage.
Colours only on a terminal; NO_COLOR turns them off.`;

const formats = ["text", "json", "github", "html"] as const;

interface Request {
  readonly projectDir: string;
  /** All of them where none is named. */
  readonly stacks: readonly string[] | undefined;
  readonly base: string | undefined;
  readonly format: (typeof formats)[number];
}

/** Wrong usage: shown as it is, without a stack. */
class UsageError extends Error {}

async function requested(args: readonly string[]): Promise<Request | "help"> {
  const { values } = parsed(args);
  if (values.help) return "help";
  const format = formats.find((known) => known === values.format);
  if (format === undefined)
    throw new UsageError(`--format ${values.format}: there is no such format; give text, json, github or html.`);
  const { base, stack: stacks } = values;
  return { projectDir: process.cwd(), stacks, base, format };
}

async function knownStacks({ projectDir, stacks }: Request): Promise<readonly string[]> {
  const known = await listStacks(projectDir);
  const unknown = (stacks ?? []).filter((stack) => !known.includes(stack));
  if (unknown.length > 0) {
    throw new UsageError(
      `--stack ${unknown.join(", ")}: there is no Pulumi.${unknown[0]}.yaml; there is ${known.join(", ") || "no stack at all"}.`,
    );
  }
  return [...new Set(stacks ?? known)];
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        stack: { type: "string", multiple: true },
        base: { type: "string" },
        format: { type: "string", default: "text" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A stack's report, or why there is none; or that the stack itself is gone. */
type Told = { readonly stack: string } & (
  | { readonly report: StackReport }
  | { readonly removed: Comparison }
  | { readonly reason: string; readonly messages: readonly string[] }
);

async function tell(request: Request): Promise<readonly Told[]> {
  const told = request.base === undefined ? await tellAlone(request) : await tellCompared(request, request.base);
  // Prod last: a terminal shows the end.
  return [...told].sort((a, b) => Number(isProd(a)) - Number(isProd(b)));
}

async function tellAlone(request: Request): Promise<readonly Told[]> {
  const now = Date.now();
  const { projectDir } = request;
  const stacks = await knownStacks(request);
  const outcomes = await previewPrograms(stacks.map((stack) => ({ projectDir, stack })));
  return outcomes.map((outcome, index) => toldOf(stacks[index] as string, outcome, now));
}

async function tellCompared({ projectDir, stacks }: Request, base: string): Promise<readonly Told[]> {
  const now = Date.now();
  const onStderr = (message: string): void => void process.stderr.write(`${visibleLines(message)}\n`);
  const { revision, sides } = await previewBothSides(projectDir, base, stacks, onStderr);
  return sides.map((both) => comparedOf(both, revision, now));
}

function comparedOf({ stack, before, after }: BothSides, revision: Revision, now: number): Told {
  if (after === undefined) return { stack, removed: comparisonOf(before, undefined, revision, now) };
  const told = toldOf(stack, after, now);
  if (!("report" in told)) return told;
  return { stack, report: { ...told.report, comparison: comparisonOf(before, after, revision, now) } };
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

function sideOf({ declared, settings: { config, secretKeys, project } }: PreviewOutcome & { ok: true }): Side {
  return {
    declared,
    plan: planned(configurationOf(config, project.name), encryptedFindings(secretKeys, project.name)),
  };
}

function isProd(told: Told): boolean {
  return "report" in told && told.report.environment === "prod";
}

function toldOf(stack: string, outcome: PreviewOutcome, now: number): Told {
  if (!outcome.ok && outcome.reason !== "threw") return { stack, reason: outcome.reason, messages: outcome.messages };
  const { config, secretKeys, project } = outcome.settings;
  const plan = planned(configurationOf(config, project.name), encryptedFindings(secretKeys, project.name));
  if (plan instanceof FindingsError) {
    // What the program said too, but broken for this terminal.
    return { stack, reason: "threw", messages: [refusal(`Pulumi.${stack}.yaml`, plan.findings, paper().width)] };
  }
  if (!outcome.ok) return { stack, reason: outcome.reason, messages: outcome.messages };
  return { stack, report: stackReport(outcome.declared, plan, now) };
}

function planned(configuration: unknown, found: readonly Finding[]): StackPlan | FindingsError {
  try {
    return planStack(configuration, found);
  } catch (error) {
    if (error instanceof FindingsError) return error;
    throw error;
  }
}

function paper(): Paper {
  const columns = process.stdout.columns ?? Number(process.env.COLUMNS || 100);
  return {
    width: Math.min(160, Math.max(60, columns)),
    colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  };
}

function print(told: readonly Told[], format: Request["format"]): void {
  if (format === "json") {
    process.stdout.write(`${jsonReport(told)}\n`);
    return;
  }
  if (format === "github" || format === "html") {
    process.stdout.write(format === "html" ? htmlPage(told) : told.map(commentOn).join("\n"));
    return;
  }
  const sheet = paper();
  const reports = told.flatMap((each) => ("report" in each ? [each.report] : []));
  for (const report of reports) process.stdout.write(`${textReport(report, sheet)}\n\n`);
  for (const each of told) {
    if ("removed" in each) process.stdout.write(`${removedText(each.stack, each.removed, sheet)}\n\n`);
  }
  if (reports.length > 1) process.stdout.write(`${reports.flatMap((report) => summary(report, sheet)).join("\n")}\n`);
  for (const each of told) if ("reason" in each) process.stderr.write(`${unavailable(each, sheet)}\n`);
}

function commentOn(told: Told): string {
  if ("report" in told) return githubComment(told.report);
  return "removed" in told ? removedComment(told.stack, told.removed) : failedComment(told.stack, told.messages);
}

function unavailable({ stack, reason, messages }: Extract<Told, { reason: string }>, sheet: Paper): string {
  const why = reason === "threw" ? "" : ` (${reason})`;
  const head = paint(sheet, ["bold", "red"], `✗ ${visible(stack)}`);
  return `${head}  no preview${why}\n\n${visibleLines(messages.join("\n")).trimEnd()}\n`;
}

async function main(): Promise<number> {
  const request = await requested(process.argv.slice(2));
  if (request === "help") {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const told = await tell(request);
  print(told, request.format);
  return told.some((each) => "reason" in each) ? 1 : 0;
}

// A reader that has seen enough (`| head`) closes the pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof BaseError && !error.usage) {
    process.stderr.write(`${visibleLines(error.message)}\n`);
    process.exitCode = 1;
  } else {
    if (!(error instanceof UsageError || error instanceof StackFileError || error instanceof BaseError)) throw error;
    process.stderr.write(`${visibleLines(error.message)}\n\n${USAGE}\n`);
    process.exitCode = 2;
  }
}
