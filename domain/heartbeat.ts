import type { Seconds } from "./duration.ts";

/** How long the runtime waits for one operation of the database. */
export const OPERATION_TIMEOUT: Seconds = 8;

/** A live task that Cloud Run pauses to move it, and a database that elects a new primary, are both back by then. */
const PAUSE: Seconds = 30;

/**
 * The shortest silence that may count as death: three missed heartbeats, and never less than one that was late by a
 * whole attempt, its retry and a pause. Any sooner, and healthy workers would lose their campaigns to each other.
 */
export function leastOrphanAfter(interval: Seconds): Seconds {
  return Math.max(3 * interval, interval + 2 * OPERATION_TIMEOUT + PAUSE);
}
