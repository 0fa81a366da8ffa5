import type { Clock, Millis } from "./ports.ts";

/** A point in time on all three clocks. */
export interface Mark {
  readonly monotonic: Millis;
  readonly boot: Millis;
  readonly wall: Millis;
}

export function mark(clock: Clock): Mark {
  return { monotonic: clock.monotonic(), boot: clock.boot(), wall: clock.wall() };
}

/**
 * How much time may have gone by since: the most that any clock says. A clock that was set forwards costs a campaign
 * its owner, a clock that stood still would cost a patient a second call.
 */
export function atMostSince({ monotonic, boot, wall }: Mark, clock: Clock): Millis {
  return Math.max(clock.monotonic() - monotonic, clock.boot() - boot, clock.wall() - wall);
}
