import { formatDuration } from "../duration.ts";
import type { Finding } from "../findings.ts";
import type { AlertsSettings } from "../settings/alerts.ts";
import type { WorkerPlan } from "../worker.ts";
import { VISIBLE_AFTER } from "./promql.ts";

/** Windows that are over before an absence in them would count. */
export function alertRemarks({ startWithin }: AlertsSettings, workers: readonly WorkerPlan[]): readonly Finding[] {
  return workers.flatMap(({ key, calendar }) =>
    calendar.windows
      .filter(({ open, close }) => (close - open) * 60 <= startWithin + VISIBLE_AFTER)
      .map(({ name }) => ({
        path: `workers.${key}.officeHours.week.${name}`,
        problem: `is over before an absent worker counts as absent: startWithin is ${formatDuration(startWithin)}, and Google's metrics come ${formatDuration(VISIBLE_AFTER)} late.`,
        remedy: "Lower alerts.startWithin, or look after this window by hand.",
      })),
  );
}
