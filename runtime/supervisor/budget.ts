import type { Seconds } from "../../domain/duration.ts";
import type { Millis } from "../ports.ts";

/** What happens when, counted from a SIGTERM, within the time that the host gives before its SIGKILL. */
export interface Budget {
  /** The worker's group is killed. */
  readonly kill: Millis;
  /** The process is gone. */
  readonly exit: Millis;
}

/**
 * After the kill: half a second until the group is seen dead, and what is given back to the database, which must not
 * come earlier. Before the end: half a second for a late timer and for the init process above.
 */
const AFTER_KILL: Millis = 3500;
const BEFORE_END: Millis = 500;

/** Of a short grace period (tests, `docker stop -t 2`) these take no more than their part. */
const MOST_AFTER_KILL = 0.35;
const MOST_BEFORE_END = 0.05;

export function budgetOf(grace: Seconds): Budget {
  const whole = grace * 1000;
  return {
    kill: whole - Math.min(AFTER_KILL, whole * MOST_AFTER_KILL),
    exit: whole - Math.min(BEFORE_END, whole * MOST_BEFORE_END),
  };
}

/** How long a killed group may take to be gone while nothing presses: the system tears down a large process slowly. */
export const CONFIRM_IN_PLACE: Millis = 10_000;
/** And at the end, where it is seconds that count. */
export const CONFIRM_AT_END: Millis = 500;

/** Where no SIGTERM presses: two seconds each for the campaigns and for the rest (`Leases`), and a little. */
export const LEAVING: Millis = 5000;

/** How long one answer of the leases is waited for: what they promise, and a little. */
export const UNANSWERED: Millis = 2500;

/** Where a SIGTERM presses, the first of two answers has this part of what is left: the other one needs some too. */
export const FIRST_PART = 0.7;
