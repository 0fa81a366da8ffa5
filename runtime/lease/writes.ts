import type { Instant } from "../../domain/zone.ts";
import type { Expectation, Plain, Write } from "../store/store.ts";
import type { Ending, Outcome } from "./campaigns.ts";
import type { Campaign, CampaignStatus, Lease, LeaseState, RecoveryEntry } from "./record.ts";

/** Whose write it is. */
export interface Ownership {
  readonly id: string;
  readonly claimId: string;
  readonly epoch: number;
}

/** What every write of an owner expects. Whoever takes over raises the epoch, and no write of before fits any more. */
function owned({ claimId, epoch }: Ownership): Expectation {
  return { status: "running", "lease.epoch": epoch, "lease.claimId": claimId };
}

/** A number that is not there counts as 0. */
function counted(value: number): Plain {
  return value === 0 ? [null, 0] : value;
}

function ownedBy(owner: string, { claimId, epoch }: Ownership) {
  return {
    status: "running",
    "lease.owner": owner,
    "lease.claimId": claimId,
    // Absolute, not incremented: the same claim sent twice is one claim.
    "lease.epoch": epoch,
    "lease.hbSeq": 0,
    "lease.state": "held",
  } as const;
}

/** A record as it was seen, and of a campaign where it stood. */
interface Seen {
  readonly lease: Lease;
  readonly resume?: Pick<Campaign["resume"], "cursor">;
}

/** Where a campaign goes on. An epoch does not tell: people set records back without their lease, and it begins anew. */
function from({ resume }: Seen): Expectation {
  return resume === undefined ? {} : { "resume.cursor": counted(resume.cursor) };
}

/** Takes a record that nobody has. */
export function claimFree(seen: Seen & { readonly status: string }, owner: string, next: Ownership): Write {
  return {
    id: next.id,
    expect: { status: seen.status, "lease.epoch": counted(seen.lease.epoch), ...from(seen) },
    set: ownedBy(owner, next),
    now: ["lease.hbAt", "lease.acqAt"],
  };
}

/** What an orphan still is if its owner has not moved since it was seen: a heartbeat in between changes it. */
function unmoved({ claimId, epoch, hbSeq }: Lease): Expectation {
  return { status: "running", "lease.epoch": epoch, "lease.claimId": claimId, "lease.hbSeq": counted(hbSeq) };
}

/** Takes a record from an owner that has not moved. Decided by observation: no time is compared here. */
export function takeOver(seen: Seen, owner: string, next: Ownership, recovery?: RecoveryNote): Write {
  return {
    id: next.id,
    expect: { ...unmoved(seen.lease), ...from(seen) },
    set: { ...ownedBy(owner, next), ...recoveryFields(recovery) },
    now: ["lease.hbAt", "lease.acqAt", ...(recovery === undefined ? [] : ["recovery.lastAt"])],
  };
}

export function beat(of: Ownership, state: LeaseState): Write {
  return { ...touch(of), set: { "lease.state": state } };
}

/**
 * Fits whoever owns the record, and says nothing but that it lives. What is read may be older than what was written (a new
 * primary shows what it knows a majority to have, and learns that a moment late): whose a record is, a write tells.
 */
export function touch(of: Ownership): Write {
  return { id: of.id, expect: owned(of), increment: ["lease.hbSeq"], now: ["lease.hbAt"] };
}

/**
 * Records an effect before it happens.
 *
 * @param replaces the attempt that stands there though it was resolved: a write of it landed late
 */
export function begin(
  of: Ownership,
  cursor: number,
  {
    attemptId,
    effect,
    at,
    replaces,
  }: { attemptId: string; effect: string; at: Instant; replaces?: string | undefined },
): Write {
  return {
    id: of.id,
    expect: {
      ...owned(of),
      "resume.cursor": counted(cursor),
      ...(replaces === undefined ? { "resume.dialing": null } : { "resume.dialing.attemptId": replaces }),
    },
    set: {
      "resume.dialing": { cursor, epoch: of.epoch, claimId: of.claimId, attemptId, effect, at: new Date(at) },
    },
  };
}

/**
 * Closes a step, or takes back the effect of one.
 *
 * @param attemptId whose effect it was. Taken back by name, since a write that lands late must not take back the next one.
 */
export function step(of: Ownership, cursor: number, outcome: Outcome, attemptId: string | undefined): Write {
  const here = { ...owned(of), "resume.cursor": counted(cursor) };
  if (outcome === "absent") {
    return {
      id: of.id,
      expect: { ...here, "resume.dialing.attemptId": attemptId ?? null },
      unset: ["resume.dialing"],
    };
  }
  return {
    id: of.id,
    expect: here,
    set: {
      "resume.cursor": cursor + 1,
      "resume.cursorEpoch": of.epoch,
      // For people, who have to find out what nobody knows.
      ...(outcome === "unknown" && { [`resume.unresolved.${cursor}`]: attemptId ?? "" }),
    },
    unset: ["resume.dialing"],
  };
}

const statusAfter: Readonly<Record<Ending, CampaignStatus>> = {
  complete: "completed",
  fail: "failed",
  release: "interrupted",
};

/** The owner's own end, with no effect open. */
export function end(of: Ownership, ending: Ending, reason: string): Write {
  return {
    id: of.id,
    expect: { ...owned(of), "resume.dialing": null },
    set: { status: statusAfter[ending], "lease.state": "free", "lease.endReason": reason },
  };
}

/** Gives a campaign back whose worker is dead. An open effect stays open: the next owner hears of it. */
export function giveBack(
  of: Ownership,
  reason: string,
  status: "interrupted" | "queued",
  recovery?: RecoveryNote,
): Write {
  return {
    id: of.id,
    expect: owned(of),
    set: {
      status,
      "lease.state": "free",
      "lease.endReason": reason,
      ...recoveryFields(recovery),
    },
    ...(recovery === undefined ? {} : { now: ["recovery.lastAt"] }),
  };
}

/** Ends a campaign that nobody owns any more, under an epoch of its own. */
export function settle(
  seen: Campaign,
  status: "failed" | "quarantined",
  reason: string,
  recovery?: RecoveryNote,
): Write {
  const { status: before, lease } = seen;
  return {
    id: seen.id,
    expect: before === "running" ? unmoved(lease) : { status: before, "lease.epoch": counted(lease.epoch) },
    set: {
      status,
      "lease.epoch": lease.epoch + 1,
      "lease.state": "free",
      "lease.endReason": reason,
      ...recoveryFields(recovery),
    },
    ...(recovery === undefined ? {} : { now: ["recovery.lastAt"] }),
  };
}

/** What is written down of one more recovery. */
export interface RecoveryNote {
  readonly count: number;
  readonly cursor: number;
  readonly reason: string;
  readonly history: readonly RecoveryEntry[];
}

function recoveryFields(note: RecoveryNote | undefined): Readonly<Record<string, Plain>> {
  if (note === undefined) return {};
  return {
    "recovery.count": note.count,
    "recovery.cursor": note.cursor,
    "recovery.lastReason": note.reason,
    "recovery.history": note.history.map(({ at, owner, reason, epoch, cursor }) => ({
      at,
      owner,
      reason,
      epoch,
      cursor,
    })),
  };
}
