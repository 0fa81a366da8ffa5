import { parseArgs } from "node:util";
import { distance } from "fastest-levenshtein";
import { type CampaignStatus, campaignStatuses } from "../lease/record.ts";
import { either, shown } from "../settings/form.ts";

/** What a command line asks for. */
export type Invocation =
  | { readonly command: "run"; readonly worker: readonly [string, ...string[]] }
  | { readonly command: "check"; readonly worker: readonly string[] }
  | { readonly command: "campaigns"; readonly statuses: readonly CampaignStatus[]; readonly limit: number }
  | { readonly command: "shifts"; readonly limit: number }
  | { readonly command: "help" }
  | { readonly command: "version" };

/** A command line that means nothing: one line, with what to write instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What somebody may still have to do something about. */
const unfinished = campaignStatuses.filter((status) => status !== "completed" && status !== "failed");

const MOST_ROWS = 10_000;

const helpOption = { help: { type: "boolean", short: "h" } } as const;
const limitOption = { limit: { type: "string", default: "50" } } as const;
const options = {
  check: helpOption,
  campaigns: { ...helpOption, ...limitOption, status: { type: "string", multiple: true } },
  shifts: { ...helpOption, ...limitOption },
} as const;

type Named = keyof typeof options;

/**
 * Reads a command line. Everything after the first `--` is the worker's command, whatever it looks like.
 *
 * @throws UsageError
 */
export function invocation(argv: readonly string[]): Invocation {
  const end = argv.indexOf("--");
  const own = end < 0 ? argv : argv.slice(0, end);
  const worker = end < 0 ? undefined : argv.slice(end + 1);
  const [first, ...rest] = own;
  refuseVariable(first);
  refuseVariable(worker?.[0]);
  if (first === undefined) return running(worker);
  if (first === "help" || first === "--help" || first === "-h") return { command: "help" };
  if (first === "--version" || first === "-V") return { command: "version" };
  if (!isNamed(first)) throw unknownCommand(own, worker);
  return named(first, rest, worker);
}

function running(worker: readonly string[] | undefined): Invocation {
  const [program, ...args] = worker ?? [];
  if (program === undefined || program === "") {
    throw new UsageError("there is no worker to run. Write it after --: agent-runtime -- python worker_main.py");
  }
  return { command: "run", worker: [program, ...args] };
}

/** A shell would read `KEY=… python main.py` as a variable; here it would be a program with a secret in its name. */
function refuseVariable(first: string | undefined): void {
  const [, variable] = /^([A-Za-z_]\w*)=/.exec(first ?? "") ?? [];
  if (variable === undefined) return;
  throw new UsageError(`${variable} is a variable, and no program. Set it in the environment, as the Job does`);
}

function isNamed(word: string): word is Named {
  return Object.hasOwn(options, word);
}

function named(command: Named, args: readonly string[], worker: readonly string[] | undefined): Invocation {
  if (command !== "check" && worker !== undefined) {
    throw new UsageError(`${command} starts nothing. Leave out what follows --`);
  }
  const values = parsed(command, args);
  if (values.help === true) return { command: "help" };
  if (command === "check") return { command, worker: worker ?? [] };
  const limit = limitOf(String(values.limit));
  if (command === "shifts") return { command, limit };
  return { command, limit, statuses: statusesOf(values.status as readonly string[] | undefined) };
}

function parsed(command: Named, args: readonly string[]): Readonly<Record<string, unknown>> {
  try {
    return parseArgs({ args: [...args], options: options[command], strict: true, allowPositionals: false }).values;
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS")) throw error;
    const possible = Object.keys(options[command]).map((option) => `--${option}`);
    throw new UsageError(
      `${command}: ${refusedBy(error as Error & { code: string })}. Possible: ${possible.join(", ")}`,
    );
  }
}

/** In Node's words, as far as they repeat no argument but an option's name. */
function refusedBy({ code, message }: Error & { readonly code: string }): string {
  if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") return "takes no arguments but options";
  const [told = ""] = message.split(/\. |\.?\n/);
  const named = told.replace(/'(-.*)'/s, (_, option: string) => `'${optionName(option)}'`);
  return `${named.charAt(0).toLowerCase()}${named.slice(1)}`;
}

/** Without a value that hangs on it: `--token=…` is --token, `-p…` is -p. */
function optionName(option: string): string {
  return /^(--[a-z][a-z-]*|-[a-z])/i.exec(option)?.[0] ?? "-";
}

function limitOf(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST_ROWS) return limit;
  throw new UsageError(`--limit ${shown(text)} is not a number of rows. Give 1 to ${MOST_ROWS}`);
}

/** `--status queued,running`, also several times; `all` for all. */
function statusesOf(given: readonly string[] | undefined): readonly CampaignStatus[] {
  if (given === undefined) return unfinished;
  const words = given.flatMap((text) => text.split(","));
  if (words.includes("all")) return campaignStatuses;
  const wrong = words.find((word) => !campaignStatuses.some((status) => status === word));
  if (wrong === undefined) return campaignStatuses.filter((status) => words.includes(status));
  throw new UsageError(
    `--status ${shown(wrong, campaignStatuses)} is not a status. Give ${either([...campaignStatuses, "all"])}`,
  );
}

function unknownCommand(own: readonly string[], worker: readonly string[] | undefined): UsageError {
  const [first = ""] = own;
  const words = [...Object.keys(options), "help", "--help", "--version"];
  const [near] = words
    .map((word) => ({ word, off: distance(first, word) }))
    .filter(({ off }) => off <= 2)
    .sort((a, b) => a.off - b.off);
  if (near !== undefined) return new UsageError(`there is no ${JSON.stringify(first)}. Did you mean ${near.word}?`);
  if (first.startsWith("-"))
    return new UsageError(`there is no option ${optionName(first)}. agent-runtime --help lists what there is`);
  if (first.includes("://"))
    return new UsageError(`${shown(first)} is no command of the runtime. agent-runtime --help lists what there is`);
  // Its arguments are not repeated: whoever forgot the -- may have given a secret.
  const [program = "COMMAND"] = worker ?? own;
  return new UsageError(
    `${JSON.stringify(first)} is no command of the runtime. To run a worker: agent-runtime -- ${program} …`,
  );
}
