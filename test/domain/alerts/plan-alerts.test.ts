import { describe, expect, test } from "vitest";
import type { AlertPolicyPlan, AlertsPlan } from "../../../domain/alerts/plan.ts";
import { horizonRemark, planAlerts } from "../../../domain/alerts/plan-alerts.ts";
import { planStack } from "../../../domain/plan.ts";

const image = `us-central1-docker.pkg.dev/clinic-486203/agents/dental@sha256:${"0".repeat(64)}`;
const officeHours = { timeZone: "Asia/Karachi", week: { weekday: { days: "mon-fri", open: "09:00", close: "17:00" } } };
const worker = { image, command: ["python", "worker_main.py"], officeHours };
const rounds = {
  service: { name: "careflow-agent", url: "https://careflow-agent-abc123-uc.a.run.app", requestTimeout: "600s" },
  timeZone: "America/New_York",
  daily: { morning: "08:15", noon: "12:15", evening: "20:15" },
};

function planned(sections: object): AlertsPlan | undefined {
  return planAlerts(
    planStack({ "gcp:project": "clinic-486203", "gcp:region": "us-central1", environment: "prod", ...sections }),
  );
}

function alerts(sections: object): AlertsPlan {
  const plan = planned({ alerts: {}, ...sections });
  if (plan === undefined) throw new Error("no alerts");
  return plan;
}

function keys({ policies }: AlertsPlan): readonly string[] {
  return policies.map(({ key }) => key);
}

function queryOf({ policies }: AlertsPlan, start: string): string {
  const condition = policies.find(({ key }) => key.startsWith(start))?.condition;
  return condition?.kind === "promql" ? condition.query : "";
}

function workers(count: number, changes: object = {}) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`w${String(index).padStart(3, "0")}`, { ...worker, ...changes }]),
  );
}

const whole = { workers: { dental: worker }, rounds };

describe("which alerts a stack has", () => {
  test("every condition that was asked for, each once", () => {
    expect(keys(alerts(whole)).map((key) => key.replace(/-(asia|america)-.*$/, ""))).toEqual([
      "agent-latency",
      "execution-failed",
      "executions-overlap",
      "heartbeat-silent",
      "launch-failed",
      "orphan-quarantined",
      "orphan-recovered",
      "round-duration",
      "round-failure-rate",
      "round-missed",
      "round-retry-rate",
      "rounds-failing",
      "start-missed",
      "starts-failing",
      "worker-absent",
    ]);
  });

  test("none without an alerts section", () => {
    expect(planned(whole)).toBeUndefined();
  });

  test("nobody is woken for a worker that is only prepared", () => {
    const { image: _, ...prepared } = worker;
    expect(alerts({ workers: { dental: prepared } })).toEqual({ channels: [], metrics: [], policies: [] });
  });

  test("a worker without the runtime has no heartbeat to miss", () => {
    const bare = { image, supervise: false, officeHours };
    expect(keys(alerts({ workers: { dental: bare } })).filter((key) => /heartbeat|orphan/.test(key))).toEqual([]);
    expect(queryOf(alerts({ workers: { dental: bare, eyes: worker } }), "heartbeat")).not.toContain("dental");
  });

  test("rounds that the settings pause are not missed", () => {
    const paused = alerts({ rounds: { ...rounds, paused: true } });
    expect(keys(paused).filter((key) => key.startsWith("round-missed"))).toEqual([]);
    expect(keys(alerts({ rounds: { ...rounds, paused: false } }))).toContain("round-missed-america-new-york");
  });
});

describe("how many there are", () => {
  test("a hundred workers with the same hours have as many as one", () => {
    expect(keys(alerts({ workers: workers(100) }))).toEqual(keys(alerts({ workers: workers(1) })));
  });

  test("the hundred-and-first has a second query for absences, and the first keeps its name", () => {
    const few = keys(alerts({ workers: workers(100) }));
    const added = keys(alerts({ workers: workers(101) })).filter((key) => !few.includes(key));
    expect(added).toHaveLength(2);
    expect(added.every((key) => key.endsWith("-2"))).toBe(true);
  });

  test("other hours have their own absences, and rename nobody's", () => {
    const later = { ...officeHours, week: { late: { days: "mon-fri", open: "12:00", close: "20:00" } } };
    const before = keys(alerts({ workers: { dental: worker } }));
    const after = keys(alerts({ workers: { a: { ...worker, officeHours: later }, dental: worker } }));
    expect(after).toEqual(expect.arrayContaining([...before]));
    expect(after).toHaveLength(before.length + 2);
  });

  test("hours under another name are the same hours", () => {
    const renamed = { ...officeHours, week: { clinic: officeHours.week.weekday } };
    expect(keys(alerts({ workers: { a: worker, b: { ...worker, officeHours: renamed } } }))).toEqual(
      keys(alerts({ workers: { a: worker } })),
    );
  });

  test("holidays of one clinic do not close another's", () => {
    const closed = { ...officeHours, holidays: ["2026-12-25"] };
    expect(keys(alerts({ workers: { a: worker, b: { ...worker, officeHours: closed } } }))).toHaveLength(
      keys(alerts({ workers: { a: worker } })).length + 2,
    );
  });
});

describe("where they live", () => {
  const apart = alerts({
    ...whole,
    rounds: { ...rounds, project: "careflow-478811", region: "us-east4" },
    alerts: {
      channels: {
        oncall: { email: "oncall@example.com" },
        there: { existing: "projects/careflow-478811/notificationChannels/7" },
        unknown: { existing: "projects/123456789/notificationChannels/8" },
      },
    },
  });

  test("each in the project of what it watches, with the metrics it reads", () => {
    for (const { key, project, metrics } of apart.policies) {
      expect([key, project]).toEqual([key, /^(round|agent)/.test(key) ? "careflow-478811" : "clinic-486203"]);
      const homes = metrics.map((metric) => apart.metrics.find((candidate) => candidate.key === metric)?.project);
      expect(homes.filter((home) => home !== project)).toEqual([]);
    }
  });

  test("a channel exists in each project that tells it, an existing one where it is", () => {
    expect(apart.channels.map(({ key, project }) => `${key} ${project}`)).toEqual([
      "oncall careflow-478811",
      "oncall clinic-486203",
      "there careflow-478811",
      "unknown careflow-478811",
      "unknown clinic-486203",
    ]);
  });

  test("the rounds' own region is the one that is watched", () => {
    expect(queryOf(apart, "agent-latency")).toContain('location="us-east4"');
  });
});

describe("what Cloud Monitoring takes", () => {
  const all = alerts({ ...whole, workers: workers(3) });
  const ranges = (query: string) =>
    [...query.matchAll(/\[(\d+)([mh])\]/g)].map(([, n, unit]) => Number(n) * (unit === "h" ? 60 : 1));

  test.for(all.policies)("$key", ({ condition, autoClose, documentation, displayName }: AlertPolicyPlan) => {
    // https://docs.cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies (November 2026)
    expect(autoClose).toBeGreaterThanOrEqual(1800);
    expect(Buffer.byteLength(documentation)).toBeLessThan(8192);
    expect(displayName.length).toBeLessThanOrEqual(512);
    if (condition.kind === "log") {
      expect(condition.rateLimit).toBeGreaterThanOrEqual(300);
      return;
    }
    expect(condition.evaluationInterval % 30).toBe(0);
    expect(condition.duration % condition.evaluationInterval).toBe(0);
    expect(Math.max(...ranges(condition.query))).toBeLessThanOrEqual(25 * 60);
    expect(condition.query).not.toContain("cloudscheduler_googleapis_com");
    for (const [selector] of condition.query.matchAll(/googleapis_com:\w+\{[^}]*\}/g))
      expect(selector).toContain("monitored_resource=");
  });

  test("a day's range is not exceeded by the longest settings", () => {
    const longest = alerts({
      ...whole,
      alerts: { startWithin: "23h", heartbeatSilence: "23h", consecutiveFailures: 6 },
    });
    const all = longest.policies.flatMap(({ condition }) =>
      condition.kind === "promql" ? ranges(condition.query) : [],
    );
    expect(Math.max(...all)).toBeLessThanOrEqual(25 * 60);
  });

  test("lists come sorted, since their order is part of what Google compares", () => {
    for (const list of [all.policies, all.metrics, all.channels]) {
      expect(list.map(({ key }) => key)).toEqual([...list].map(({ key }) => key).sort());
    }
  });

  test("metrics are named so that PromQL reads them as they are", () => {
    for (const { name } of all.metrics) expect(name).toMatch(/^[a-z][a-z0-9_]{0,99}$/);
  });
});

describe("what a person reads at night", () => {
  const one = alerts(whole);

  test.for(one.policies)(
    "$key has steps, and commands that name the stack's own things",
    ({ documentation, project }) => {
      expect(documentation).toMatch(/\n1\. /);
      expect(documentation).toMatch(new RegExp(`^gcloud .*--project=${project}`, "m"));
      // Only Cloud Monitoring's own variables are filled in; anything else in braces would be lost.
      expect(documentation).not.toMatch(/\$\{(?!metric_or_resource\.|log\.extracted_label\.)/);
    },
  );

  test("the only worker is named in the commands, and of several the incident's", () => {
    const text = (plan: AlertsPlan) => plan.policies.find(({ key }) => key === "execution-failed")?.documentation;
    expect(text(one)).toContain("JOB=dental\n");
    expect(text(alerts({ workers: workers(3) }))).toContain(
      `# One of w000, w001, w002:\nJOB=\${metric_or_resource.label.job_name}`,
    );
  });
});

describe("thresholds", () => {
  test("come from the settings", () => {
    const strict = alerts({
      ...whole,
      alerts: {
        failureRate: "2%",
        retryRate: "1%",
        consecutiveFailures: 2,
        agentLatencyP95: "5s",
        roundDuration: "90s",
      },
    });
    expect(queryOf(strict, "round-failure-rate")).toMatch(/>0\.02$/);
    expect(queryOf(strict, "round-retry-rate")).toMatch(/>0\.01$/);
    expect(queryOf(strict, "rounds-failing")).toContain(">1.5 unless");
    expect(queryOf(strict, "agent-latency")).toMatch(/>5000$/);
    expect(queryOf(strict, "round-duration")).toMatch(/>90$/);
  });

  test("a round with fewer attempts than failures in a row is told once each of them failed", () => {
    expect(queryOf(alerts({ rounds: { ...rounds, retry: { count: 0 } } }), "rounds-failing")).toContain(">0.5 unless");
  });

  test("a worker with slow heartbeats does not slow down the alert of the others", () => {
    const slow = { ...worker, heartbeat: { interval: "10m", orphanAfter: "30m" } };
    const query = queryOf(alerts({ workers: { quick: worker, slow } }), "heartbeat");
    expect(query).toMatch(/job_name="quick"[^)]*\[5m\] offset 9m/);
    expect(query).toMatch(/job_name="slow"[^)]*\[5m\] offset 34m/);
  });
});

describe("the horizon", () => {
  test.for([
    ["2027-12-31", undefined],
    ["2028-07-01", /6 months/],
    ["2030-01-01", /0 months/],
  ] as const)("on %s", ([date, words]) => {
    const remark = horizonRemark(Date.parse(date));
    if (words === undefined) expect(remark).toBeUndefined();
    else expect(remark).toMatchObject({ path: "alerts", problem: expect.stringMatching(words) });
  });
});
