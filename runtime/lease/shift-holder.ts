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

/** By its owner too: people may set a record back without its lease, and epochs begin anew. */
export function isSame(
  holder: Pick<Holder, "owner" | "epoch"> | undefined,
  other: Pick<Holder, "owner" | "epoch">,
): holder is Holder {
  return holder?.epoch === other.epoch && holder.owner === other.owner;
}

/** What is known of the holder after one more look. */
export function watched(before: Holder | undefined, lease: Lease, now: Millis, interval: Millis): Holder {
  const { owner, epoch, hbSeq, state } = lease;
  // One that runs backwards was read before, or begins anew: nothing is known from it.
  const known = isSame(before, lease) && before.hbSeq <= hbSeq ? before : undefined;
  const drains = state === "draining" || known?.drains === true;
  const leaving = drains || state === "migrating";
  if (known === undefined) {
    return { owner, epoch, hbSeq, since: now, advances: 0, counted: now, drains, leaving };
  }
  if (known.hbSeq === hbSeq) return { ...known, drains, leaving };
  const another = known.advances === 0 || now - known.counted >= interval / 2;
  return {
    ...known,
    hbSeq,
    since: now,
    advances: known.advances + (another ? 1 : 0),
    counted: another ? now : known.counted,
    drains,
    leaving,
  };
}
