import { Temporal } from "temporal-polyfill";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planAlerts } from "../../domain/alerts/plan-alerts.ts";
import { instantOf } from "../../domain/zone.ts";
import { type Prometheus, prometheusMissing, startPrometheus } from "../support/prometheus.ts";
import { fires } from "../support/stories/fired.ts";
import { points } from "../support/stories/points.ts";
import { type Story, stories } from "../support/stories/stories.ts";
import { live } from "../support/stories/world.ts";
import { tier } from "../support/tier.ts";

/** A story's day, and the next until the afternoon. */
const LENGTH = 40 * 3_600_000;

/** https://docs.cloud.google.com/monitoring/api/metrics_gcp (November 2026): points arrive up to three minutes late. */
const delays = [
  { points: "three minutes late", delay: 180_000 },
  { points: "at once", delay: 0 },
];

/** A policy's key without the calendar or zone that is part of it. */
function shortKey(key: string): string {
  return key.replace(/^(start-missed|worker-absent|round-missed)-.*$/, "$1");
}

/** Lives through a story once, and asks every alert about it. */
async function told(
  { plan, date, troubles }: Story,
  delay: number,
  prometheus: Prometheus,
): Promise<readonly string[]> {
  const { policies, metrics } = planAlerts(plan) ?? { policies: [], metrics: [] };
  const from = instantOf("Asia/Karachi", Temporal.PlainDate.from(date), 0);
  const to = from + LENGTH;
  const world = live(plan, from, to, troubles);
  const read = new Set(policies.flatMap((policy) => policy.metrics));
  await prometheus.write(
    points(
      world,
      metrics.filter(({ key }) => read.has(key)),
      from,
      to,
      delay,
    ),
  );
  const asked = policies.map(async (policy) =>
    (await fires(policy, world, prometheus, from, to)) ? [shortKey(policy.key)] : [],
  );
  return [...new Set((await Promise.all(asked)).flat())].sort();
}

tier("stories in a real Prometheus", prometheusMissing(), () => {
  describe.each(delays)("with points that arrive $points", ({ delay }) => {
    let prometheus: Prometheus;
    beforeAll(async () => {
      prometheus = await startPrometheus();
    });
    afterAll(() => prometheus?.stop());

    test.for(stories)("$title: $told", async (story) => {
      expect(await told(story, delay, prometheus)).toEqual(story.told);
    });
  });
});
