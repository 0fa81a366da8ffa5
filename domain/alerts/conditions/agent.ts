import { formatDuration, type Seconds } from "../../duration.ts";
import { counted } from "../metrics.ts";
import type { AlertPolicyPlan } from "../plan.ts";
import { whenQuery } from "../policy.ts";
import { minutes, series } from "../promql.ts";
import type { WatchedRounds } from "./watched.ts";

const LATELY: Seconds = 600;

/** The agent's answers, of which the slowest twentieth takes too long. Cloud Run counts milliseconds. */
export function agentLatency(watched: WatchedRounds): AlertPolicyPlan {
  const { environment, project, settings, plan } = watched;
  return whenQuery(
    {
      key: "agent-latency",
      project,
      environment,
      title: `the agent's p95 is over ${formatDuration(settings.agentLatencyP95)}`,
      severity: "WARNING",
      advice: {
        means: `The slowest 5 % of what ${plan.service.name} answered in the last ten minutes took longer than ${formatDuration(settings.agentLatencyP95)}. All its traffic counts, not rounds alone. For an agent that answers only when a round is done this is its usual state: raise alerts.agentLatencyP95, or let it answer 202 at once.`,
        steps: [
          "See whether instances start cold or are at their limit.",
          "Look for slow database queries and calls to Twilio.",
        ],
        commands: slowRequests(watched, settings.agentLatencyP95),
      },
    },
    `${quantile(0.95, latencies(watched))}>${settings.agentLatencyP95 * 1000}`,
  );
}

/** The distribution of the agent's answers, in milliseconds. */
export function latencies({ plan }: Pick<WatchedRounds, "plan">): string {
  return series("run.googleapis.com/request_latencies_bucket", "cloud_run_revision", {
    location: plan.region,
    service_name: plan.service.name,
  });
}

/** A quantile of what was observed in the last ten minutes. */
export function quantile(share: number, buckets: string): string {
  return `histogram_quantile(${share},sum by(le,service_name)(increase(${buckets}[${minutes(LATELY)}])))`;
}

/** A round's request that took too long. The threshold is a bound of the buckets, so what is over it is known exactly. */
export function roundDuration(watched: WatchedRounds): AlertPolicyPlan {
  const { environment, project, settings, metrics, plan } = watched;
  return whenQuery(
    {
      key: "round-duration",
      project,
      environment,
      title: `a round took over ${formatDuration(settings.roundDuration)}`,
      severity: "WARNING",
      metrics: ["round-duration"],
      advice: {
        means: `${plan.service.name} took longer than ${formatDuration(settings.roundDuration)} to answer Cloud Scheduler, by its request log. Past the deadline the attempt counts as failed and is made again, while the agent still calls. For an agent that answers 202 at once this says nothing about the round itself.`,
        steps: [
          "Compare the number of patients with that of other days.",
          "Raise the deadline (and the service's request timeout before it), split the round, or let the agent answer first.",
        ],
        commands: slowRequests(watched, settings.roundDuration),
      },
    },
    `${quantile(1, counted(metrics, "round-duration", "_bucket"))}>${settings.roundDuration}`,
  );
}

function slowRequests({ project, plan }: WatchedRounds, longerThan: Seconds): readonly string[] {
  return [
    `gcloud logging read 'resource.type="cloud_run_revision" AND resource.labels.service_name="${plan.service.name}" AND httpRequest.latency>"${longerThan}s"' --project=${project} --freshness=1d --limit=20`,
    `gcloud run services describe ${plan.service.name} --project=${project} --region=${plan.region}`,
  ];
}
