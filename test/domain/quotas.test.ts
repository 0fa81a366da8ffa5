import { describe, expect, test } from "vitest";
import type { AlertsPlan, ChannelPlan } from "../../domain/alerts/plan.ts";
import type { StackPlan } from "../../domain/plan.ts";
import { type LimitName, quotaFindings, quotaUse } from "../../domain/quotas.ts";
import { careflow, dentalWorker, stack } from "./clinic.ts";

const used = (plan: StackPlan, limit: LimitName, alerts?: AlertsPlan) =>
  quotaUse({ ...plan, alerts })
    .filter((use) => use.limit === limit)
    .map(({ scope, used }) => [scope, used]);

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`w${index}`, dentalWorker]));

/** A plan in which one worker stands for many: a thousand of them take a while to plan. */
function crowd(count: number): StackPlan {
  const plan = stack({ workers: { w: dentalWorker } });
  const [worker] = plan.workers;
  return { ...plan, workers: worker === undefined ? [] : Array.from({ length: count }, () => worker) };
}

const channel = (key: string): ChannelPlan => ({
  key,
  project: "p",
  target: { kind: "email", address: "a@example.com" },
});
const alerts = (channels: readonly ChannelPlan[]): AlertsPlan => ({
  channels,
  metrics: [
    { key: "m", project: "p", name: "short", description: "", filter: "a", resource: "cloud_run_job" },
    { key: "n", project: "p", name: "long", description: "", filter: "a".repeat(19_000), resource: "cloud_run_job" },
  ],
  policies: [
    {
      key: "p",
      project: "p",
      displayName: "Launch failed",
      severity: "CRITICAL",
      documentation: "",
      condition: { kind: "log", filter: "b".repeat(10), rateLimit: 300 },
      autoClose: 1800,
      metrics: [],
    },
  ],
});

describe("what a stack uses", () => {
  const plan = stack({ workers: many(2), rounds: careflow });
  const workers = "ortho-ai-485203/us-central1";

  test.each<[LimitName, readonly (readonly [string, number])[]]>([
    ["Cloud Run jobs", [[workers, 2]]],
    ["executions at once", [[workers, 2]]],
    [
      "scheduler jobs",
      [
        [workers, 4],
        ["careflow-478811/us-central1", 3],
      ],
    ],
    // Each worker has its own, all starts have one, and the rounds have one in their own project.
    [
      "service accounts",
      [
        ["ortho-ai-485203", 3],
        ["careflow-478811", 1],
      ],
    ],
  ])("of %s is counted where Google counts it", (limit, expected) => {
    expect(used(plan, limit)).toEqual(expected);
  });

  test("of one resource is that of the one that comes nearest", () => {
    const secrets = (...names: string[]) => ({
      ...dentalWorker,
      secrets: Object.fromEntries(names.map((name) => [name.toUpperCase(), { secret: name, version: "1" }])),
    });
    const shared = stack({ workers: { w1: secrets("a", "b"), w2: secrets("b") } });
    expect(used(shared, "readers of a secret")).toEqual([["b", 2]]);
    const [[scope, variables] = []] = used(shared, "environment variables");
    expect([scope, variables]).toEqual(["w1", Object.keys(shared.workers[0]?.env ?? {}).length + 2]);
  });

  test("of a prepared worker is its account alone", () => {
    const prepared = stack({ workers: { w: { ...dentalWorker, image: undefined } } });
    expect(used(prepared, "Cloud Run jobs")).toEqual([]);
    expect(used(prepared, "scheduler jobs")).toEqual([]);
    expect(used(prepared, "service accounts")).toEqual([["ortho-ai-485203", 2]]);
  });

  test("of alerts is counted once they are planned", () => {
    const told = alerts([channel("a"), channel("b")]);
    expect(used(plan, "alert policies")).toEqual([]);
    expect(used(plan, "alert policies", told)).toEqual([["p", 1]]);
    expect(used(plan, "log-based metrics", told)).toEqual([["p", 2]]);
    expect(used(plan, "characters of a log filter", told)).toEqual([["long", 19_000]]);
    expect(used(plan, "notification channels", told)).toEqual([["p", 2]]);
  });

  test("counts somebody else's channels for what a policy tells, not for what exists", () => {
    const existing: ChannelPlan = {
      key: "x",
      project: "p",
      target: { kind: "existing", name: "projects/p/notificationChannels/1" },
    };
    const told = alerts([channel("a"), existing]);
    expect(used(plan, "notification channels", told)).toEqual([["p", 1]]);
    expect(used(plan, "channels of an alert policy", told)).toEqual([["p", 2]]);
  });

  test("of a variable's length is counted in bytes", () => {
    const long = stack({ workers: { w: { ...dentalWorker, env: { GREETING: "å".repeat(1000) } } } });
    expect(used(long, "bytes of a variable")).toEqual([["w GREETING", 2000]]);
  });
});

describe("a limit", () => {
  const accounts = (count: number) => quotaUse(crowd(count)).find(({ limit }) => limit === "service accounts");

  test.each<[number, boolean, boolean]>([
    [78, false, false],
    [79, true, false],
    [99, true, false],
    [100, true, true],
  ])("is near from 80 % on, while Google can still be asked for more: %i workers", (workers, near, over) => {
    expect(accounts(workers)).toMatchObject({ used: workers + 1, of: 100, near, over, adjustable: true });
  });

  test("that Google raises on request is no reason to refuse a stack", () => {
    expect(quotaFindings(quotaUse(crowd(300)))).toEqual([]);
  });

  test("that nobody raises is refused, with the number, the limit and the way out", () => {
    const channels = Array.from({ length: 17 }, (_, index) => channel(`c${index}`));
    expect(quotaFindings(quotaUse({ ...crowd(1), alerts: alerts(channels) }))).toEqual([
      {
        path: "alerts.channels",
        problem: "17 channels of an alert policy (p) are over the 16 that Google allows.",
        remedy: "This limit cannot be raised: split the stack, or use fewer.",
      },
    ]);
  });
});
