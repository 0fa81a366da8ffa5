import type { SchedulerJobPlan } from "../../scheduler.ts";
import type { AlertsSettings } from "../../settings/alerts.ts";
import { grown, VISIBLE_AFTER } from "../promql.ts";

/**
 * Jobs that failed so many times in a row, with no success between.
 *
 * A job that is attempted less often than that is counted as failing once each of its attempts has failed: the next
 * ones are a day away. The range holds the slowest course of such attempts.
 */
export function consecutive(
  jobs: readonly SchedulerJobPlan[],
  counters: { readonly failed: string; readonly succeeded: string },
  { consecutiveFailures }: Pick<AlertsSettings, "consecutiveFailures">,
): string {
  const most = Math.max(...jobs.map(({ retry }) => retry.count + 1));
  const times = Math.min(consecutiveFailures, most);
  const range = Math.max(
    ...jobs.map(({ attemptDeadline, retry }) => times * attemptDeadline + (times - 1) * retry.maxBackoff),
  );
  const [failed, succeeded] = [counters.failed, counters.succeeded].map((counter) =>
    grown(counter, range + VISIBLE_AFTER, "job_id"),
  );
  return `${failed}>${times - 0.5} unless on(job_id) ${succeeded}>0.5`;
}
