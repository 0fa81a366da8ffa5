import { variable } from "../contract.ts";
import { DAY_SECONDS, HOUR_SECONDS } from "../duration.ts";
import { endOfRun } from "../worker.ts";
import { byCalendar } from "./calendars.ts";
import { latencies, quantile } from "./conditions/agent.ts";
import { running } from "./conditions/executions.ts";
import { jobNames } from "./conditions/starts.ts";
import type { WatchedRounds, WatchedWorkers } from "./conditions/watched.ts";
import { gate } from "./gate.ts";
import { counted, supervised } from "./metrics.ts";
import type { DashboardPlan } from "./plan.ts";
import { type WatchedStack, watchedRounds, watchedWorkers } from "./plan-alerts.ts";
import { chosen } from "./policy.ts";
import { grown, minutes, series } from "./promql.ts";
import { chart, mosaic, type Tile, text } from "./tiles.ts";

/**
 * The stack's dashboard, in the project of what it shows.
 *
 * Cloud Monitoring shows another project's metrics only where somebody added that project to a metrics scope, which
 * changes what everybody else in the project sees. So rounds in a project of their own have a dashboard of their own.
 *
 * @returns nothing for a stack without alerts, whose metrics nobody counts
 */
export function planDashboard(stack: WatchedStack): readonly DashboardPlan[] {
  const settings = stack.settings.alerts;
  if (settings === undefined) return [];
  const workers = watchedWorkers(stack, settings);
  const rounds = watchedRounds(stack, settings);
  const shown = [
    ...(workers === undefined ? [] : [{ project: workers.project, what: "workers", tiles: workerTiles(workers) }]),
    ...(rounds === undefined ? [] : [{ project: rounds.project, what: "rounds", tiles: roundTiles(rounds) }]),
  ];
  return [...Map.groupBy(shown, ({ project }) => project)].map(([project, parts]) => {
    const displayName = `agent-worker ${stack.context.environment}: ${parts.map(({ what }) => what).join(" and ")}`;
    const tiles = parts.flatMap((part) => part.tiles);
    return { project, displayName, json: { displayName, mosaicLayout: mosaic(tiles) } };
  });
}

function workerTiles(watched: WatchedWorkers): readonly Tile[] {
  const { metrics, region, workers } = watched;
  const completed = series("run.googleapis.com/job/completed_execution_count", "cloud_run_job", {
    location: region,
    job_name: jobNames(workers),
  });
  const open = byCalendar(workers).flatMap(({ words, workers: [{ calendar }] }) => {
    const hours = gate(calendar, { after: 0 });
    return hours === undefined ? [] : [{ query: `vector(${hours})`, legend: `open: ${words}` }];
  });
  const always = [
    chart("Running executions, and office hours", "LINE", [
      { query: `max by(job_name)(${running(watched)})`, legend: "{{job_name}}" },
      ...open,
    ]),
    chart("Executions that ended, in the hour before", "STACKED_BAR", [
      {
        query: `sum by(job_name,result)(increase(${completed}[${minutes(HOUR_SECONDS)}]))`,
        legend: "{{job_name}} {{result}}",
      },
    ]),
    chart("Launches, in the hour before", "STACKED_BAR", [
      { query: grown(counted(metrics, "starts-succeeded"), HOUR_SECONDS, "job_id"), legend: "{{job_id}} succeeded" },
      { query: grown(counted(metrics, "starts-failed"), HOUR_SECONDS, "job_id"), legend: "{{job_id}} failed" },
    ]),
  ];
  const ofRuntime =
    supervised(workers).length === 0
      ? []
      : [
          chart("Heartbeats, in the five minutes before", "LINE", [
            { query: grown(counted(metrics, "heartbeats"), 300, "job_name"), legend: "{{job_name}}" },
          ]),
          chart("Orphaned campaigns, in the day before", "STACKED_BAR", [
            {
              query: grown(counted(metrics, "orphans-recovered"), DAY_SECONDS, "job_name"),
              legend: "{{job_name}} taken over",
            },
            {
              query: grown(counted(metrics, "orphans-quarantined"), DAY_SECONDS, "job_name"),
              legend: "{{job_name}} quarantined",
            },
          ]),
        ];
  return [text("Runbook of the workers", workerRunbook(watched)), ...always, ...ofRuntime];
}

function roundTiles(watched: WatchedRounds): readonly Tile[] {
  const { metrics, settings } = watched;
  const failed = counted(metrics, "rounds-failed");
  const [took, requests] = ["_sum", "_count"].map((suffix) =>
    grown(counted(metrics, "round-duration", suffix), HOUR_SECONDS),
  );
  const people = (key: string) => grown(counted(metrics, key, "_sum"), DAY_SECONDS);
  return [
    text("Runbook of the rounds", roundRunbook(watched)),
    chart("Attempts of rounds, in the hour before", "STACKED_BAR", [
      { query: grown(counted(metrics, "rounds-succeeded"), HOUR_SECONDS, "job_id"), legend: "{{job_id}} succeeded" },
      { query: grown(failed, HOUR_SECONDS, "job_id"), legend: "{{job_id}} failed" },
    ]),
    chart("Share of attempts that had to be retried, in the day before", "LINE", [
      {
        query: `${grown(failed, DAY_SECONDS)}/${grown(counted(metrics, "rounds-finished"), DAY_SECONDS)}`,
        legend: "retried",
      },
      { query: `vector(${settings.retryRate})`, legend: "limit" },
    ]),
    chart("Duration of a round in seconds, mean of the hour before", "LINE", [
      { query: `${took}/${requests}`, legend: "round" },
      { query: `vector(${settings.roundDuration})`, legend: "limit" },
    ]),
    chart("The agent's answers in milliseconds, 95th percentile", "LINE", [
      { query: quantile(0.95, latencies(watched)), legend: "{{service_name}}" },
      { query: `vector(${settings.agentLatencyP95 * 1000})`, legend: "limit" },
    ]),
    chart("Patients queried and calls initiated, in the day before", "LINE", [
      { query: people("patients-queried"), legend: "patients queried" },
      { query: people("calls-initiated"), legend: "calls initiated" },
    ]),
    chart("Errors that name Twilio, in the hour before", "STACKED_BAR", [
      { query: grown(counted(metrics, "twilio-errors"), HOUR_SECONDS, "service_name"), legend: "{{service_name}}" },
    ]),
  ];
}

function workerRunbook({ project, region, workers }: WatchedWorkers): string {
  const start = `gcloud run jobs execute "$JOB" --project=${project} --region=${region}`;
  return shell(chosen("JOB", jobNames(workers)), {
    [`Start now. ${endOfRun(workers)}`]: start,
    ...(supervised(workers).length === 0
      ? {}
      : { "Start outside office hours (with the runtime)": `${start} --update-env-vars=${variable.runFor}=2h` }),
    "What runs, and what ran": `gcloud run jobs executions list --job="$JOB" --project=${project} --region=${region} --limit=5`,
    "Its log": `gcloud logging read "resource.type=cloud_run_job AND resource.labels.job_name=$JOB" --project=${project} --freshness=1d --limit=50`,
  });
}

function roundRunbook({ project, region, plan }: WatchedRounds): string {
  return shell(
    chosen(
      "ROUND",
      plan.rounds.map(({ name }) => name),
    ),
    {
      "Last attempt": `gcloud scheduler jobs describe "$ROUND" --project=${project} --location=${region} --format="table(state, lastAttemptTime, scheduleTime, status.code)"`,
      "Pause (no patient is called)": `gcloud scheduler jobs pause "$ROUND" --project=${project} --location=${region}`,
      Resume: `gcloud scheduler jobs resume "$ROUND" --project=${project} --location=${region}`,
      "Force (patients are called now)": `gcloud scheduler jobs run "$ROUND" --project=${project} --location=${region}`,
    },
  );
}

function shell(before: readonly string[], commands: Readonly<Record<string, string>>): string {
  const lines = Object.entries(commands).flatMap(([what, command]) => [`# ${what}`, command]);
  return ["```sh", ...before, ...lines, "```"].join("\n");
}
