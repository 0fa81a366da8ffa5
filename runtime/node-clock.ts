import { uptime } from "node:os";
import { bootClock } from "./boot-clock.ts";
import type { Clock } from "./ports.ts";

// CLOCK_MONOTONIC itself, not counted from the start of the process: a worker compares `notAfter` with its own.
const monotonic = () => Number(process.hrtime.bigint()) / 1e6;
const wall = () => Date.now();

/** This machine's clocks. */
export const nodeClock: Clock = {
  monotonic,
  // Linux counts it from CLOCK_BOOTTIME, in hundredths of a second.
  boot: bootClock({ monotonic, wall }, () => uptime() * 1000),
  wall,
  after: (delay, call) => {
    const timer = setTimeout(call, delay);
    return () => clearTimeout(timer);
  },
};
