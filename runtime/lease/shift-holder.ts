import type { Millis } from "../ports.ts";
import type { Lease } from "./record.ts";
import type { Watched } from "./shift-table.ts";

/** The one who has the shift, as another container watches it, by its own clock. */
export interface Holder {
  readonly owner: string;
  readonly epoch: number;
  readonly hbSeq: number;
  /** When it was first seen so. */
  readonly since: Millis;
  /** Heartbeats that were seen to come, each at least half an interval after the one before. */
  readonly advances: number;
  /** When the last of them was counted. */
  readonly counted: Millis;
  /** Whether it was seen, once in its epoch, to drain: a heartbeat that was sent before may land after. */
  readonly drains: boolean;
  /** Whether it drains, or is being moved at the moment: from a move it comes back. */
  readonly leaving: boolean;
}

/** Before anything was seen. */
export const nobody: Watched = { advances: 0, unmovedFor: 0, leaving: false };

/** What is known of the holder after one more look. */
export function watched(before: Holder | undefined, lease: Lease, now: Millis, interval: Millis): Holder {
  const { owner, epoch, hbSeq, state } = lease;
  const drains = state === "draining" || (before?.epoch === epoch && before.drains);
  const leaving = drains || state === "migrating";
  if (before === undefined || before.epoch !== epoch) {
    return { owner, epoch, hbSeq, since: now, advances: 0, counted: now, drains, leaving };
  }
  if (before.hbSeq === hbSeq) return { ...before, drains, leaving };
  const another = before.advances === 0 || now - before.counted >= interval / 2;
  return {
    ...before,
    hbSeq,
    since: now,
    advances: before.advances + (another ? 1 : 0),
    counted: another ? now : before.counted,
    drains,
    leaving,
  };
}
