/**
 * `npm run preview`: what each stack would declare, on a machine with no cloud account and no Pulumi CLI.
 *
 * Exit codes: 0 every stack may be deployed, 1 one cannot be declared or a mandatory policy fails, 2 wrong usage.
 */
import { parseArgs } from "node:util";
import { type Finding, FindingsError, refusal, visible } from "../domain/findings.ts";
import { planStack, type StackPlan } from "../domain/plan.ts";
import { configurationOf, encryptedFindings } from "../domain/settings/configuration.ts";
import type { PackConfiguration } from "../policies/configuration.ts";
import { policyConfiguration } from "./policies.ts";
import { type PreviewOutcome, previewPrograms } from "./program.ts";
import { jsonReport } from "./report/json.ts";
import { type Paper, paint } from "./report/layout.ts";
import { isAllowed, type StackReport, stackReport } from "./report/model.ts";
import { summary, textReport } from "./report/text.ts";
import { visibleLines } from "./report/visible.ts";
import { listStacks, StackFileError } from "./stack/stack-files.ts";

const USAGE = `usage: npm run preview [-- options]

Shows what each stack would declare: resources, office hours, next starts and rounds, cost, remarks, and what the
policies say. Needs no cloud account, no Pulumi CLI and no passphrase, and changes nothing.

  --stack NAME          only this stack; may be given more than once (default: every Pulumi.<stack>.yaml)
  --format text|json    text for people (default), or JSON on standard output alone
  --help                this page

What a stack sets of the policies is in policies/stacks/<stack>.json.

Exit code: 0 every stack may be deployed; 1 one cannot be declared, or a mandatory policy fails or cannot decide;
2 wrong usage.
Colours only on a terminal; NO_COLOR turns them off.`;

const formats = ["text", "json"] as const;

interface Request {
  readonly projectDir: string;
  readonly stacks: readonly string[];
  readonly format: (typeof formats)[number];
}

/** Wrong usage: shown as it is, without a stack. */
class UsageError extends Error {}

async function requested(args: readonly string[]): Promise<Request | "help"> {
  const { values } = parsed(args);
  if (values.help) return "help";
  const format = formats.find((known) => known === values.format);
  if (format === undefined)
    throw new UsageError(`--format ${values.format}: there is no such format; give ${formats.join(" or ")}.`);
  const projectDir = process.cwd();
  const known = await listStacks(projectDir);
  const stacks = values.stack ?? known;
  const unknown = stacks.filter((stack) => !known.includes(stack));
  if (unknown.length > 0) {
    throw new UsageError(
      `--stack ${unknown.join(", ")}: there is no Pulumi.${unknown[0]}.yaml; there is ${known.join(", ") || "no stack at all"}.`,
    );
  }
  return { projectDir, stacks: [...new Set(stacks)], format };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        stack: { type: "string", multiple: true },
        format: { type: "string", default: "text" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A stack's report, or why there is none. */
type Told = { readonly stack: string } & (
  | { readonly report: StackReport }
  | { readonly reason: string; readonly messages: readonly string[] }
);

async function tell({ projectDir, stacks }: Request): Promise<readonly Told[]> {
  const now = Date.now();
  const configurations = await Promise.all(stacks.map((stack) => policyConfiguration(projectDir, stack)));
  const outcomes = await previewPrograms(stacks.map((stack) => ({ projectDir, stack })));
  const told = outcomes.map((outcome, index) =>
    toldOf(stacks[index] as string, outcome, now, configurations[index] as PackConfiguration),
  );
  // Prod last: a terminal shows the end.
  return told.sort((a, b) => Number(isProd(a)) - Number(isProd(b)));
}

function isProd(told: Told): boolean {
  return "report" in told && told.report.environment === "prod";
}

function toldOf(stack: string, outcome: PreviewOutcome, now: number, configuration: PackConfiguration): Told {
  if (!outcome.ok && outcome.reason !== "threw") return { stack, reason: outcome.reason, messages: outcome.messages };
  const { config, secretKeys, project } = outcome.settings;
  const plan = planned(configurationOf(config, project.name), encryptedFindings(secretKeys, project.name));
  if (plan instanceof FindingsError) {
    // What the program said too, but broken for this terminal.
    return { stack, reason: "threw", messages: [refusal(`Pulumi.${stack}.yaml`, plan.findings, paper().width)] };
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
  const sheet = paper();
  const reports = told.flatMap((each) => ("report" in each ? [each.report] : []));
  for (const report of reports) process.stdout.write(`${textReport(report, sheet)}\n\n`);
  if (reports.length > 1) process.stdout.write(`${reports.flatMap((report) => summary(report, sheet)).join("\n")}\n`);
  for (const each of told) if (!("report" in each)) process.stderr.write(`${unavailable(each, sheet)}\n`);
}

function unavailable({ stack, reason, messages }: Exclude<Told, { report: StackReport }>, sheet: Paper): string {
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
  return told.every((each) => "report" in each && isAllowed(each.report)) ? 0 : 1;
}

// A reader that has seen enough (`| head`) closes the pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StackFileError)) throw error;
  process.stderr.write(`${visibleLines(error.message)}\n\n${USAGE}\n`);
  process.exitCode = 2;
}
