import type { Seconds } from "../../domain/duration.ts";
import { OPERATION_TIMEOUT } from "../../domain/heartbeat.ts";
import { atMostSince, type Mark } from "../mark.ts";
import type { Clock, Millis } from "../ports.ts";

/** How long things take, from the two settings that decide them all. */
export interface Timing {
  /** Between two heartbeats. */
  readonly interval: Millis;
  /** How long an owner may act after the start of its last accepted heartbeat. */
  readonly trust: Millis;
  /** How long an observer must have seen a lease unchanged before it takes it over. */
  readonly observe: Millis;
  /**
   * A pause longer than this in what this process does is a gap, and a heartbeat of its own that is older says that it
   * is cut off. Half an interval more than is usual: less is a late timer.
   */
  readonly gap: Millis;
  /** How long one operation of the store may take. */
  readonly operation: Millis;
}

/** What the owner stops earlier than others may count it as dead: for the write that it has just sent. */
const TRUST_MARGIN: Millis = 15_000;

/**
 * How much longer the observer waits than the owner may act: two clocks that each go wrong by 2 % still agree.
 * (T - 15 s) · 1.02 < 1.05 · T · 0.98 for every threshold that is allowed.
 */
const DRIFT = 1.05;

export function timingOf(interval: Seconds, orphanAfter: Seconds): Timing {
  return {
    interval: interval * 1000,
    trust: orphanAfter * 1000 - TRUST_MARGIN,
    observe: orphanAfter * 1000 * DRIFT,
    gap: 1.5 * interval * 1000,
    operation: OPERATION_TIMEOUT * 1000,
  };
}

/** How long an owner may still act that last proved itself at `anchor`. Negative when it may not. */
export function trustLeft(anchor: Mark, { trust }: Timing, clock: Clock): Millis {
  return trust - atMostSince(anchor, clock);
}
