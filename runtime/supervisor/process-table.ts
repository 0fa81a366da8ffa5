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
 * Every process that can be seen, each as it is when it is asked for; nothing where there is no such table (it is
 * Linux's). One that has ended since the list was made is in it as X. The youngest come first: they are the ones that
 * may be gone in a moment.
 *
 * @throws when it cannot be read now, with every file descriptor in use, say: that tells nothing about who lives
 */
export function* processTable(read: ReadFile = fromSystem): Generator<ProcessEntry, undefined> {
  for (const pid of pidsSeen().sort((a, b) => b - a)) {
    const stat = readOf(`/proc/${pid}/stat`, read);
    const entry = stat === "gone" ? goneBy(pid) : stat === "hidden" ? undefined : parseStat(stat.text);
    if (entry !== undefined) yield entry;
  }
}

function goneBy(pid: number): ProcessEntry {
  return { pid, state: "X", parent: -1, group: -1, session: -1 };
}

/**
 * Whether a process began with this variable, `NAME=value`. Not seen of other users' processes.
 *
 * @returns `gone` when nobody can tell: it has ended, or is just becoming another program, or is the system's own
 * @throws as `processTable`
 */
export function beganWith(pid: number, assignment: string, read: ReadFile = fromSystem): boolean | "gone" {
  const environment = readOf(`/proc/${pid}/environ`, read);
  if (environment === "hidden") return false;
  if (environment === "gone" || environment.text === "") return "gone";
  return `\0${environment.text}\0`.includes(`\0${assignment}\0`);
}

function pidsSeen(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** It has ended in between. */
const GONE = ["ENOENT", "ESRCH"];
/** It is another user's, which could not be killed from here either (some systems hide those even from this table). */
const HIDDEN = ["EACCES", "EPERM"];

function readOf(path: string, read: ReadFile): { readonly text: string } | "gone" | "hidden" {
  try {
    return { text: read(path) };
  } catch (error) {
    if (GONE.includes(codeOf(error))) return "gone";
    if (HIDDEN.includes(codeOf(error))) return "hidden";
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
