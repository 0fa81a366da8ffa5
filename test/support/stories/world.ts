import { Cron } from "croner";
import { officeSpans } from "../../../domain/calendar.ts";
import type { StackPlan } from "../../../domain/plan.ts";
import type { RoundPlan } from "../../../domain/rounds.ts";
import type { SchedulerJobPlan } from "../../../domain/scheduler.ts";
import type { WorkerPlan } from "../../../domain/worker.ts";
import type { LogEntry } from "./log-filter.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How Cloud Scheduler fares with one attempt. */
export interface Outcome {
  /** Makes no attempt at all. */
  readonly never?: boolean;
  /** Milliseconds after its time. */
  readonly late?: number;
  /** Milliseconds until the answer. */
  readonly takes?: number;
  /** Why it failed; left out, it succeeded. */
  readonly status?: "DEADLINE_EXCEEDED" | "INTERNAL" | "PERMISSION_DENIED";
}

/** What goes other than usual. Instants are in milliseconds. */
export interface Troubles {
  readonly attempt?: (job: string, number: number) => Outcome | undefined;
  /** The worker's process dies, and Cloud Run starts its task again or has done so too often. */
  readonly crash?: { readonly at: number; readonly restarted: boolean };
  /** Somebody starts an execution by hand. */
  readonly byHand?: { readonly at: number; readonly until: number };
  /** No log line of the worker arrives. */
  readonly silence?: { readonly from: number; readonly until: number };
  readonly logged?: readonly LogEntry[];
}

/** An execution of a worker's job. */
export interface Execution {
  readonly worker: WorkerPlan;
  readonly from: number;
  readonly until: number;
  readonly result: "succeeded" | "failed";
}

/** What Google Cloud saw. */
export interface World {
  readonly entries: readonly LogEntry[];
  readonly executions: readonly Execution[];
}

/** Cloud Scheduler and Cloud Run from one instant to another, with a worker that keeps its calendar. */
export function live(plan: StackPlan, from: number, to: number, troubles: Troubles): World {
  const world = { entries: [...(troubles.logged ?? [])], executions: [] as Execution[] };
  const deployed = plan.workers.filter(({ prepared }) => !prepared);
  for (const worker of deployed) {
    for (const start of worker.starts) {
      for (const { at, status } of attempts(start, from, to, troubles, world.entries)) {
        if (status === undefined) world.executions.push(execute(worker, at, troubles));
      }
    }
    if (troubles.byHand !== undefined) {
      world.executions.push({ worker, from: troubles.byHand.at, until: troubles.byHand.until, result: "succeeded" });
    }
  }
  for (const round of plan.rounds?.rounds.filter(({ paused }) => paused !== true) ?? []) {
    for (const reached of attempts(round, from, to, troubles, world.entries)) {
      world.entries.push(...agentLines(plan, round, reached));
    }
  }
  for (const execution of world.executions) world.entries.push(...heartbeats(execution, troubles));
  return world;
}

interface Ended {
  readonly at: number;
  readonly takes: number;
  readonly status: Outcome["status"];
}

/** Makes the attempts of a job at each of its times, and logs them. */
function attempts(
  job: SchedulerJobPlan,
  from: number,
  to: number,
  troubles: Troubles,
  entries: LogEntry[],
): readonly Ended[] {
  const cron = new Cron(job.cron, { timezone: job.timeZone, paused: true });
  const ended: Ended[] = [];
  for (let due = cron.nextRun(new Date(from - 1)); due !== null && due.getTime() < to; due = cron.nextRun(due)) {
    let at = due.getTime() + 2 * SECOND;
    for (let number = 0; number <= job.retry.count; number++) {
      const outcome = troubles.attempt?.(job.name, number) ?? {};
      if (outcome.never) break;
      at += outcome.late ?? 0;
      const takes = outcome.takes ?? (job.token.kind === "oauth" ? 2 * SECOND : 20 * SECOND);
      entries.push(attempt(job, at, "Started"));
      entries.push(attempt(job, at + takes, "Finished", outcome.status));
      at += takes;
      ended.push({ at, takes, status: outcome.status });
      if (outcome.status === undefined) break;
      at += Math.min(job.retry.minBackoff * 2 ** number, job.retry.maxBackoff) * SECOND;
    }
  }
  return ended;
}

/** As recorded: a success is INFO and has no status, a failure is ERROR and has one. */
function attempt(job: SchedulerJobPlan, at: number, what: "Started" | "Finished", status?: string): LogEntry {
  const { name, project, region } = job;
  return {
    at,
    severity: status === undefined ? "INFO" : "ERROR",
    resource: { type: "cloud_scheduler_job", labels: { project_id: project, location: region, job_id: name } },
    ...(what === "Started" ? {} : { httpRequest: { status: status === undefined ? 200 : 500 } }),
    jsonPayload: {
      "@type": `type.googleapis.com/google.cloud.scheduler.logging.Attempt${what}`,
      jobName: `projects/${project}/locations/${region}/jobs/${name}`,
      targetType: "HTTP",
      url: job.uri,
      ...(status === undefined
        ? {}
        : { status, debugInfo: "URL_UNREACHABLE-UNREACHABLE_5xx. Original HTTP response code number = 500" }),
    },
  };
}

/** A launched execution: it starts within half a minute, and leaves when its clinic has closed, or after a minute when that is closed today. */
function execute(worker: WorkerPlan, launched: number, { crash }: Troubles): Execution {
  const from = launched + 25 * SECOND;
  const soon = from + 10 * MINUTE + worker.calendar.lead * SECOND;
  const open = officeSpans(worker.calendar, from, soon)[0];
  const until = open === undefined ? from + 70 * SECOND : open.closes + 4 * MINUTE;
  if (crash !== undefined && !crash.restarted && crash.at > from && crash.at < until) {
    return { worker, from, until: crash.at, result: "failed" };
  }
  return { worker, from, until, result: "succeeded" };
}

/** A line every half minute, from ten seconds after the start; none while the task is started again. */
function heartbeats({ worker, from, until }: Execution, { crash, silence }: Troubles): readonly LogEntry[] {
  const lines: LogEntry[] = [];
  for (let at = from + 10 * SECOND; at < until; at += 30 * SECOND) {
    const silent = silence !== undefined && at >= silence.from && at < silence.until;
    const down = crash?.restarted === true && at >= crash.at && at < crash.at + 50 * SECOND;
    if (!silent && !down) lines.push(workerLine(worker, at, "worker_heartbeat"));
  }
  return lines;
}

/** A line of the runtime. */
export function workerLine({ jobName, project, region }: WorkerPlan, at: number, event: string): LogEntry {
  return {
    at,
    severity: event === "worker_heartbeat" ? "INFO" : "WARNING",
    resource: { type: "cloud_run_job", labels: { project_id: project, location: region, job_name: jobName } },
    jsonPayload: { event, message: event },
  };
}

/** What the agent leaves of an attempt that it worked on: Cloud Run's request log, and its own line. */
function agentLines({ rounds }: StackPlan, round: RoundPlan, { at, takes, status }: Ended): readonly LogEntry[] {
  const resource = {
    type: "cloud_run_revision",
    labels: { project_id: round.project, location: round.region, service_name: rounds?.service.name ?? "" },
  };
  const request = { latency: `${takes / SECOND}s`, userAgent: "Google-Cloud-Scheduler" };
  const triggered = { source: "cloud-scheduler", patientsQueried: 45, callsInitiated: 42 };
  switch (status) {
    case undefined:
      return [
        { at, severity: "INFO", resource, httpRequest: { ...request, status: 200 } },
        { at, severity: "INFO", resource, jsonPayload: { ...triggered, message: "Scheduled rounds triggered" } },
      ];
    case "DEADLINE_EXCEEDED":
      return [{ at, severity: "ERROR", resource, httpRequest: { ...request, status: 504 } }];
    case "INTERNAL":
      return [{ at, severity: "ERROR", resource, httpRequest: { ...request, status: 500 } }];
    // Refused before the agent saw it.
    case "PERMISSION_DENIED":
      return [];
  }
}
