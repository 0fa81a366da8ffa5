import { formatDuration } from "../../domain/duration.ts";
import { describe, FindingsError, visible } from "../../domain/findings.ts";
import { formatWindow } from "../../domain/hours.ts";
import { exitCode } from "../exit-codes.ts";
import { messageOf } from "../message.ts";
import type { Clock, Millis } from "../ports.ts";
import type { Environment } from "../settings/environment.ts";
import { readSettings } from "../settings/read.ts";
import { told, unknownVariables } from "../settings/unknown.ts";
import type { Settings } from "../settings.ts";
import { type Kind, kinds } from "../store/kinds.ts";
import { type Store, StoreError } from "../store/store.ts";
import { within } from "../waiting.ts";

/** What a check needs of the machine. */
export interface CheckPorts {
  readonly clock: Pick<Clock, "after">;
  /** The file that a command would run, or undefined. */
  executable(command: string): string | undefined;
  open(settings: NonNullable<Settings["database"]>): Promise<Store>;
}

type Mark = "✓" | "✗" | "–" | "!";

interface Line {
  readonly mark: Mark;
  readonly text: string;
}

/** Ours: somebody waits for the answer, and the driver gives up on a server that is not there after five seconds. */
const CHECK_TIMEOUT: Millis = 20_000;

/**
 * No record has this id, be it a text or an ObjectId: a write that expects one changes nothing, and is refused where
 * writes are.
 */
const NOBODY = "000000000000000000000000";

/**
 * Looks at all that a start needs, and starts nothing.
 *
 * @param tell is given each line when it is known
 * @returns the exit code
 */
export async function check(
  env: Environment,
  worker: readonly string[],
  ports: CheckPorts,
  tell: (line: string) => void,
): Promise<number> {
  const say = ({ mark, text }: Line) => tell(`${mark} ${text}`);
  const settings = settingsOf(env, say);
  for (const unknown of unknownVariables(env)) say({ mark: "!", text: told(unknown) });
  const runs = commandRuns(worker, ports, say);
  if (settings === undefined) {
    say({ mark: "–", text: "the database is looked at when the environment is right" });
    return exitCode.settings;
  }
  const stored =
    settings.database === undefined ? noDatabase(say) : await databaseAnswers(settings.database, ports, say);
  if (!runs) return exitCode.settings;
  return stored ? exitCode.ok : exitCode.unavailable;
}

function settingsOf(env: Environment, say: (line: Line) => void): Settings | undefined {
  try {
    const settings = readSettings(env);
    say({ mark: "✓", text: "the environment is right" });
    if (settings.requires.length > 0) say({ mark: "✓", text: `the worker has ${settings.requires.join(", ")}` });
    say(hoursOf(settings));
    return settings;
  } catch (error) {
    if (!(error instanceof FindingsError)) throw error;
    say({ mark: "✗", text: `the environment is wrong:\n${describe(error.findings)}` });
    return undefined;
  }
}

function hoursOf({ calendar, runFor }: Settings): Line {
  if (runFor !== undefined) {
    return { mark: "✓", text: `the worker runs for ${formatDuration(runFor)}, whatever the calendar says` };
  }
  if (calendar === undefined) {
    return { mark: "–", text: "there is no calendar: the worker runs until it ends or is told to" };
  }
  const inOrder = [...calendar.windows].sort((a, b) => (a.days[0] ?? 0) - (b.days[0] ?? 0) || a.open - b.open);
  const hours = inOrder.map(formatWindow).join(", ");
  return { mark: "✓", text: `the clinic is open ${hours} (${calendar.timeZone})` };
}

function commandRuns([program]: readonly string[], ports: CheckPorts, say: (line: Line) => void): boolean {
  if (program === undefined) {
    say({ mark: "–", text: "no command was given: agent-runtime check -- python worker_main.py looks for it" });
    return true;
  }
  const file = ports.executable(program);
  const text =
    file === undefined
      ? `${visible(program)} is not there, or may not be run: install it in the image, or give its whole path`
      : `${visible(program)} is ${visible(file)}`;
  say({ mark: file === undefined ? "✗" : "✓", text });
  return file !== undefined;
}

function noDatabase(say: (line: Line) => void): boolean {
  say({ mark: "–", text: "there is no MONGODB_URI: no leases, and nothing is recovered" });
  return true;
}

async function databaseAnswers(
  settings: NonNullable<Settings["database"]>,
  ports: CheckPorts,
  say: (line: Line) => void,
): Promise<boolean> {
  const timely = async <T>(answer: Promise<T>): Promise<T> => {
    const inTime = await within(
      ports.clock,
      CHECK_TIMEOUT,
      answer.then((value) => ({ value })),
    );
    if (inTime === undefined) throw new Error(`no answer within ${CHECK_TIMEOUT / 1000} s`);
    return inTime.value;
  };
  let store: Store | undefined;
  try {
    store = await timely(ports.open(settings));
    const all = steps(store, settings.names.collections);
    // At the same time: whoever may do nothing is told of everything at once.
    const looks = await Promise.allSettled(all.map(({ look }) => timely(look())));
    const [reason, ...others] = new Set(looks.map(reasonOf));
    if (reason !== undefined && others.length === 0) {
      say({ mark: "✗", text: `the database cannot be used: ${reason}` });
      return false;
    }
    for (const [index, { right, refused }] of all.entries()) {
      const reason = reasonOf(looks[index]);
      say(reason === undefined ? { mark: "✓", text: right } : { mark: "✗", text: `${refused}: ${reason}` });
    }
    return looks.every(({ status }) => status === "fulfilled");
  } catch (error) {
    say({ mark: "✗", text: `the database cannot be used: ${visibly(error)}` });
    return false;
  } finally {
    await store?.close();
  }
}

/** What went wrong, without the operation's name: it differs where the reason is the same. */
function reasonOf(look: PromiseSettledResult<unknown> | undefined): string | undefined {
  if (look?.status !== "rejected") return undefined;
  const { reason } = look;
  return visibly(reason instanceof StoreError ? (reason.cause ?? reason) : reason);
}

/** Line by line: the indexes' own message has a command to paste in each. */
function visibly(error: unknown): string {
  return messageOf(error).split("\n").map(visible).join("\n  ");
}

interface Step {
  readonly right: string;
  readonly refused: string;
  look(): Promise<unknown>;
}

function steps(store: Store, names: Readonly<Record<Kind, string>>): readonly Step[] {
  const { work } = store;
  const called = (kind: Kind) => (names[kind] === kind ? kind : `${kind} (${visible(names[kind])})`);
  return [
    ...kinds.flatMap((kind) => [
      {
        right: `${called(kind)} may be read`,
        refused: `${called(kind)} cannot be read`,
        look: () => work[kind].list({ expect: {}, fields: [], limit: 1 }),
      },
      {
        right: `${called(kind)} may be written`,
        refused: `${called(kind)} cannot be written`,
        look: () => work[kind].update({ id: NOBODY, expect: { "lease.epoch": -1 }, set: { "lease.epoch": -1 } }),
      },
    ]),
    { right: "the indexes are there", refused: "the indexes are not right", look: () => store.prepare() },
  ];
}
