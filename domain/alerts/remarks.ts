import { formatDuration } from "../duration.ts";
import type { Finding } from "../findings.ts";
import type { AlertsSettings } from "../settings/alerts.ts";
import type { WorkerPlan } from "../worker.ts";
import type { AlertsPlan } from "./plan.ts";
import { VISIBLE_AFTER } from "./promql.ts";

/** What alerts cannot notice, or tell nobody. */
export function alertRemarks(
  settings: AlertsSettings | undefined,
  alerts: AlertsPlan | undefined,
  workers: readonly WorkerPlan[],
): readonly Finding[] {
  const remedy = "Name at least one channel, such as oncall: { email: oncall@example.com }.";
  if (settings === undefined) return [{ path: "alerts", problem: "is left out: nobody is told of a failure.", remedy }];
  if (Object.keys(settings.channels).length === 0) {
    return [{ path: "alerts.channels", problem: "is empty: incidents open, and nobody is told.", remedy }];
  }
  return [...untoldRemarks(alerts), ...unwatchedRemarks(settings, workers)];
}

/** A channel of one project tells nothing of another. */
function untoldRemarks(alerts: AlertsPlan | undefined): readonly Finding[] {
  const told = new Set(alerts?.channels.map(({ project }) => project));
  const untold = [...new Set(alerts?.policies.map(({ project }) => project))].filter((project) => !told.has(project));
  return untold.map((project) => ({
    path: "alerts.channels",
    problem: `none of them is in ${project}: nobody is told of what fails there.`,
    remedy:
      "Name an existing channel of that project too, or let the stack make one: email, pagerduty, slack or webhook.",
  }));
}

/** Windows that are over before an absence in them would count. */
function unwatchedRemarks({ startWithin }: AlertsSettings, workers: readonly WorkerPlan[]): readonly Finding[] {
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
