import { afterAll, beforeAll, expect, test } from "vitest";
import { planDashboard } from "../../domain/alerts/dashboard.ts";
import { planAlerts } from "../../domain/alerts/plan-alerts.ts";
import { type Prometheus, prometheusMissing, startPrometheus } from "../support/prometheus.ts";
import { clinic } from "../support/stories/stories.ts";
import { tier } from "../support/tier.ts";

const stack = clinic({
  rounds: { general: true, hospitals: { east: { id: "h-1", name: "East", timeZone: "America/Chicago" } } },
});

const ofAlerts = planAlerts(stack)?.policies.flatMap(({ key, condition }) =>
  condition.kind === "promql" ? [{ title: key, query: condition.query }] : [],
);
const ofDashboards = planDashboard(stack).flatMap(({ json }) =>
  [...JSON.stringify(json).matchAll(/"prometheusQuery":("(?:[^"\\]|\\.)*")/g)].map(([, query = '""'], index) => ({
    title: `tile ${index + 1}`,
    query: JSON.parse(query) as string,
  })),
);

tier("queries in a real Prometheus", prometheusMissing(), () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus();
  });
  afterAll(() => prometheus?.stop());

  test.for([...(ofAlerts ?? []), ...ofDashboards])("$title is PromQL", async ({ query }) => {
    await expect(prometheus.query(query, 1_800_000_000, 1_800_000_000, 60)).resolves.toBeDefined();
  });
});
