import type { AlertPolicyPlan } from "../../../domain/alerts/plan.ts";
import type { Prometheus } from "../prometheus.ts";
import { matcher } from "./log-filter.ts";
import type { World } from "./world.ts";

/** Whether a policy opens an incident between two instants: its query held for its duration, or an entry matched. */
export async function fires(
  { condition }: AlertPolicyPlan,
  { entries }: World,
  prometheus: Prometheus,
  from: number,
  to: number,
): Promise<boolean> {
  if (condition.kind === "log") return entries.some(matcher(condition.filter));
  const { query, duration, evaluationInterval } = condition;
  const rows = await prometheus.query(query, from / 1000, to / 1000, evaluationInterval);
  return rows.some(
    ({ points }) =>
      held(
        points.map(([at]) => at),
        evaluationInterval,
      ) >= duration,
  );
}

/** Seconds of the longest unbroken run of evaluations. */
function held(times: readonly number[], interval: number): number {
  let longest = Number.NEGATIVE_INFINITY;
  let since = times[0] ?? 0;
  for (const [index, at] of times.entries()) {
    if (at - (times[index - 1] ?? at) > interval) since = at;
    longest = Math.max(longest, at - since);
  }
  return longest;
}
