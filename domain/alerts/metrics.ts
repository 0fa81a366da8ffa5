import { event } from "../contract.ts";
import { metricName } from "../names.ts";
import type { RoundsPlan } from "../rounds.ts";
import type { SchedulerJobPlan } from "../scheduler.ts";
import type { AlertsSettings } from "../settings/alerts.ts";
import type { WorkerPlan } from "../worker.ts";
import { all, has, is, isError, mentions, noError } from "./log-filter.ts";
import type { LoggedResource, LogMetricPlan } from "./plan.ts";
import { series } from "./promql.ts";

/**
 * Cloud Scheduler publishes no metric that an alert could read (Cloud Monitoring knows no descriptor of it, November
 * 2026), so its log is counted: https://docs.cloud.google.com/scheduler/docs/logging
 */
const attempt = "type.googleapis.com/google.cloud.scheduler.logging.Attempt";
const payloadType = 'jsonPayload."@type"';

type Jobs = readonly Pick<SchedulerJobPlan, "name" | "region">[];

function ofJobs(jobs: Jobs): string {
  return all(
    is("resource.type", "cloud_scheduler_job"),
    is("resource.labels.location", [...new Set(jobs.map(({ region }) => region))].sort()),
    is("resource.labels.job_id", jobs.map(({ name }) => name).sort()),
  );
}

/** Begun or ended: an attempt is seen at once, and still seen where only its end was logged. */
function attempted(jobs: Jobs): string {
  return all(ofJobs(jobs), is(payloadType, [`${attempt}Started`, `${attempt}Finished`]));
}

function finished(jobs: Jobs): string {
  return all(ofJobs(jobs), is(payloadType, `${attempt}Finished`));
}

/** Attempts that failed. The entry of a success has no `status` at all, so the severity decides. */
export function failed(jobs: Jobs): string {
  return all(finished(jobs), isError);
}

function succeeded(jobs: Jobs): string {
  return all(finished(jobs), noError);
}

/** A runtime's log lines of one event. */
export function workerEvent(workers: readonly WorkerPlan[], name: string): string {
  return all(
    is("resource.type", "cloud_run_job"),
    is("resource.labels.job_name", workers.map(({ jobName }) => jobName).sort()),
    is("jsonPayload.event", name),
  );
}

/** Those workers that write the contract's log lines: without the runtime there is no heartbeat and no recovery. */
export function supervised(workers: readonly WorkerPlan[]): readonly WorkerPlan[] {
  return workers.filter((worker) => worker.supervised);
}

/** What is counted of the workers of a project. */
export function workerMetrics(project: string, workers: readonly WorkerPlan[]): readonly LogMetricPlan[] {
  const counter = (key: string, resource: LoggedResource, description: string, filter: string): LogMetricPlan => ({
    key,
    project,
    name: metricName("agent-worker", key),
    resource,
    description,
    filter,
  });
  const starts = workers.flatMap((worker) => worker.starts);
  const attempts = [
    counter("starts-attempted", "cloud_scheduler_job", "Attempts to start a worker, begun or ended", attempted(starts)),
    counter("starts-failed", "cloud_scheduler_job", "Attempts to start a worker that failed", failed(starts)),
    counter("starts-succeeded", "cloud_scheduler_job", "Attempts to start a worker that succeeded", succeeded(starts)),
  ];
  const speaking = supervised(workers);
  if (speaking.length === 0) return attempts;
  const events = [
    ["heartbeats", "Heartbeats of the workers", event.heartbeat],
    ["orphans-recovered", "Campaigns taken over from a dead worker", event.orphanRecovered],
    ["orphans-quarantined", "Campaigns set aside for a person", event.orphanQuarantined],
  ] as const;
  return [
    ...attempts,
    ...events.map(([key, description, name]) =>
      counter(key, "cloud_run_job", description, workerEvent(speaking, name)),
    ),
  ];
}

/** What is counted of the rounds. */
export function roundMetrics(
  { name, project, service, rounds }: RoundsPlan,
  { roundDuration }: Pick<AlertsSettings, "roundDuration">,
): readonly LogMetricPlan[] {
  const metric = (key: string, resource: LoggedResource, description: string, filter: string): LogMetricPlan => ({
    key,
    project,
    name: metricName(name, key),
    resource,
    description,
    filter,
  });
  const anyService = is("resource.type", "cloud_run_revision");
  const agent = all(anyService, is("resource.labels.service_name", service.name));
  // The agent's line "Scheduled rounds triggered" (source 002).
  const triggered = all(agent, is("jsonPayload.source", "cloud-scheduler"));
  return [
    metric("rounds-attempted", "cloud_scheduler_job", "Attempts of a round, begun or ended", attempted(rounds)),
    metric("rounds-finished", "cloud_scheduler_job", "Attempts of a round that ended", finished(rounds)),
    metric("rounds-failed", "cloud_scheduler_job", "Attempts of a round that failed", failed(rounds)),
    metric("rounds-succeeded", "cloud_scheduler_job", "Attempts of a round that succeeded", succeeded(rounds)),
    {
      ...metric(
        "round-duration",
        "cloud_run_revision",
        "How long the agent took for a round, from its request log",
        all(agent, has("httpRequest.userAgent", "Google-Cloud-Scheduler")),
      ),
      distribution: {
        valueExtractor: "EXTRACT(httpRequest.latency)",
        unit: "s",
        // Doubling, so that the threshold is a bound exactly: what took longer is in a higher bucket.
        buckets: { scale: roundDuration / 256, growthFactor: 2, count: 12 },
      },
    },
    {
      ...metric("patients-queried", "cloud_run_revision", "Patients that a round looked up", triggered),
      distribution: { valueExtractor: "EXTRACT(jsonPayload.patientsQueried)", unit: "1", buckets: people },
    },
    {
      ...metric("calls-initiated", "cloud_run_revision", "Calls that a round began", triggered),
      distribution: { valueExtractor: "EXTRACT(jsonPayload.callsInitiated)", unit: "1", buckets: people },
    },
    metric(
      "twilio-errors",
      "cloud_run_revision",
      "Errors that name Twilio, of any service of the project: the agent that dials is another than the rounds'",
      all(anyService, isError, mentions("twilio")),
    ),
  ];
}

const people = { scale: 1, growthFactor: 2, count: 16 };

/**
 * A declared metric as PromQL reads it.
 *
 * @param suffix `_sum`, `_count` or `_bucket` of a distribution
 */
export function counted(metrics: readonly LogMetricPlan[], key: string, suffix = ""): string {
  const metric = metrics.find((candidate) => candidate.key === key);
  if (metric === undefined) throw new Error(`no log-based metric ${key} is declared`);
  return series(`logging.googleapis.com/user/${metric.name}${suffix}`, metric.resource);
}
