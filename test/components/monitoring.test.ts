import { describe, expect, it } from "vitest";
import { Alerts } from "../../components/alerts.ts";
import { Dashboard } from "../../components/dashboard.ts";
import type { AlertPolicyPlan, AlertsPlan, ChannelPlan } from "../../domain/alerts/plan.ts";
import { at } from "../support/clinic.ts";
import { all, type Declared, declaredBy, one, UNKNOWN } from "../support/declared.ts";

const failed: AlertPolicyPlan = {
  key: "execution-failed",
  project: "clinic-project",
  displayName: "Execution failed",
  severity: "CRITICAL",
  documentation: "Start it by hand.",
  condition: { kind: "promql", query: "vector(1) > 0", duration: 300, evaluationInterval: 60 },
  autoClose: 1800,
  metrics: [],
};

const launch: AlertPolicyPlan = {
  ...failed,
  key: "launch-failed",
  condition: { kind: "log", filter: "severity>=ERROR", rateLimit: 3600, labelExtractors: { job: "EXTRACT(x)" } },
};

const heartbeat: AlertsPlan["metrics"][number] = {
  key: "heartbeat",
  project: "clinic-project",
  name: "agent_worker_heartbeat",
  resource: "cloud_run_job",
  description: "Heartbeats",
  filter: 'jsonPayload.event="worker_heartbeat"',
};

function watched(changes: Partial<AlertsPlan>) {
  const plan: AlertsPlan = { channels: [], metrics: [], policies: [failed], ...changes };
  return declaredBy(() => {
    new Alerts("alerts", { environment: "staging", labels: { owner: "voice" }, plan });
  });
}

const policy = (declared: readonly Declared[]) => one(declared, "AlertPolicy", "alerts-execution-failed");
const channel = (key: string, target: ChannelPlan["target"]): ChannelPlan => ({
  key,
  project: "clinic-project",
  target,
});

describe("an alert policy", () => {
  it("on a query is not validated against metrics: a new one is only there after it was first written", async () => {
    expect(at(policy(await watched({})).inputs, "conditions.0.conditionPrometheusQueryLanguage")).toEqual({
      query: "vector(1) > 0",
      duration: "300s",
      evaluationInterval: "60s",
      disableMetricValidation: true,
    });
  });

  it("on a query has no rate limit, which the API refuses there with 400", async () => {
    expect(policy(await watched({})).inputs.alertStrategy).toEqual({ autoClose: "1800s" });
  });

  it("on a log entry has the rate limit that the API insists on", async () => {
    const declared = await watched({ policies: [launch] });
    const { inputs } = one(declared, "AlertPolicy", "alerts-launch-failed");
    expect(inputs.alertStrategy).toEqual({ autoClose: "1800s", notificationRateLimit: { period: "3600s" } });
    expect(at(inputs, "conditions.0.conditionMatchedLog")).toEqual({
      filter: "severity>=ERROR",
      labelExtractors: { job: "EXTRACT(x)" },
    });
  });

  it("has one condition, a severity and what to do at night", async () => {
    expect(policy(await watched({})).inputs).toMatchObject({
      combiner: "OR",
      enabled: true,
      severity: "CRITICAL",
      documentation: { content: "Start it by hand.", mimeType: "text/markdown" },
      userLabels: { owner: "voice", environment: "staging", component: "alerts" },
      conditions: [{ displayName: "Execution failed" }],
    });
  });

  it("comes after the metrics it reads", async () => {
    const declared = await watched({ metrics: [heartbeat], policies: [{ ...failed, metrics: ["heartbeat"] }] });
    expect(policy(declared).dependencies).toContain(one(declared, "Metric", "alerts-heartbeat-metric").urn);
  });

  it("tells the channels of its own project alone, in the order of their keys: another order looks like a change", async () => {
    const existing = (key: string, project: string): ChannelPlan => ({
      key,
      project,
      target: { kind: "existing", name: `projects/${project}/notificationChannels/${key.length}` },
    });
    const channels = [existing("zz", "clinic-project"), existing("a", "clinic-project"), existing("far", "elsewhere")];
    expect(policy(await watched({ channels })).inputs.notificationChannels).toEqual([
      "projects/clinic-project/notificationChannels/1",
      "projects/clinic-project/notificationChannels/2",
    ]);
  });
});

describe("a notification channel", () => {
  it.each<[string, ChannelPlan["target"], Record<string, unknown>]>([
    [
      "e-mail",
      { kind: "email", address: "oncall@example.com" },
      { type: "email", labels: { email_address: "oncall@example.com" } },
    ],
    [
      "PagerDuty",
      { kind: "pagerduty", serviceKey: "k" },
      { type: "pagerduty", sensitiveLabels: { serviceKey: { secret: "k" } } },
    ],
    [
      "Slack",
      { kind: "slack", channel: "#oncall", token: "t" },
      { type: "slack", labels: { channel_name: "#oncall" }, sensitiveLabels: { authToken: { secret: "t" } } },
    ],
    [
      "a webhook",
      { kind: "webhook", url: "https://hook.example" },
      { type: "webhook_tokenauth", labels: { url: { secret: "https://hook.example" } } },
    ],
  ])("reaches %s, its key a secret of the state", async (_, target, inputs) => {
    const declared = await watched({ channels: [channel("oncall", target)] });
    expect(one(declared, "NotificationChannel", "alerts-clinic-project.oncall").inputs).toMatchObject(inputs);
    expect(policy(declared).inputs.notificationChannels).toEqual([UNKNOWN]);
  });
});

describe("a log-based metric", () => {
  it("always has its descriptor: without one every preview would show a difference", async () => {
    const { inputs } = one(await watched({ metrics: [heartbeat] }), "Metric", "alerts-heartbeat-metric");
    expect(inputs.metricDescriptor).toEqual({ metricKind: "DELTA", valueType: "INT64", unit: "1" });
    expect(inputs).not.toHaveProperty("bucketOptions");
  });

  it("of a duration has its buckets", async () => {
    const distribution = {
      valueExtractor: "EXTRACT(httpRequest.latency)",
      unit: "s",
      buckets: { scale: 1, growthFactor: 2, count: 10 },
    };
    const declared = await watched({ metrics: [{ ...heartbeat, distribution }] });
    expect(one(declared, "Metric", "alerts-heartbeat-metric").inputs).toMatchObject({
      valueExtractor: "EXTRACT(httpRequest.latency)",
      metricDescriptor: { valueType: "DISTRIBUTION", unit: "s" },
      bucketOptions: { exponentialBuckets: { scale: 1, growthFactor: 2, numFiniteBuckets: 10 } },
    });
  });
});

describe("the dashboard", () => {
  it("is declared as the JSON that was planned, and nothing else", async () => {
    const plan = {
      project: "clinic-project",
      displayName: "Workers",
      json: { displayName: "Workers", tiles: [{ width: 4 }] },
    };
    const declared = await declaredBy(() => {
      new Dashboard("dashboard", { plan });
    });
    const [dashboard] = all(declared, "Dashboard").filter(({ type }) => type.startsWith("gcp:"));
    expect(dashboard?.inputs).toEqual({ project: "clinic-project", dashboardJson: JSON.stringify(plan.json) });
  });
});
