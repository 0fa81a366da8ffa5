/**
 * `npm run preview`: what each stack would declare, on a machine with no cloud account and no Pulumi CLI.
 *
 * Exit codes: 0 every stack may be deployed, 1 one may not, 2 wrong usage.
 */
import { parseArgs } from "node:util";
import { visible } from "../domain/findings.ts";
import { BaseError } from "./base.ts";
import { failedComment, githubComment, removedComment } from "./report/github.ts";
import { htmlPage } from "./report/html.ts";
import { jsonReport } from "./report/json.ts";
import { type Paper, paint } from "./report/layout.ts";
import { isAllowed } from "./report/model.ts";
import { removedText, summary, textReport } from "./report/text.ts";
import { visibleLines } from "./report/visible.ts";
import { StackFileError } from "./stack/stack-files.ts";
import { type Question, type Told, tell, UnknownStack } from "./told.ts";

const USAGE = `usage: npm run preview [-- options]

Shows what each stack would declare: resources, office hours, next starts and rounds, cost, remarks, and what the
policies say. Needs no cloud account, no Pulumi CLI and no passphrase, and changes nothing.

  --stack NAME          only this stack; may be given more than once (default: every Pulumi.<stack>.yaml)
  --base REF            compare with another git revision, such as origin/main: what the working tree changes
  --format FORMAT       text for people (default); json; github: a comment on a pull request for each stack;
                        html: one page with everything. All but text are alone on standard output
  --help                this page

What a stack sets of the policies is in policies/stacks/<stack>.json.

Exit code: 0 every stack may be deployed; 1 one cannot be declared, or a mandatory policy fails or cannot decide;
2 wrong usage.
Colours only on a terminal; NO_COLOR turns them off.`;

const formats = ["text", "json", "github", "html"] as const;

interface Request extends Question {
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

/** Nothing stands in the way of what is told: also not where the stack itself is gone. */
function isFine(told: Told): boolean {
  return "report" in told ? isAllowed(told.report) : "removed" in told;
}

async function main(): Promise<void> {
  const request = await requested(process.argv.slice(2));
  if (request === "help") {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const progress = (message: string): void => void process.stderr.write(`${visibleLines(message)}\n`);
  const told = await tell(request, { now: Date.now(), width: paper().width, progress });
  // Before anything is printed: a reader that goes away does not make good what is not.
  process.exitCode = told.every(isFine) ? 0 : 1;
  print(told, request.format);
}

function isUsage(error: unknown): error is Error {
  return [UsageError, UnknownStack, StackFileError, BaseError].some((kind) => error instanceof kind);
}

// A reader that has seen enough (`| head`) closes the pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await main();
} catch (error) {
  if (error instanceof BaseError && !error.usage) {
    process.stderr.write(`${visibleLines(error.message)}\n`);
    process.exitCode = 1;
  } else {
    if (!isUsage(error)) throw error;
    process.stderr.write(`${visibleLines(error.message)}\n\n${USAGE}\n`);
    process.exitCode = 2;
  }
}
