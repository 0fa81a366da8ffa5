import { uptime } from "node:os";
import type { Clock, Millis } from "./ports.ts";

/** CLOCK_BOOTTIME, as of the event that is handled: Node reads it from a file, and it is asked for a dozen times in a row. */
let looked: Millis | undefined;

/** This machine's clocks. */
export const nodeClock: Clock = {
  // CLOCK_MONOTONIC itself, not counted from the start of the process: a worker compares `notAfter` with its own.
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  // Linux counts it from CLOCK_BOOTTIME, in hundredths of a second.
  boot: () => {
    if (looked === undefined) {
      looked = uptime() * 1000;
      process.nextTick(() => {
        looked = undefined;
      });
    }
    return looked;
  },
  wall: () => Date.now(),
  after: (delay, call) => {
    const timer = setTimeout(call, delay);
    return () => clearTimeout(timer);
  },
};
