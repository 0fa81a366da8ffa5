import { uptime } from "node:os";
import type { Clock } from "./ports.ts";

/** This machine's clocks. */
export const nodeClock: Clock = {
  // CLOCK_MONOTONIC itself, not counted from the start of the process: a worker compares `notAfter` with its own.
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  // Linux counts it from CLOCK_BOOTTIME, in hundredths of a second.
  boot: () => uptime() * 1000,
  wall: () => Date.now(),
  after: (delay, call) => {
    const timer = setTimeout(call, delay);
    return () => clearTimeout(timer);
  },
};
