/** Writes between the others that tell when those were made, whatever the servers' clocks say. */
import { setTimeout as pause } from "node:timers/promises";
import type { Collection } from "mongodb";
import type { Tick } from "./history.ts";

const EVERY_MS = 100;
/** One that takes longer is not waited for. */
const LONGEST_MS = 1_000;
const TRIES = 10;

/** Of CLOCK_MONOTONIC, in seconds, as the workers write it down. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** @param at of `performance.now()`: the same clock, counted from another moment */
export function monotonicAt(at: number): number {
  return monotonic() - (performance.now() - at) / 1000;
}

export interface TickDocument {
  readonly _id: number;
}

export class Ticks {
  readonly sent: Tick[] = [];
  readonly #collection: Collection<TickDocument>;
  #stopped = false;
  #loop: Promise<void> | undefined;

  constructor(collection: Collection<TickDocument>) {
    this.#collection = collection;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      // Without a primary there is no tick; what is written around that is only known less exactly.
      const tick = this.#tick(1).catch(() => {});
      await Promise.race([tick, pause(LONGEST_MS)]);
      await pause(EVERY_MS);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  /** One that a majority has: when it is read, everything before it has been read. @returns its number */
  async mark(): Promise<number> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#tick("majority");
      } catch (error) {
        if (tries === TRIES) throw error;
      }
    }
  }

  async #tick(w: 1 | "majority"): Promise<number> {
    const tick = this.sent.length;
    const sent = monotonic();
    this.sent.push({ sent, answered: undefined });
    await this.#collection.insertOne({ _id: tick }, { writeConcern: { w, wtimeoutMS: 10_000 } });
    this.sent[tick] = { sent, answered: monotonic() };
    return tick;
  }
}
