import type { Seconds } from "../../duration.ts";
import { formatDuration } from "../../duration.ts";
import { endOfRun } from "../../worker.ts";
import type { SameHours } from "../calendars.ts";
import { gate } from "../gate.ts";
import type { AlertPolicyPlan } from "../plan.ts";
import { chosen, incident, whenQuery } from "../policy.ts";
import { grown, minutes, named, series, VISIBLE_AFTER } from "../promql.ts";
import { jobNames } from "./starts.ts";
import type { WatchedWorkers } from "./watched.ts";

/** How long an execution that failed is shown. */
const SHOWN: Seconds = 900;

/** A running execution is sampled once a minute: ten minutes without one are neither a late point nor a quick restart. */
const ABSENCE: Seconds = 600;

/** A second execution sees two heartbeats of the first and leaves; this is well over the time that takes. */
const OVERLAP: Seconds = 300;

/** Executions that run, by job. https://docs.cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run (November 2026) */
export function running({ region, workers }: Pick<WatchedWorkers, "region" | "workers">): string {
  return series("run.googleapis.com/job/running_executions", "cloud_run_job", {
    location: region,
    job_name: jobNames(workers),
  });
}

/** Every attempt of the task failed, or the task reached its timeout. */
export function executionFailed({ environment, project, region, workers }: WatchedWorkers): AlertPolicyPlan {
  const failures = series("run.googleapis.com/job/completed_execution_count", "cloud_run_job", {
    location: region,
    job_name: jobNames(workers),
    result: "failed",
  });
  return whenQuery(
    {
      key: "execution-failed",
      project,
      environment,
      title: "an execution failed",
      severity: "ERROR",
      advice: {
        means:
          "A worker's execution ended as failed: it crashed once more than Cloud Run restarts it, it could not start (image, secret), or it was killed at its timeout. A worker that leaves at closing does not count as failed.",
        steps: [
          "Find the execution and the last lines it wrote.",
          "Within office hours start the worker again, and watch whether it stays.",
          "If a deployment came before it, go back to the image before.",
        ],
        commands: [
          ...chosen("JOB", jobNames(workers), incident.execution),
          `gcloud run jobs executions list --job="$JOB" --project=${project} --region=${region} --limit=5`,
          `gcloud logging read "resource.type=cloud_run_job AND resource.labels.job_name=$JOB AND severity>=WARNING" --project=${project} --freshness=1d --limit=50`,
          `gcloud run jobs execute "$JOB" --project=${project} --region=${region}`,
        ],
      },
    },
    `${grown(failures, SHOWN, "job_name")}>0.5`,
  );
}

/**
 * No execution runs in office hours, from `startWithin` after opening until closing.
 *
 * What it costs: it also tells when a person stopped the worker for longer than ten minutes, when a worker is deployed
 * for the first time within office hours, and when Cloud Run's metrics are away for ten minutes. What it leaves out:
 * a window shorter than `startWithin` and four minutes, and absences below ten minutes.
 *
 * @returns undefined when no window is long enough
 */
export function workerAbsent(watched: WatchedWorkers, { key, words, workers }: SameHours): AlertPolicyPlan | undefined {
  const { environment, project, region, settings } = watched;
  const open = gate(workers[0].calendar, { after: settings.startWithin + VISIBLE_AFTER });
  if (open === undefined) return undefined;
  const anyRan = `max by(job_name)(max_over_time(${running({ region, workers })}[${minutes(ABSENCE)}]))>0`;
  return whenQuery(
    {
      key: `worker-absent-${key}`,
      project,
      environment,
      title: `a worker is absent in office hours, ${words}`,
      severity: "CRITICAL",
      advice: {
        means: `The clinic is open (for ${formatDuration(settings.startWithin)} or more), and no execution has run for ${formatDuration(ABSENCE)}: nobody answers its calls. This also tells of a worker that a person stopped, or that was deployed for the first time today.`,
        steps: [
          `Start the worker. ${endOfRun(workers)}`,
          "See how the last execution ended, and whether a start was missed or refused.",
        ],
        commands: [
          ...chosen("JOB", jobNames(workers), incident.execution),
          `gcloud run jobs execute "$JOB" --project=${project} --region=${region}`,
          `gcloud run jobs executions list --job="$JOB" --project=${project} --region=${region} --limit=5`,
        ],
      },
    },
    `${named("job_name", jobNames(workers))} and on() (vector(${open})>0) unless on(job_name) (${anyRan})`,
  );
}

/** More than one execution of a job. Nothing in Cloud Run stops that; the shift's lease should. */
export function overlap(watched: WatchedWorkers): AlertPolicyPlan {
  const { environment, project, region, workers } = watched;
  return whenQuery(
    {
      key: "executions-overlap",
      project,
      environment,
      title: "two executions run at once",
      severity: "WARNING",
      advice: {
        means: `More than one execution of a worker has run for over ${formatDuration(OVERLAP)}. A second one should have left when it saw the first one's heartbeats. No call has two workers (a room is given to one), but both are paid for, and campaigns rest on their leases alone.`,
        steps: [
          "See which execution is the calendar's, and which a person started.",
          "Look for lease_unavailable in the log: without its database a worker cannot see the other.",
          "Cancel the newer one. Its calls are cut.",
        ],
        commands: [
          ...chosen("JOB", jobNames(workers), incident.execution),
          `gcloud run jobs executions list --job="$JOB" --project=${project} --region=${region} --limit=5`,
          "EXECUTION=# the newer name",
          `gcloud run jobs executions cancel "$EXECUTION" --project=${project} --region=${region}`,
        ],
      },
    },
    `max by(job_name)(${running(watched)})>1`,
    OVERLAP,
  );
}
