import type { Millis } from "../ports.ts";
import type { Lease } from "./record.ts";
import type { Watched } from "./shift-table.ts";

/** The one who has the shift, as another container watches it, by its own clock. */
export interface Holder {
  readonly owner: string;
  readonly epoch: number;
  readonly hbSeq: number;
  /** Its last heartbeat, by the server's clock, which tells one heartbeat from another and nothing else. */
  readonly hbAt: number | undefined;
  /** When it was first seen so. */
  readonly since: Millis;
  /** When the last look was sent that saw it so: what is seen to have changed has changed since. */
  readonly unchangedAt: Millis;
  /** Heartbeats that came, each at least half an interval after the one before, or after the first look. */
  readonly advances: number;
  /** When the last of them was seen, or the first look answered. */
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

/** One look at the record: when it was sent, and when it was answered. */
export interface Look {
  readonly sent: Millis;
  readonly answered: Millis;
}

/** What is known of the holder after one more look. */
export function watched(before: Holder | undefined, lease: Lease, { sent, answered }: Look, interval: Millis): Holder {
  const { owner, epoch, hbSeq, state } = lease;
  const hbAt = lease.hbAt?.getTime();
  const same = isSame(before, lease) ? before : undefined;
  // One that runs backwards was read before, or begins anew, as does one of the same number and another date: nothing is
  // known from it.
  const isKnown = same !== undefined && (same.hbSeq < hbSeq || (same.hbSeq === hbSeq && same.hbAt === hbAt));
  const known = isKnown ? same : undefined;
  const drains = state === "draining" || known?.drains === true;
  const leaving = drains || state === "migrating";
  const seen = { owner, epoch, hbSeq, hbAt, unchangedAt: sent, drains, leaving };
  if (known === undefined) return { ...seen, since: answered, advances: 0, counted: answered };
  if (known.hbSeq === hbSeq) return { ...known, ...seen };
  // Who could not look for a while does not know that they came apart: a dead one's last two may land together. Nor is
  // what came soon after the first look a heartbeat: a new primary may have shown an older record then.
  const another = known.unchangedAt - known.counted >= interval / 2;
  return {
    ...seen,
    since: answered,
    advances: known.advances + (another ? 1 : 0),
    counted: another ? answered : known.counted,
  };
}
