/** What a bench of the runtime is given, and how much it is to do. */
import type { MeasureName, Results } from "./measures.ts";

export interface Stage {
  /** A mongod of its own, without a database's name. */
  readonly uri: string;
  /** The runtime's file as it is shipped; the library lies beside it. */
  readonly bundle: string;
  readonly size: Size;
  /** For people who wait. */
  readonly say: (text: string) => void;
}

/** How much is measured. */
export interface Size {
  /** Rounds of each kind of cycle, and cycles of a round. */
  readonly rounds: number;
  readonly cycles: number;
  /** Campaigns of a heartbeat, and heartbeats. */
  readonly held: number;
  readonly beats: number;
  /** Campaigns of a sweep, those that run where few do, processes, and sweeps of each. */
  readonly campaigns: number;
  readonly running: number;
  readonly processes: number;
  readonly sweeps: number;
  /** Takeovers, all at once; without `crash` only those after a clean stop. */
  readonly takeovers: number;
  readonly crash: boolean;
  readonly exits: number;
  readonly deaf: number;
  readonly starts: number;
  /** How long an idle runtime is looked at, in seconds, and each of the pairs of workers with and without the library. */
  readonly idle: number;
  /** Before that, until the start is over: the first sweep comes within 5 s. */
  readonly settle: number;
  readonly loop: number;
  readonly pairs: number;
}

export const full: Size = {
  rounds: 30,
  cycles: 120,
  held: 1_000,
  beats: 15,
  campaigns: 100_000,
  running: 1_000,
  processes: 2,
  sweeps: 4,
  takeovers: 5,
  crash: true,
  exits: 15,
  deaf: 3,
  starts: 15,
  idle: 120,
  settle: 10,
  loop: 10,
  pairs: 5,
};

export const tiny: Size = {
  rounds: 1,
  cycles: 20,
  held: 20,
  beats: 1,
  campaigns: 700,
  running: 20,
  processes: 1,
  sweeps: 1,
  takeovers: 1,
  crash: false,
  exits: 1,
  deaf: 0,
  starts: 1,
  idle: 1,
  settle: 1,
  loop: 1,
  pairs: 1,
};

export interface Bench {
  /** What it measures: all of these are said to be missing where it cannot run. */
  readonly measures: readonly MeasureName[];
  run(stage: Stage): Promise<Results>;
}
