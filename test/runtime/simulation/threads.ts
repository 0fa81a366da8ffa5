import { Worker } from "node:worker_threads";
import type { Mutant } from "../../../scripts/mutant.ts";
import type { Counts } from "./coverage.ts";

/** What a thread is asked to play. */
export interface Asked {
  readonly from: number;
  readonly to: number;
  /** Whether to stop at the first violation. */
  readonly untilFirst: boolean;
}

/** The story of one world is asked for. */
export interface Told {
  readonly tell: number;
}

export interface ShortStory {
  readonly violations: readonly string[];
  readonly lines: readonly string[];
  /** How many faults are left in it, and how many there were. */
  readonly faults: number;
  readonly whole: number;
}

export interface Failure {
  readonly seed: number;
  readonly violation: string;
}

export interface Played {
  readonly worlds: number;
  readonly failures: readonly Failure[];
  readonly counts: Counts;
  readonly effects: number;
  readonly takeovers: number;
}

export interface Order {
  readonly from: number;
  readonly seeds: number;
  readonly threads: number;
  readonly mutant?: Mutant | undefined;
  readonly untilFirst?: boolean;
  /** Called with each part that is done: all that was played so far. */
  readonly progress?: (played: Played) => void;
}

const threadFile = new URL("./thread.ts", import.meta.url);

/** So many seeds at once: often enough for a bar that moves, and seldom enough to cost nothing. */
const PART = 50;

/** What a world leaves behind is collected with it, and seldom: a fifth more worlds a second (Node 24.18, November 2026). */
const YOUNG = { maxYoungGenerationSizeMb: 192 } as const;

/** Plays seeds on several threads. Which thread plays which changes nothing: a world depends on its seed alone. */
export async function playAll({ from, seeds, threads, mutant, untilFirst = false, progress }: Order): Promise<Played> {
  let next = from;
  let sum: Played = { worlds: 0, failures: [], counts: {}, effects: 0, takeovers: 0 };
  const end = from + seeds;
  const part = (): Asked | undefined => {
    if (next >= end || (untilFirst && sum.failures.length > 0)) return undefined;
    const asked = { from: next, to: Math.min(next + PART, end) - 1, untilFirst };
    next = asked.to + 1;
    return asked;
  };
  const workers: Worker[] = [];
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const thread = new Worker(threadFile, { workerData: { mutant }, resourceLimits: YOUNG });
      workers.push(thread);
      const ask = () => {
        const asked = part();
        if (asked === undefined) resolve();
        else thread.postMessage(asked);
      };
      thread.on("message", (played: Played) => {
        sum = added(sum, played);
        progress?.(sum);
        ask();
      });
      thread.once("error", reject);
      ask();
    });
  try {
    await Promise.all(Array.from({ length: Math.min(threads, Math.ceil(seeds / PART)) }, one));
  } finally {
    await Promise.all(workers.map((thread) => thread.terminate()));
  }
  return { ...sum, failures: [...sum.failures].sort((a, b) => a.seed - b.seed) };
}

/** The story of one world: of one that fails, the shortest that was found. */
export function tellStory(seed: number, mutant?: Mutant): Promise<ShortStory> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(threadFile, { workerData: { mutant } });
    thread.once("message", (story: ShortStory) => void thread.terminate().then(() => resolve(story)));
    thread.once("error", reject);
    thread.postMessage({ tell: seed } satisfies Told);
  });
}

function added(a: Played, b: Played): Played {
  const counts = { ...a.counts };
  for (const [what, count] of Object.entries(b.counts)) counts[what] = (counts[what] ?? 0) + count;
  return {
    worlds: a.worlds + b.worlds,
    failures: [...a.failures, ...b.failures],
    counts,
    effects: a.effects + b.effects,
    takeovers: a.takeovers + b.takeovers,
  };
}
