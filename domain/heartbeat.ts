import type { Seconds } from "./duration.ts";

/**
 * How long the runtime waits for one operation of its store. Ours: MongoDB's driver has no such limit that holds, and
 * a write to a stopped server took it 18 to 50 seconds to give up (driver 7.9, measured in November 2026).
 */
export const OPERATION_TIMEOUT: Seconds = 8;

/**
 * A live task that Cloud Run pauses to move it, and a database that elects a new primary, are both back by then.
 * Ours, with room: MongoDB elects within 12 seconds, typically, and took 12.6 where it was measured.
 * https://www.mongodb.com/docs/manual/core/replica-set-elections (November 2026)
 */
const PAUSE: Seconds = 30;

/**
 * The shortest silence that may count as death: three missed heartbeats, and never less than one that was late by a
 * whole attempt, its retry and a pause. Any sooner, and healthy workers would lose their campaigns to each other.
 */
export function leastOrphanAfter(interval: Seconds): Seconds {
  return Math.max(3 * interval, interval + 2 * OPERATION_TIMEOUT + PAUSE);
}
