import type { Instant } from "../../domain/zone.ts";
import type { Campaign, RecoveryPolicy } from "./record.ts";
import type { RecoveryNote } from "./writes.ts";

/** What is to be done with a campaign that was somebody's and is nobody's. */
export type Verdict =
  | { readonly verdict: "resume"; readonly note: RecoveryNote | undefined }
  | { readonly verdict: "terminate"; readonly reason: string; readonly note: RecoveryNote | undefined }
  | { readonly verdict: "quarantine"; readonly reason: string; readonly note: RecoveryNote | undefined }
  /** Not now: the clinic is closed, or its workers have just died of it. */
  | { readonly verdict: "wait" };

export interface RecoveryRules {
  /** For campaigns that state none. */
  readonly policy: RecoveryPolicy;
  /** Recoveries without progress before a person has to look at it. */
  readonly limit: number;
}

/**
 * How its last owner ended. Only a death counts against a campaign: a database that was away, a drain or the death of
 * a neighbour says nothing about it, and three of them in a day would set aside healthy work. `attempt died`: an earlier
 * attempt of the task that asks now, so that one of that task's retries is gone.
 */
export type LastOwner = "died" | "attempt died" | "left";

/** Recoveries longer ago count no more (`facts`: three in 24 hours). */
const COUNTED_FOR = 24 * 3_600_000;
const HISTORY = 10;
/**
 * Ours: after the second fruitless death, and twice as long after the next ones. As long as a worker has to
 * live until its earlier deaths are forgotten (supervisor/restarts), so that no campaign alone ends a shift.
 */
const PAUSE_AFTER_DEATHS = 600_000;

/** The recoveries without progress, as of now. */
export function fruitless({ recovery, resume }: Campaign, now: Instant): number {
  if (recovery.cursor !== undefined && resume.cursor > recovery.cursor) return 0;
  if (recovery.lastAt !== undefined && now - recovery.lastAt.getTime() > COUNTED_FOR) return 0;
  return recovery.count;
}

/** One more recovery, after a death. */
export function noteDeath(campaign: Campaign, reason: string, now: Instant): RecoveryNote {
  const { lease, resume, recovery } = campaign;
  const entry = { at: new Date(now), owner: lease.owner, reason, epoch: lease.epoch, cursor: resume.cursor };
  return {
    count: fruitless(campaign, now) + 1,
    cursor: resume.cursor,
    reason,
    history: [...recovery.history, entry].slice(-HISTORY),
  };
}

/** The campaign with a recovery written down, as its record is then. */
export function noted(campaign: Campaign, { count, cursor, history }: RecoveryNote, now: Instant): Campaign {
  return { ...campaign, recovery: { count, cursor, lastAt: new Date(now), history } };
}

/**
 * Decides about an orphan (`running`, its owner gone) or an interrupted campaign (given back; a death was then counted
 * when it was given back).
 */
export function judge(
  campaign: Campaign,
  lastOwner: LastOwner,
  { policy, limit }: RecoveryRules,
  { now, open }: { readonly now: Instant; readonly open: boolean },
): Verdict {
  const note = lastOwner === "left" ? undefined : noteDeath(campaign, "owner died", now);
  const { resume, lease } = campaign;
  const stated = resume.policy ?? policy;
  if (stated === "terminate") return { verdict: "terminate", reason: "its policy is to end with its owner", note };
  const deaths = note?.count ?? fruitless(campaign, now);
  // By default a task has as many retries as this limit: the last of them is for the shift, and not for what kills it.
  const most = lastOwner === "attempt died" ? Math.max(1, limit - 1) : limit;
  if (deaths > most) {
    return { verdict: "quarantine", reason: `${deaths} deaths in a row without progress (limit ${limit})`, note };
  }
  const pause = Math.min(deaths - 1, 2) * PAUSE_AFTER_DEATHS;
  if (campaign.recovery.lastAt !== undefined && now - campaign.recovery.lastAt.getTime() < pause)
    return { verdict: "wait" };
  if (stated === "resume") return { verdict: "resume", note };
  if (resume.maxAge !== undefined && lease.hbAt !== undefined && now - lease.hbAt.getTime() > resume.maxAge * 1000) {
    return { verdict: "terminate", reason: `older than its maxAge of ${resume.maxAge}s`, note };
  }
  return resume.inHours && !open ? { verdict: "wait" } : { verdict: "resume", note };
}
