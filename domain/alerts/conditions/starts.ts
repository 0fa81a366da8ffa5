import { formatDuration } from "../../duration.ts";
import { endOfRun } from "../../worker.ts";
import type { SameHours } from "../calendars.ts";
import { counted, failed } from "../metrics.ts";
import type { AlertPolicyPlan } from "../plan.ts";
import { chosen, incident, whenLogged, whenQuery } from "../policy.ts";
import { consecutive } from "./consecutive.ts";
import { expectedStarts, missed } from "./missed.ts";
import type { WatchedWorkers } from "./watched.ts";

/** Cloud Scheduler's call to Cloud Run failed: no execution ever exists, so no metric of Cloud Run shows it. */
export function launchFailed({ environment, project, region, workers }: WatchedWorkers): AlertPolicyPlan {
  const starts = workers.flatMap((worker) => worker.starts);
  return whenLogged(
    {
      key: "launch-failed",
      project,
      environment,
      title: "a launch failed",
      severity: "ERROR",
      advice: {
        means:
          "Cloud Scheduler asked Cloud Run for an execution and was refused, so nothing was started. It asks up to five times more within a quarter of an hour. Until it succeeds nobody answers the clinic's calls.",
        steps: [
          "Read the reason: 403 means that the account of the starts may not run the job, 404 that the job is gone, 5xx that Cloud Run was not reachable.",
          `If no later attempt succeeded, start the worker by hand. ${endOfRun(workers)}`,
          "Mend the cause: a deployment restores the job and its grants.",
        ],
        commands: [
          ...chosen("START", names(starts), incident.logged),
          `gcloud logging read "resource.type=cloud_scheduler_job AND resource.labels.job_id=$START" --project=${project} --freshness=1d --limit=20`,
          ...chosen("JOB", jobNames(workers)),
          `gcloud run jobs execute "$JOB" --project=${project} --region=${region}`,
        ],
      },
    },
    failed(starts),
    "job_id",
  );
}

/** Launch after launch fails, and none succeeds. */
export function startsFailing(watched: WatchedWorkers): AlertPolicyPlan {
  const { environment, project, region, workers, metrics, settings } = watched;
  const starts = workers.flatMap((worker) => worker.starts);
  return whenQuery(
    {
      key: "starts-failing",
      project,
      environment,
      title: "launches fail one after the other",
      severity: "CRITICAL",
      metrics: ["starts-failed", "starts-succeeded"],
      advice: {
        means: `${settings.consecutiveFailures} launches in a row failed. After the sixth Cloud Scheduler gives up, and the clinic stays without a worker until the next opening.`,
        steps: [
          "Start the worker by hand now. If that is refused too, the answer says why.",
          "Compare who may run the job with the account of the starts, and deploy to restore the grant.",
        ],
        commands: [
          ...chosen("JOB", jobNames(workers)),
          `gcloud run jobs execute "$JOB" --project=${project} --region=${region}`,
          `gcloud run jobs get-iam-policy "$JOB" --project=${project} --region=${region}`,
        ],
      },
    },
    consecutive(
      starts,
      { failed: counted(metrics, "starts-failed"), succeeded: counted(metrics, "starts-succeeded") },
      settings,
    ),
  );
}

/** Cloud Scheduler did not even try. */
export function startMissed(watched: WatchedWorkers, { key, words, workers }: SameHours): AlertPolicyPlan {
  const { environment, project, region, metrics, settings } = watched;
  const expected = workers.flatMap(expectedStarts);
  return whenQuery(
    {
      key: `start-missed-${key}`,
      project,
      environment,
      title: `a start was missed, ${words}`,
      severity: "CRITICAL",
      metrics: ["starts-attempted"],
      advice: {
        means: `Cloud Scheduler did not try to start a worker within ${formatDuration(settings.startWithin)} of its time, and will not make up for it. (On the calendar's holidays no start is expected.)`,
        steps: [
          `Force the start. ${endOfRun(workers)}`,
          "Look at the state: PAUSED means that a person stopped it, DISABLED or UPDATE_FAILED that it must be deployed again.",
        ],
        commands: [
          ...chosen("START", names(expected.map(({ job }) => job)), incident.schedule),
          `gcloud scheduler jobs run "$START" --project=${project} --location=${region}`,
          `gcloud scheduler jobs describe "$START" --project=${project} --location=${region} --format="table(state, lastAttemptTime, scheduleTime, status.code)"`,
        ],
      },
    },
    missed(expected, counted(metrics, "starts-attempted"), settings.startWithin),
  );
}

function names(jobs: readonly { readonly name: string }[]): readonly string[] {
  return jobs.map(({ name }) => name);
}

export function jobNames(workers: WatchedWorkers["workers"]): readonly string[] {
  return workers.map(({ jobName }) => jobName);
}
