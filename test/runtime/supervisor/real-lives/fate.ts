import type { Settings } from "../../../../runtime/settings.ts";
import { seeded } from "../../../support/seeded.ts";
import { plain } from "../stand-ins.ts";

/** When, in milliseconds. `worker.py` reads what is written here. */
type Millis = number;

/** A process of a call, which the worker starts. */
export interface Job {
  /** Where it goes: a group of its own as a shell with job control makes it, a session as a browser or a daemon does. */
  readonly where: "with the worker" | "group" | "session";
  /** Whether its parent ends at once, and leaves it to whoever reaps here. */
  readonly orphan: boolean;
  /** So often it forks, goes on in its child, and ends itself. */
  readonly hops: number;
  readonly every: Millis;
  /** How long after a SIGTERM it ends; null for one that ignores it, as LiveKit's job processes do. */
  readonly onTerm: Millis | null;
  readonly code: number;
  readonly ends: End | null;
}

/** An end that nobody asked for. */
export interface End {
  readonly at: Millis;
  /** An exit code, or the signal of a crash. */
  readonly how: number | "SIGKILL" | "SIGABRT";
}

export interface WorkerFate extends Pick<Job, "onTerm" | "code" | "ends"> {
  readonly jobs: readonly Job[];
  /** Processes that it starts in a row, so long after its start or its SIGTERM. */
  readonly forks?: {
    readonly after: "start" | "term";
    readonly at: Millis;
    readonly every: Millis;
    readonly count: number;
    readonly job: Job;
  };
}

export interface SignalFate {
  readonly at: Millis;
  readonly name: "SIGTERM" | "SIGINT" | "SIGTSTP" | "SIGCONT" | "SIGSTOP" | "SIGKILL";
  readonly to: "runtime" | "worker";
}

/** Everything that chance decides of a life, but for what the machine's own scheduler adds. */
export interface Fate {
  readonly seed: number;
  readonly settings: Partial<Settings>;
  /** How many shells that do not exec stand in front of the worker. */
  readonly shells: 0 | 1 | 2;
  /** Whether tini is above. */
  readonly tini: boolean;
  readonly worker: WorkerFate;
  /** What the times of the signals are counted from. */
  readonly from: "the runtime's first line" | "the worker's first word";
  readonly signals: readonly SignalFate[];
}

export const GRACE = 1;

const always: Settings["calendar"] = {
  timeZone: "UTC",
  windows: [{ name: "always", days: [1, 2, 3, 4, 5, 6, 7], open: 0, close: 1440 }],
  holidays: [],
  lead: 0,
  drain: 0,
};

export function fateOf(seed: number): Fate {
  const { fraction } = seeded(seed);
  const chance = (probability: number) => fraction() < probability;
  const between = (least: number, most: number) => Math.round(least + (most - least) * fraction());
  const one = <T>(...of: readonly [T, ...T[]]): T => of[Math.floor(fraction() * of.length)] ?? of[0];

  const job = (): Job => ({
    where: one("with the worker", "with the worker", "group", "session"),
    orphan: chance(0.3),
    hops: chance(0.15) ? between(20, 200) : 0,
    every: between(2, 12),
    onTerm: chance(0.6) ? null : between(0, 500),
    code: 0,
    ends: chance(0.3) ? { at: between(50, 1500), how: one<End["how"]>(0, "SIGKILL") } : null,
  });
  const own = (at: Millis): End => ({ at, how: one<End["how"]>(0, 3, 7, "SIGKILL", "SIGABRT") });

  const shift = chance(0.4);
  const runs = chance(0.15);
  const again = shift && !runs && chance(0.2);
  const early = chance(0.2);
  const settings: Partial<Settings> = {
    grace: GRACE,
    capacity: 2,
    restarts: again ? 1 : between(0, 1),
    calendar: shift ? always : undefined,
    runFor: runs ? between(300, 2500) / 1000 : undefined,
  };
  const dies = again ? own(between(0, 300)) : chance(0.35) ? own(between(0, 1200)) : null;
  const worker: WorkerFate = {
    onTerm: chance(0.45) ? null : between(0, 900),
    code: one(0, 0, 5),
    ends: dies,
    jobs: Array.from({ length: chance(0.6) ? between(1, 3) : 0 }, job),
    ...(chance(0.3) && {
      forks: {
        after: one("start", "term"),
        at: between(0, 700),
        every: between(1, 15),
        count: between(3, 40),
        job: { ...job(), ends: null, onTerm: null },
      },
    }),
  };

  const signals: SignalFate[] = [];
  // Late enough, at times, for a worker to die and be started again.
  const at = again ? between(1300, 3500) : between(0, early ? 120 : 1000);
  const runtime = (name: SignalFate["name"], at: Millis) => signals.push({ at, name, to: "runtime" });
  const killed = chance(0.15);
  if (killed) signals.push({ at: between(0, 1200), name: "SIGKILL", to: "worker" });
  // A life has an end: what would go on for ever is told to leave.
  if (chance(0.85) || !(runs || (!shift && (dies !== null || (killed && !early)))))
    runtime(chance(0.9) ? "SIGTERM" : "SIGINT", at);
  if (signals.some(({ name }) => name === "SIGTERM") && chance(0.25)) runtime("SIGTERM", at + between(0, 800));
  if (chance(0.2)) {
    const moved = between(0, at + 600);
    runtime("SIGTSTP", moved);
    runtime("SIGCONT", moved + between(0, 400));
  }
  if (chance(0.2)) {
    const frozen = between(0, at + 700);
    runtime("SIGSTOP", frozen);
    runtime("SIGCONT", frozen + between(1, 400));
  }
  return {
    seed,
    settings: { ...settings, job: shift ? plain.job : undefined },
    shells: chance(0.3) ? one(1, 1, 2) : 0,
    tini: chance(0.3),
    worker,
    from: early ? "the runtime's first line" : "the worker's first word",
    signals: signals.sort((a, b) => a.at - b.at),
  };
}
