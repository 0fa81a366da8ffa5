import { readdirSync, readFileSync } from "node:fs";

/** A process that lives, as the system's own table has it. */
export interface Living {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly session: number;
}

/** One look misses who ends while it is taken, and goes on in a child of its own. */
const LOOKS = 3;

/**
 * The processes that began with this `LIFE` and are alive: anything but a zombie. Written beside the production code's own
 * table of processes, and not by its rules: neither groups nor sessions count.
 *
 * @param besides who looks; whoever started it is not counted either
 */
export function livingOf(life: string, besides?: number): readonly Living[] {
  for (let look = 1; look <= LOOKS; look++) {
    const found = entriesOf(life).filter(
      ({ pid, state }) => !"ZXx".includes(state) && (besides === undefined || !isOrIsAbove(pid, besides)),
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** For whoever reads what was alive. */
export function shown(alive: readonly Living[]): string {
  return alive
    .map(({ pid, state, parent, session }) => `${pid} (${state}, below ${parent}, session ${session})`)
    .join(", ");
}

/** The children of a process that has one thread, zombies too. */
export function childrenOf(parent: number): readonly Living[] {
  const children = read(`/proc/${parent}/task/${parent}/children`);
  return (children.match(/\d+/g) ?? []).flatMap((name) => statOf(name) ?? []);
}

/** The number that the youngest process (or thread) of this PID namespace got (`man 5 proc_loadavg`). */
export function youngest(): number {
  return Number(read("/proc/loadavg").trim().split(" ").at(-1));
}

/**
 * For how long a process that has one busy thread wanted a CPU and had none, in milliseconds, since it began: what other
 * processes took from it (`/proc/PID/schedstat`). 0 where the system does not tell.
 */
export function queuedOf(pid: number): number {
  return Number(read(`/proc/${pid}/schedstat`).split(" ")[1] ?? 0) / 1e6;
}

/** What a process is called; of process 0, nothing. */
export function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** Whether the parent of a process is of this life too, and lives. Who looks, and whoever started it, is no parent here. */
export function hasParentIn(life: string, pid: number, besides: number): boolean {
  const parent = statOf(`${statOf(`${pid}`)?.parent}`);
  if (parent === undefined || "ZXx".includes(parent.state) || isOrIsAbove(parent.pid, besides)) return false;
  return beganIn(`${parent.pid}`, life);
}

function isOrIsAbove(pid: number, below: number): boolean {
  return pid === below || pid === statOf(`${below}`)?.parent;
}

function entriesOf(life: string): readonly Living[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => (beganIn(name, life) ? (statOf(name) ?? []) : []));
}

function beganIn(name: string, life: string): boolean {
  return `\0${read(`/proc/${name}/environ`)}`.includes(`\0LIFE=${life}\0`);
}

function statOf(name: string): Living | undefined {
  const text = read(`/proc/${name}/stat`);
  if (text === "") return undefined;
  const [state = "", parent, , session] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { pid: Number(name), state, parent: Number(parent), session: Number(session) };
}

/** Empty for what has ended in between, or is not ours. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
