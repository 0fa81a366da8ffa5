import { readdirSync, readFileSync } from "node:fs";

/** A line of the system's table of processes. */
export interface ProcessEntry {
  readonly pid: number;
  /** One letter: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
  readonly state: string;
  readonly group: number;
  readonly session: number;
}

/** Reads `/proc/PID/stat`. The name in brackets is the process's own choice, and may hold brackets and spaces. */
export function parseStat(text: string): ProcessEntry | undefined {
  const [state = "", , group, session] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const entry = { pid: Number.parseInt(text, 10), state, group: Number(group), session: Number(session) };
  return Number.isInteger(entry.pid) && Number.isInteger(entry.group) && Number.isInteger(entry.session)
    ? entry
    : undefined;
}

/** Z has ended and waits to be reaped, X is being removed. */
export function lives({ state }: ProcessEntry): boolean {
  return state !== "Z" && state !== "X" && state !== "x";
}

/** Every process that can be seen; undefined where there is no such table (it is Linux's). */
export function processTable(): readonly ProcessEntry[] | undefined {
  let names: readonly string[];
  try {
    names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  if (names.length === 0) return undefined;
  return names.flatMap((name) => {
    try {
      return parseStat(readFileSync(`/proc/${name}/stat`, "latin1")) ?? [];
    } catch {
      // It ended in between.
      return [];
    }
  });
}
