import { describe, expect, test } from "vitest";
import { planAlerts } from "../../../domain/alerts/plan-alerts.ts";
import { type LogEntry, matcher } from "../../support/stories/log-filter.ts";
import { clinic } from "../../support/stories/stories.ts";

const alerts = planAlerts(clinic());

/** As Cloud Scheduler wrote them in 2026: a success has no status, a failure has one and is an ERROR. */
function attempt(job: string, what: "Started" | "Finished", failed = false): LogEntry {
  return {
    at: 0,
    severity: failed ? "ERROR" : "INFO",
    resource: {
      type: "cloud_scheduler_job",
      labels: { project_id: "clinic-486203", location: "us-central1", job_id: job },
    },
    httpRequest: { status: failed ? 500 : 200 },
    jsonPayload: {
      "@type": `type.googleapis.com/google.cloud.scheduler.logging.Attempt${what}`,
      jobName: `projects/clinic-486203/locations/us-central1/jobs/${job}`,
      targetType: "HTTP",
      ...(failed
        ? { status: "INTERNAL", debugInfo: "URL_UNREACHABLE-UNREACHABLE_5xx. Original HTTP response code number = 500" }
        : {}),
    },
  };
}

function ofService(name: string, fields: Partial<LogEntry>): LogEntry {
  const labels = { project_id: "clinic-486203", location: "us-central1", service_name: name };
  return { at: 0, severity: "INFO", resource: { type: "cloud_run_revision", labels }, ...fields };
}

const triggered = { source: "cloud-scheduler", scheduleHour: 8, patientsQueried: 45, callsInitiated: 42 };
const start = "dental-agent-start-weekday";
const round = "careflow-noon-rounds";

const rows: readonly { title: string; entry: LogEntry; counted: readonly string[] }[] = [
  { title: "a start that begins", entry: attempt(start, "Started"), counted: ["starts-attempted"] },
  {
    title: "a start that succeeds",
    entry: attempt(start, "Finished"),
    counted: ["starts-attempted", "starts-succeeded"],
  },
  {
    title: "a start that fails",
    entry: attempt(start, "Finished", true),
    counted: ["starts-attempted", "starts-failed"],
  },
  { title: "a round that begins", entry: attempt(round, "Started"), counted: ["rounds-attempted"] },
  {
    title: "a round that succeeds",
    entry: attempt(round, "Finished"),
    counted: ["rounds-attempted", "rounds-finished", "rounds-succeeded"],
  },
  {
    title: "a round that fails",
    entry: attempt(round, "Finished", true),
    counted: ["rounds-attempted", "rounds-failed", "rounds-finished"],
  },
  { title: "a job of somebody else in the project", entry: attempt("backup", "Finished", true), counted: [] },
  {
    title: "the request of a round",
    entry: ofService("careflow-agent", {
      httpRequest: { status: 200, latency: "20.5s", userAgent: "Google-Cloud-Scheduler" },
    }),
    counted: ["round-duration"],
  },
  {
    title: "another request to the agent",
    entry: ofService("careflow-agent", { httpRequest: { status: 200, latency: "0.1s", userAgent: "curl/8.5.0" } }),
    counted: [],
  },
  {
    title: "the agent's line about a round",
    entry: ofService("careflow-agent", { jsonPayload: triggered }),
    counted: ["calls-initiated", "patients-queried"],
  },
  { title: "such a line of another service", entry: ofService("other", { jsonPayload: triggered }), counted: [] },
  {
    title: "an error of the agent that dials",
    entry: ofService("caller-agent", { severity: "ERROR", textPayload: "Twilio answered 429" }),
    counted: ["twilio-errors"],
  },
  {
    title: "Twilio named without an error",
    entry: ofService("caller-agent", { textPayload: "Twilio answered 201" }),
    counted: [],
  },
];

describe("log-based metrics, against entries as Google writes them", () => {
  test.for(rows)("$title is counted by $counted", ({ entry, counted }) => {
    const metrics = alerts?.metrics.filter(({ filter }) => matcher(filter)(entry)) ?? [];
    expect(metrics.map(({ key }) => key)).toEqual(counted);
    for (const { resource } of metrics) expect(resource).toBe(entry.resource.type);
  });

  test("a failed launch sets off the alert that reads the log, and a failed round does not", () => {
    const condition = alerts?.policies.find(({ key }) => key === "launch-failed")?.condition;
    const matches = condition?.kind === "log" ? matcher(condition.filter) : undefined;
    expect(matches?.(attempt(start, "Finished", true))).toBe(true);
    expect(matches?.(attempt(start, "Finished"))).toBe(false);
    expect(matches?.(attempt(round, "Finished", true))).toBe(false);
  });

  test("the limit of a round is a bound of its buckets, so that what is over it is known exactly", () => {
    const buckets = alerts?.metrics.find(({ key }) => key === "round-duration")?.distribution?.buckets;
    const { scale = 0, growthFactor = 0, count = 0 } = buckets ?? {};
    expect(Array.from({ length: count }, (_, index) => scale * growthFactor ** index)).toContain(300);
  });
});
