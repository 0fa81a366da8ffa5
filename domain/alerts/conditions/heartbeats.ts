import { event } from "../../contract.ts";
import { formatDuration, type Seconds } from "../../duration.ts";
import type { AlertsSettings } from "../../settings/alerts.ts";
import type { WorkerPlan } from "../../worker.ts";
import { groups } from "../calendars.ts";
import { counted, workerEvent } from "../metrics.ts";
import type { AlertPolicyPlan } from "../plan.ts";
import { chosen, incident, whenLogged, whenQuery } from "../policy.ts";
import { grown, minutes, VISIBLE_AFTER } from "../promql.ts";
import { running } from "./executions.ts";
import { jobNames } from "./starts.ts";
import type { WatchedWorkers } from "./watched.ts";

/** How far back a running execution is looked for: its newest point may be four minutes old. */
const SAMPLED: Seconds = 300;

/**
 * Executions that run, and ran a while ago, and wrote no heartbeat in between.
 *
 * That it must have run a while ago keeps a start, and a start on a holiday that leaves at once, out of it.
 */
export function heartbeatSilent(watched: WatchedWorkers): AlertPolicyPlan {
  const { environment, project, region, workers, metrics, settings } = watched;
  const beats = counted(metrics, "heartbeats");
  const silent = groups(workers, (worker) => silence(worker, settings)).map(({ by, members }) => {
    const back = by + VISIBLE_AFTER;
    const ran = (offset: string) =>
      `max by(job_name)(max_over_time(${running({ region, workers: members })}[${minutes(SAMPLED)}]${offset}))>0`;
    return `(${ran("")} and on(job_name) ${ran(` offset ${minutes(back)}`)} unless on(job_name) ${grown(beats, back, "job_name")}>0.5)`;
  });
  return whenQuery(
    {
      key: "heartbeat-silent",
      project,
      environment,
      title: "a running worker is silent",
      severity: "ERROR",
      metrics: ["heartbeats"],
      advice: {
        means: `An execution runs and has written no heartbeat for ${formatDuration(settings.heartbeatSilence)} (three intervals, where these are longer): the container hangs, or its logs do not arrive. Others take over its campaigns; calls to the clinic may go unanswered.`,
        steps: ["See whether it still writes anything.", "If not, cancel the execution and start the worker again."],
        commands: [
          ...chosen("JOB", jobNames(workers), incident.execution),
          `gcloud logging read "resource.type=cloud_run_job AND resource.labels.job_name=$JOB" --project=${project} --freshness=1h --limit=20`,
          `gcloud run jobs executions list --job="$JOB" --project=${project} --region=${region} --limit=5`,
          "EXECUTION=# the running one's name",
          `gcloud run jobs executions cancel "$EXECUTION" --project=${project} --region=${region}`,
          `gcloud run jobs execute "$JOB" --project=${project} --region=${region}`,
        ],
      },
    },
    silent.join(" or "),
    120,
  );
}

/** The silence that counts: as set, but never under three intervals. */
function silence({ heartbeat }: WorkerPlan, { heartbeatSilence }: AlertsSettings): Seconds {
  return Math.max(heartbeatSilence, 3 * heartbeat.interval);
}

/** A dead worker's campaigns went on elsewhere. */
export function orphanRecovered(watched: WatchedWorkers): AlertPolicyPlan {
  const { environment, project, workers } = watched;
  return whenLogged(
    {
      key: "orphan-recovered",
      project,
      environment,
      title: "an orphaned campaign was taken over",
      severity: "WARNING",
      advice: {
        means:
          "A worker died in the middle of a campaign, and another one took the campaign over. Nothing has to be done at night; that it died has a reason.",
        steps: [
          "Read the entry: it names the campaign, the worker that was lost and the one that took over.",
          "Look for what killed the worker: memory, a crash, a lost database.",
        ],
        commands: logsOf(watched, event.orphanRecovered),
      },
    },
    workerEvent(workers, event.orphanRecovered),
    "job_name",
  );
}

/** A campaign that nobody goes on with. */
export function orphanQuarantined(watched: WatchedWorkers): AlertPolicyPlan {
  const { environment, project, workers } = watched;
  return whenLogged(
    {
      key: "orphan-quarantined",
      project,
      environment,
      title: "a campaign was quarantined",
      severity: "ERROR",
      advice: {
        means:
          "A campaign outlived several workers, or nobody could tell whether its last call took place. It is set aside until a person decides: going on might call somebody twice, leaving it might call somebody never.",
        steps: [
          "Read the entry for the campaign and the reason.",
          "Find out in LiveKit or Twilio whether the last call took place.",
          "Requeue the campaign, or end it, in its record.",
        ],
        commands: logsOf(watched, event.orphanQuarantined),
      },
    },
    workerEvent(workers, event.orphanQuarantined),
    "job_name",
  );
}

function logsOf({ project, workers }: WatchedWorkers, name: string): readonly string[] {
  return [
    ...chosen("JOB", jobNames(workers), incident.logged),
    `gcloud logging read "resource.type=cloud_run_job AND resource.labels.job_name=$JOB AND jsonPayload.event=${name}" --project=${project} --freshness=1d --limit=10`,
    `gcloud logging read "resource.type=cloud_run_job AND resource.labels.job_name=$JOB AND severity>=WARNING" --project=${project} --freshness=1d --limit=50`,
  ];
}
