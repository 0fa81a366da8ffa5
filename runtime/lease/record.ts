import type { Stored } from "../store/store.ts";

/** What the runtime writes into a campaign's `status`; anything else belongs to others and is left alone. */
export const campaignStatuses = ["queued", "running", "interrupted", "quarantined", "completed", "failed"] as const;
export type CampaignStatus = (typeof campaignStatuses)[number];

export type LeaseState = "held" | "draining" | "migrating" | "free";

/** Whose a record is. `epoch` only ever grows: each owner has one of its own, and writes under no other. */
export interface Lease {
  readonly owner: string;
  readonly claimId: string;
  readonly epoch: number;
  /** Counts the heartbeats of this epoch: what an observer watches. */
  readonly hbSeq: number;
  readonly hbAt: Date | undefined;
  readonly state: LeaseState;
}

/** An outside effect (a call) that was begun, and of which nobody has said how it ended. */
export interface OpenEffect {
  readonly cursor: number;
  readonly epoch: number;
  readonly claimId: string;
  /** The effect's idempotency key: the name of the room, for example. */
  readonly attemptId: string;
  readonly effect: string;
}

/** What becomes of a campaign whose owner is gone. */
export const recoveryPolicies = ["resume", "terminate", "resume-if"] as const;
export type RecoveryPolicy = (typeof recoveryPolicies)[number];

export interface Resume {
  readonly policy: RecoveryPolicy | undefined;
  /** With `resume-if`: seconds since the last sign of life, after which it is terminated. */
  readonly maxAge: number | undefined;
  /** With `resume-if`: only while the clinic is open; until then it waits. */
  readonly inHours: boolean;
  /** The next step to do, from 0. */
  readonly cursor: number;
  readonly open: OpenEffect | undefined;
  /** How many effects ended as unknown. */
  readonly unresolved: number;
}

/** Recoveries in a row without progress of the cursor. */
export interface Recovery {
  readonly count: number;
  readonly cursor: number | undefined;
  readonly lastAt: Date | undefined;
  readonly history: readonly RecoveryEntry[];
}

export interface RecoveryEntry {
  readonly at: Date;
  /** The container that had it: where its worker's log is. */
  readonly owner: string;
  readonly reason: string;
  readonly epoch: number;
  readonly cursor: number;
}

export interface Campaign {
  readonly id: string;
  readonly status: string;
  readonly lease: Lease;
  readonly resume: Resume;
  readonly recovery: Recovery;
  /** A field of it that has another type than any runtime gave it: no write would fit. */
  readonly unreadable: string | undefined;
}

/** Every field of a campaign that the runtime reads. */
export const campaignFields = ["status", "lease", "resume", "recovery"] as const;

/** Before any runtime touched a record. */
const nobody: Lease = { owner: "", claimId: "", epoch: 0, hbSeq: 0, hbAt: undefined, state: "free" };

/** Reads a record as it may stand in a collection that others made: what is missing, null or of another type has its default. */
export function campaignOf(stored: Stored): Campaign {
  const resume = fieldsOf(stored.resume);
  const recovery = fieldsOf(stored.recovery);
  return {
    id: stored.id,
    status: text(stored.status) ?? "",
    lease: leaseOf(stored),
    resume: {
      policy: policyOf(resume.policy),
      maxAge: number(resume.maxAge),
      inHours: resume.inHours === true,
      cursor: number(resume.cursor) ?? 0,
      open: openEffectOf(resume.dialing),
      unresolved: Object.keys(fieldsOf(resume.unresolved)).length,
    },
    recovery: {
      count: number(recovery.count) ?? 0,
      cursor: number(recovery.cursor),
      lastAt: date(recovery.lastAt),
      history: Array.isArray(recovery.history) ? recovery.history.flatMap(entryOf) : [],
    },
    unreadable: unreadableOf(stored),
  };
}

/** What a write expects as it was read, or writes below. Null is no type: it is what is not there. */
function unreadableOf({ lease, resume, recovery }: Stored): string | undefined {
  const isThere = (value: unknown) => value !== undefined && value !== null;
  const parts = Object.entries({ lease, resume, recovery });
  const part = parts.find(([, value]) => isThere(value) && (typeof value !== "object" || Array.isArray(value)));
  if (part !== undefined) return part[0];
  const { dialing, unresolved } = fieldsOf(resume);
  if (isThere(dialing) && openEffectOf(dialing) === undefined) return "resume.dialing";
  if (isThere(unresolved) && (typeof unresolved !== "object" || Array.isArray(unresolved))) return "resume.unresolved";
  const { epoch, hbSeq } = fieldsOf(lease);
  const numbers = Object.entries({
    "lease.epoch": epoch,
    "lease.hbSeq": hbSeq,
    "resume.cursor": fieldsOf(resume).cursor,
  });
  return numbers.find(([, value]) => isThere(value) && number(value) === undefined)?.[0];
}

/** Whose claim the record has, whatever has become of it. */
export function isMine({ lease }: Campaign, { claimId, epoch }: Pick<Lease, "claimId" | "epoch">): boolean {
  return lease.claimId === claimId && lease.epoch === epoch;
}

/** Mine, and nobody has ended it: release, complete and fail leave claimId and epoch as they were. */
export function isOwned(as: Campaign, by: Pick<Lease, "claimId" | "epoch">): boolean {
  return as.status === "running" && isMine(as, by);
}

export function leaseOf(stored: Stored): Lease {
  const lease = fieldsOf(stored.lease);
  return {
    owner: text(lease.owner) ?? nobody.owner,
    claimId: text(lease.claimId) ?? nobody.claimId,
    epoch: number(lease.epoch) ?? nobody.epoch,
    hbSeq: number(lease.hbSeq) ?? nobody.hbSeq,
    hbAt: date(lease.hbAt),
    state: leaseStates.find((state) => state === lease.state) ?? nobody.state,
  };
}

const leaseStates: readonly LeaseState[] = ["held", "draining", "migrating", "free"];

function policyOf(value: unknown): RecoveryPolicy | undefined {
  return recoveryPolicies.find((policy) => policy === value);
}

function openEffectOf(value: unknown): OpenEffect | undefined {
  const { cursor, epoch, claimId, attemptId, effect } = fieldsOf(value);
  const attempt = text(attemptId);
  if (attempt === undefined) return undefined;
  return {
    cursor: number(cursor) ?? 0,
    epoch: number(epoch) ?? 0,
    claimId: text(claimId) ?? "",
    attemptId: attempt,
    effect: text(effect) ?? "",
  };
}

function entryOf(value: unknown): RecoveryEntry[] {
  const { at, owner, reason, epoch, cursor } = fieldsOf(value);
  const when = date(at);
  if (when === undefined) return [];
  return [
    {
      at: when,
      owner: text(owner) ?? "",
      reason: text(reason) ?? "",
      epoch: number(epoch) ?? 0,
      cursor: number(cursor) ?? 0,
    },
  ];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function date(value: unknown): Date | undefined {
  return value instanceof Date ? value : undefined;
}
