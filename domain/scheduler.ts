import type { Seconds } from "./duration.ts";
import type { Token } from "./target.ts";
import type { Minutes, Weekday } from "./week.ts";

/**
 * How long Cloud Scheduler can wait for an answer.
 * https://docs.cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs (November 2026)
 */
export const ATTEMPT_DEADLINE: { readonly min: Seconds; readonly max: Seconds } = { min: 15, max: 1800 };

/** https://docs.cloud.google.com/scheduler/docs/configuring/retry-jobs (November 2026) */
export const MOST_RETRIES = 5;

/** What follows a failed attempt. */
export interface Retry {
  /** Retries after the first attempt; 0 means none. */
  readonly count: number;
  readonly minBackoff: Seconds;
  readonly maxBackoff: Seconds;
  readonly maxDoublings: number;
}

/** A Cloud Scheduler job, with every value stated: one that is left out is not reset by an update. */
export interface SchedulerJobPlan {
  /** The job's id. */
  readonly name: string;
  readonly project: string;
  readonly region: string;
  readonly description: string;
  /** Five-field unix cron, local to `timeZone`. */
  readonly cron: string;
  readonly timeZone: string;
  /** Local time and weekdays that `cron` says. */
  readonly at: Minutes;
  readonly days: readonly Weekday[];
  readonly uri: string;
  readonly token: Token;
  /** Plain JSON; encoded where it is declared. */
  readonly body?: Readonly<Record<string, string | number>>;
  readonly attemptDeadline: Seconds;
  readonly retry: Retry;
  /** Left out, an operator's pause survives. */
  readonly paused?: boolean;
}
