/**
 * Previews one stack, or several side by side: reads its files, runs its program against the monitor, and says what
 * it declares or why it could not.
 */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type Monitor, resourceMonitor } from "./engine/monitor.ts";
import {
  ALREADY_REPORTED,
  type Ending,
  type Launched,
  launch,
  type ProgramOutput,
  tooLongForTheCli,
} from "./host/launcher.ts";
import type { DeclaredStack, Diagnostic } from "./resources.ts";
import { readStack, StackFileError, type StackSettings } from "./stack/stack-files.ts";

/** A real program of thousands of resources takes seconds; whatever takes two minutes waits for something. */
const DEFAULT_TIMEOUT_MS = 120_000;

/** After a refusal the program may still meet, and so name, the next problem; then it is ended. */
const GRACE_AFTER_REFUSAL_MS = 300;

export interface PreviewRequest {
  /** The directory of Pulumi.yaml. */
  readonly projectDir: string;
  readonly stack: string;
  /** Milliseconds for the program to run; 120,000 unless given. */
  readonly timeoutMs?: number;
}

/**
 * Why there is no preview.
 *
 * - `settings`: the stack's files cannot be used
 * - `refused`: the program asked for what a preview cannot give, or declared what the engine would refuse
 * - `threw`: the program ended with an error, or logged one
 * - `crashed`: it ended without saying why
 * - `incomplete`: it ended as if all were well, but before Pulumi was done
 * - `timeout`: it was ended at its time limit
 */
export type FailureReason = "settings" | "refused" | "threw" | "crashed" | "incomplete" | "timeout";

export type PreviewOutcome =
  | {
      readonly ok: true;
      /** What the program was given. */
      readonly settings: StackSettings;
      readonly declared: DeclaredStack;
      readonly output: ProgramOutput;
    }
  | (Failure & { readonly reason: "settings" })
  | (Failure & { readonly reason: Exclude<FailureReason, "settings">; readonly settings: StackSettings });

interface Failure {
  readonly ok: false;
  /** For people: what is wrong, without stacks. */
  readonly messages: readonly string[];
  /** Everything that was logged, with stacks where there are any. */
  readonly diagnostics: readonly Diagnostic[];
  readonly output: ProgramOutput;
}

/**
 * Runs one stack's program and collects what it declares. Needs no cloud, no Pulumi CLI, no passphrase.
 *
 * Resolves in every case that the program or its files can cause; rejects only for a fault of ours.
 */
export async function previewProgram(request: PreviewRequest): Promise<PreviewOutcome> {
  const projectDir = resolve(request.projectDir);
  let settings: StackSettings;
  try {
    settings = await readStack(projectDir, request.stack);
  } catch (error) {
    if (!(error instanceof StackFileError)) throw error;
    const output = { stdout: "", stderr: "" };
    return { ok: false, reason: "settings", messages: error.message.split("\n"), diagnostics: [], output };
  }

  const refused = Promise.withResolvers<number>();
  const monitor = resourceMonitor({
    project: settings.project.name,
    stack: settings.stack,
    config: settings.config,
    projectDir,
    onRefusal: () => refused.resolve(GRACE_AFTER_REFUSAL_MS),
  });
  const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const launched = await launch({
    projectDir,
    settings,
    services: monitor.services,
    timeoutMs,
    endEarly: refused.promise,
  });
  const outcome = judge(settings, monitor, launched, timeoutMs);
  if (!outcome.ok || !tooLongForTheCli(settings.config)) return outcome;
  const diagnostics = [...outcome.declared.diagnostics, TOO_LONG];
  return { ...outcome, declared: { ...outcome.declared, diagnostics } };
}

const TOO_LONG: Diagnostic = {
  severity: "warning",
  message:
    "the stack's configuration is longer than 128 KiB. The Pulumi CLI hands it to the program in one environment " +
    'variable, and on Linux `pulumi up` will end with "argument list too long". Spread the workers over more stacks.',
};

/**
 * Previews several stacks, as many at a time as the machine has cores.
 *
 * @returns one outcome for each request, in the same order
 */
export async function previewPrograms(requests: readonly PreviewRequest[]): Promise<readonly PreviewOutcome[]> {
  const outcomes: PreviewOutcome[] = [];
  const waiting = requests.entries(); // one iterator for all workers: each takes the next
  const work = async (): Promise<void> => {
    for (const [index, request] of waiting) outcomes[index] = await previewProgram(request);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return outcomes;
}

function judge(
  settings: StackSettings,
  monitor: Monitor,
  { ending, output }: Launched,
  timeoutMs: number,
): PreviewOutcome {
  const { diagnostics, refusals } = monitor;
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  const failure = (reason: Exclude<FailureReason, "settings">, messages: readonly string[]): PreviewOutcome => ({
    ok: false,
    reason,
    settings,
    messages,
    diagnostics,
    output,
  });
  // The SDK reports each refusal a second time, in its own words.
  if (refusals.length > 0) return failure("refused", [...new Set(refusals)]);
  if (ending.how === "timed-out") return failure("timeout", [timedOut(timeoutMs), ...errors]);
  if (errors.length > 0) return failure("threw", errors);
  const silent = withoutAnError(ending, output);
  if (silent !== undefined) return failure("crashed", [silent]);
  if (!monitor.complete) return failure("incomplete", [INCOMPLETE]);
  return { ok: true, settings, declared: monitor.declared(), output };
}

const INCOMPLETE =
  "the program ended as if all were well, but before Pulumi had finished: something in it called process.exit(), or " +
  "waits for a promise that nothing settles. `pulumi up` would take the missing resources for deleted ones.";

const timedOut = (timeoutMs: number): string =>
  `the program did not end within ${timeoutMs / 1000} s and was stopped. It waits for something that a preview does not ` +
  "have, or a timer or connection in it stays open.";

/** What to say when nothing was logged and yet the program did not end well. */
function withoutAnError(ending: Ending, { stderr }: ProgramOutput): string | undefined {
  const last = lastLines(stderr);
  switch (ending.how) {
    case "exited":
      if (ending.code === 0) return undefined;
      if (ending.code === ALREADY_REPORTED && last !== "") return last;
      return `the program ended with exit code ${ending.code}${last === "" ? " and said nothing" : `: ${last}`}`;
    case "killed":
      return `the program was ended by ${ending.signal}${last === "" ? "" : `: ${last}`}`;
    case "not-started":
      return ending.problem;
    default:
      return undefined;
  }
}

/** The end of what was written to stderr, without stack frames. */
function lastLines(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !/^\s+at /.test(line));
  return lines.slice(-8).join("\n");
}
