import { readdirSync, readFileSync } from "node:fs";

/** A line of the system's table of processes. */
export interface ProcessEntry {
  readonly pid: number;
  /** One letter: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** Reads a file of the system. `readFileSync` of node:fs, or a stand-in. */
export type ReadFile = (path: string) => string;

/** Reads `/proc/PID/stat`. The name in brackets is the process's own choice, and may hold brackets and spaces. */
export function parseStat(text: string): ProcessEntry | undefined {
  const [state = "", ...numbers] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [parent = Number.NaN, group = Number.NaN, session = Number.NaN] = numbers.slice(0, 3).map(Number);
  const entry = { pid: Number.parseInt(text, 10), state, parent, group, session };
  return [entry.pid, parent, group, session].every(Number.isInteger) ? entry : undefined;
}

/** Z has ended and waits to be reaped, X is being removed. */
export function lives({ state }: ProcessEntry): boolean {
  return state !== "Z" && state !== "X" && state !== "x";
}

/**
 * Every process that can be seen; undefined where there is no such table (it is Linux's).
 *
 * @throws when it cannot be read now, with every file descriptor in use, say: that tells nothing about who lives
 */
export function processTable(read: ReadFile = fromSystem): readonly ProcessEntry[] | undefined {
  const names = pidsSeen();
  if (names.length === 0) return undefined;
  return names.flatMap((name) => parseStat(readOf(`/proc/${name}/stat`, read) ?? "") ?? []);
}

/**
 * Whether a process began with this variable, `NAME=value`. Not seen of other users' processes.
 *
 * @throws as `processTable`
 */
export function beganWith(pid: number, assignment: string): boolean {
  const environment = readOf(`/proc/${pid}/environ`, fromSystem);
  return environment !== undefined && `\0${environment}\0`.includes(`\0${assignment}\0`);
}

function pidsSeen(): readonly string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/**
 * What says that there is nothing to see: it ended in between (ENOENT, ESRCH), or it is another user's, which could not
 * be killed from here either (some systems hide those even from this table).
 */
const UNSEEN = ["ENOENT", "ESRCH", "EACCES", "EPERM"];

function readOf(path: string, read: ReadFile): string | undefined {
  try {
    return read(path);
  } catch (error) {
    if (UNSEEN.includes(codeOf(error))) return undefined;
    throw error;
  }
}

function fromSystem(path: string): string {
  return readFileSync(path, "utf8");
}

/** The system's name for what went wrong: `ENOENT`. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}
