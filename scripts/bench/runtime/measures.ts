/** What is measured of the runtime, and the bars that it is held to. */

export type Unit = "%" | "ms" | "s" | "B" | "KiB" | "MB" | "/s";

/** What a measurement must come to at most, or at least. */
export interface Bar {
  readonly most?: number;
  readonly least?: number;
  /** Which of the repeats is held against it: where one late time is one too many, the worst. */
  readonly of: "median" | "worst";
}

export interface Measure {
  readonly what: string;
  readonly unit: Unit;
  /** Left out where the number is only of interest beside another. */
  readonly bar?: Bar;
}

const least = (limit: number): Bar => ({ least: limit, of: "median" });
const most = (limit: number): Bar => ({ most: limit, of: "median" });
const never = (limit: number): Bar => ({ most: limit, of: "worst" });

/** In the order of the report. */
export const measures = {
  claimAlone: { what: "claim by id and complete, one at a time: rate", unit: "/s" },
  claimAloneRatio: {
    what: "… of the raw driver's, with the same reads and conditional updates",
    unit: "%",
    bar: least(90),
  },
  claimAloneBare: { what: "… of the raw driver's two updates alone, sent without knowing the record", unit: "%" },
  claimWide: { what: "claim by id and complete, 16 in flight: rate", unit: "/s" },
  claimWideRatio: {
    what: "… of the raw driver's, with the same reads and conditional updates",
    unit: "%",
    bar: least(90),
  },
  claimWideBare: { what: "… of the raw driver's two updates alone, sent without knowing the record", unit: "%" },
  nextWide: { what: "claim the next and complete, 16 in flight: rate", unit: "/s" },
  nextWideRatio: {
    what: "… of the raw driver's, with the same reads and conditional updates",
    unit: "%",
    bar: least(90),
  },
  batched: { what: "claims and completions in bulks of 100: rate", unit: "/s" },
  batchedRatio: { what: "… of the raw driver's bulks of the same updates", unit: "%", bar: least(90) },

  beatBulk: { what: "heartbeat of 1,000 campaigns: one bulk", unit: "ms", bar: most(100) },
  beatBytes: { what: "… on the wire, both ways, a campaign", unit: "B", bar: never(400) },
  beatBytesAlone: { what: "heartbeat of a single campaign on the wire, both ways", unit: "B" },

  sweepFew: { what: "sweep over 100,000 campaigns of which 1,000 run", unit: "ms", bar: most(150) },
  sweepFewFirst: { what: "… the first of a process", unit: "ms", bar: most(150) },
  sweepFewHeap: { what: "… what stays in the heap", unit: "MB", bar: never(20) },
  sweepFewPeak: { what: "… what the process grows by at its worst (RSS)", unit: "MB", bar: most(20) },
  sweepFewBlock: { what: "… longest block of the event loop", unit: "ms", bar: most(50) },
  sweepAll: { what: "sweep over 100,000 campaigns, all running", unit: "s", bar: most(2) },
  sweepAllFirst: { what: "… the first of a process", unit: "s", bar: most(2) },
  sweepAllCpu: { what: "… its own CPU time: the rest is waiting for the database, or for a core", unit: "s" },
  sweepAllRaw: { what: "… the raw driver reading the same pages, in the same processes", unit: "s" },
  sweepAllHeap: { what: "… what stays in the heap", unit: "MB" },
  sweepAllPeak: { what: "… what the process grows by at its worst (RSS)", unit: "MB" },
  sweepAllBlock: { what: "… longest block of the event loop", unit: "ms", bar: most(50) },
  startAnew: { what: "… all 100,000 seen anew (after SIGCONT, a new primary)", unit: "ms", bar: most(50) },
  still: { what: "… the 20 that moved least, of 100,000 (each answer of /v1/state)", unit: "ms", bar: most(50) },

  takeover: {
    what: "kill -9 of a container to the takeover (beats of 5 s, orphan after 51 s)",
    unit: "s",
    bar: never(62),
  },
  cleanStop: { what: "campaign given back at SIGTERM to the next owner's claim", unit: "s", bar: never(1) },

  exitIdle: { what: "SIGTERM to exit, with a shift, a worker that ends at once", unit: "ms", bar: most(300) },
  exitDeaf: { what: "SIGTERM to exit, with a shift, a worker that ignores it", unit: "s", bar: never(9.5) },

  startBare: { what: "bare Node, to its first output", unit: "ms" },
  startAlone: {
    what: "runtime without a database: to the worker's first output, beyond bare Node",
    unit: "ms",
    bar: most(120),
  },
  startDatabase: { what: "runtime with a database: the same", unit: "ms", bar: most(120) },
  startShift: { what: "runtime with a database and a shift, which it claims first: the same", unit: "ms" },
  bundle: { what: "agent-runtime.cjs", unit: "KiB", bar: never(950) },

  idleCpu: { what: "CPU of the idle runtime, with a database, of one core", unit: "%", bar: most(0.05) },
  idleRss: { what: "its memory (RSS)", unit: "MB", bar: most(75) },
  loopDelay: {
    what: "event-loop delay that the library adds to a worker (99.9th percentile, a beat a second)",
    unit: "ms",
    bar: most(2),
  },
} as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof measures;

/** All repeats of a measurement, or why there is none. */
export type Measured = readonly number[] | { readonly missing: string };
export type Results = Readonly<Partial<Record<MeasureName, Measured>>>;
