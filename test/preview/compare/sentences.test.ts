import { describe, expect, test } from "vitest";
import { planStack } from "../../../domain/plan.ts";
import { alertsSchema } from "../../../domain/settings/alerts.ts";
import { compare } from "../../../preview/compare/comparison.ts";
import { planSentences } from "../../../preview/compare/sentences.ts";
import { type Changes, configuration } from "../../domain/settings/whole-stack.ts";
import { declaredStack } from "../../support/declared-stack.ts";

const now = Date.UTC(2026, 10, 26, 8); // a Thursday

function sentences(after: Changes, before: Changes = {}): readonly string[] {
  const [was, is] = [before, { ...before, ...after }].map((changes) => planStack(configuration(changes)));
  if (was === undefined || is === undefined) throw new Error("two plans make two sides");
  return planSentences(was, is, now).map(({ about, text }) => `${about}: ${text}`);
}

const weekday = (open: string, close: string, days = "mon-fri") => ({
  "workers.dental.officeHours.week.weekday": { days, open, close },
});
const digest = (letter: string) =>
  `us-central1-docker.pkg.dev/ortho-ai-485203/agent-repo/dental@sha256:${letter.repeat(64)}`;

test("nothing is said of two stacks that are the same", () => {
  expect(sentences({})).toEqual([]);
});

describe("a reviewer learns when the clinic is left without a worker, and when it gains one", () => {
  test.each<[string, Changes, readonly string[]]>([
    [
      "an earlier opening",
      weekday("08:30", "17:00"),
      [
        "dental: starts Mon–Fri 09:00 → 08:30 Asia/Karachi; next three Fri 2026-11-27 08:30, Mon 2026-11-30 08:30, Tue 2026-12-01 08:30 (03:30 UTC)",
        "dental: open 44 → 46.5 h a week: gains Mon–Fri 08:30–09:00 Asia/Karachi",
        "dental: timeout 8h25m → 8h55m: the longest shift is 8h30m, with 15m of drain and 10m of margin",
      ],
    ],
    [
      "a day that goes, with hours that come",
      weekday("09:00", "18:00", "mon-thu"),
      [
        "dental: starts Mon–Fri → Mon–Thu 09:00 Asia/Karachi; next three Mon 2026-11-30 09:00, Tue 2026-12-01 09:00, Wed 2026-12-02 09:00 (04:00 UTC)",
        "dental: open 44 → 40 h a week: gains Mon–Thu 17:00–18:00, loses Fri 09:00–17:00 Asia/Karachi",
        "dental: timeout 8h25m → 9h25m: the longest shift is 9h, with 15m of drain and 10m of margin",
      ],
    ],
    [
      "hours that move and stay as many",
      { "workers.dental.officeHours.week.saturday": { days: "sun", open: "10:00", close: "14:00" } },
      [
        "dental: starts Sat → Sun 10:00 Asia/Karachi; next three Sun 2026-11-29 10:00, Sun 2026-12-06 10:00, Sun 2026-12-13 10:00 (05:00 UTC)",
        "dental: open 44 h a week as before: gains Sun 10:00–14:00, loses Sat 10:00–14:00 Asia/Karachi",
      ],
    ],
    [
      "a window that goes",
      { "workers.dental.officeHours.week.saturday": undefined },
      [
        "dental: no start saturday any more: it was Sat 10:00 Asia/Karachi",
        "dental: open 44 → 40 h a week: loses Sat 10:00–14:00 Asia/Karachi",
      ],
    ],
    [
      "another time zone: the same clock, other hours",
      { "workers.dental.officeHours.timeZone": "Asia/Dubai" },
      [
        "dental: starts Mon–Fri 09:00 Asia/Karachi → Asia/Dubai; next three Fri 2026-11-27 09:00, Mon 2026-11-30 09:00, Tue 2026-12-01 09:00 (05:00 UTC)",
        "dental: starts Sat 10:00 Asia/Karachi → Asia/Dubai; next three Sat 2026-11-28 10:00, Sat 2026-12-05 10:00, Sat 2026-12-12 10:00 (06:00 UTC)",
        "dental: the hours are those of Asia/Karachi → Asia/Dubai",
      ],
    ],
    [
      "a holiday, on which a start does nothing",
      { ...weekday("08:00", "16:00"), "workers.dental.officeHours.holidays": ["2026-11-27", "2026-01-01"] },
      [
        "dental: starts Mon–Fri 09:00 → 08:00 Asia/Karachi; next three Fri 2026-11-27 08:00 (holiday), Mon 2026-11-30 08:00, Tue 2026-12-01 08:00 (03:00 UTC)",
        "dental: open 44 h a week as before: gains Mon–Fri 08:00–09:00, loses Mon–Fri 16:00–17:00 Asia/Karachi",
        "dental: also closed on 2026-11-27",
      ],
    ],
    [
      "a lead, and a longer drain",
      { "workers.dental.lead": "30m", "workers.dental.drain": "1h" },
      [
        "dental: starts Mon–Fri 09:00 → 08:30 Asia/Karachi; next three Fri 2026-11-27 08:30, Mon 2026-11-30 08:30, Tue 2026-12-01 08:30 (03:30 UTC)",
        "dental: starts Sat 10:00 → 09:30 Asia/Karachi; next three Sat 2026-11-28 09:30, Sat 2026-12-05 09:30, Sat 2026-12-12 09:30 (04:30 UTC)",
        "dental: starts before opening by 0s → 30m",
        "dental: calls may run on after closing for 15m → 1h",
        "dental: timeout 8h25m → 9h40m: the longest shift is 8h, with 30m of lead, 1h of drain and 10m of margin",
      ],
    ],
    [
      "a timeout that somebody fixes",
      { "workers.dental.timeout": "10h" },
      ["dental: timeout 8h25m → 10h, given in the settings; the longest shift is 8h"],
    ],
    [
      "a worker that comes",
      {
        "workers.night": {
          command: ["run"],
          officeHours: { timeZone: "Asia/Karachi", week: { n: { days: "fri-sun", open: "22:00", close: "06:00" } } },
        },
      },
      ["night: new worker, open Fri–Sun 22:00–06:00 Asia/Karachi; 2 vCPU, 4Gi, prepared only, no image yet"],
    ],
    ["a worker that goes", { workers: {} }, ["dental: no such worker any more: nobody answers its calls"]],
  ])("%s", (_, changes, expected) => {
    expect(sentences(changes).filter((text) => !text.startsWith("alerts: "))).toEqual(expected);
  });
});

describe("a reviewer learns what the worker will be", () => {
  test.each<[string, Changes, Changes, readonly string[]]>([
    [
      "image",
      { "workers.dental.image": digest("a") },
      { "workers.dental.image": digest("b") },
      ["dental: image dental@aaaaaaaaaaaa → dental@bbbbbbbbbbbb"],
    ],
    [
      "the same image of another registry",
      { "workers.dental.image": "us-docker.pkg.dev/a/b/dental:1" },
      { "workers.dental.image": "us-docker.pkg.dev/evil/b/dental:1" },
      ["dental: image us-docker.pkg.dev/a/b/dental:1 → us-docker.pkg.dev/evil/b/dental:1"],
    ],
    [
      "a tag in place of a digest",
      { "workers.dental.image": digest("a") },
      { "workers.dental.image": digest("a").replace(/@.*/, ":latest") },
      ["dental: image dental@aaaaaaaaaaaa → dental:latest; no digest any more: what runs can change unseen"],
    ],
    [
      "CPU and memory",
      {},
      { "workers.dental.cpu": 4, "workers.dental.memory": "8Gi" },
      ["dental: CPU 2 vCPU → 4 vCPU", "dental: memory 4Gi → 8Gi"],
    ],
    [
      "retries",
      {},
      { "workers.dental.maxRetries": 0 },
      ["dental: retries 3 → 0: a task that fails is not started again before the next opening"],
    ],
    [
      "a secret's version",
      {},
      { "workers.dental.secrets.LIVEKIT_URL": { secret: "livekit-url", version: "2" } },
      ["dental: secret livekit-url version 1 → 2 (LIVEKIT_URL)"],
    ],
    [
      "another secret",
      {},
      { "workers.dental.secrets.LIVEKIT_URL": { secret: "livekit-eu", version: "1" } },
      ["dental: LIVEKIT_URL reads another secret: livekit-url version 1 → livekit-eu version 1"],
    ],
    [
      "a rotation: the old version is destroyed with its label",
      { "workers.dental.secrets": { TOKEN: { secret: "token", generate: { rotations: ["q3"] } } } },
      { "workers.dental.secrets": { TOKEN: { secret: "token", generate: { rotations: ["q4"] } } } },
      [
        "dental: secret token version the one made for q3 → the one made for q4 (TOKEN)",
        "token: a new version is made for q4",
        "token: the version made for q3 is destroyed",
      ],
    ],
    [
      "a plain variable that becomes a secret, without what it was",
      { "workers.dental.env": { KEY: "hunter2" } },
      { "workers.dental.env": {}, "workers.dental.secrets.KEY": { secret: "key", version: "1" } },
      ["dental: KEY is new, from key version 1", "dental: no variable KEY in plain any more"],
    ],
    [
      "variables",
      { "workers.dental.env": { A: "1", B: "2" } },
      { "workers.dental.env": { B: "3", C: "4" } },
      ['dental: variable B "2" → "3"', 'dental: new variable C = "4"', "dental: no variable A any more"],
    ],
    [
      "variables that are called or look like a credential, without their values",
      { "workers.dental.env": { API_KEY: "hunter2", B: "hunter2", OLD_TOKEN: "hunter2" } },
      { "workers.dental.env": { API_KEY: "hunter3", B: `sk-${"a1B2".repeat(6)}`, NEW_TOKEN: "hunter2" } },
      [
        "dental: variable API_KEY changed (it looks like a credential, and is not shown)",
        "dental: variable B changed (it looks like a credential, and is not shown)",
        "dental: new variable NEW_TOKEN (it looks like a credential, and is not shown)",
        "dental: no variable OLD_TOKEN any more",
      ],
    ],
    [
      "a command that holds one, without it",
      { "workers.dental.command": ["python", "main.py", "--api-key", "hunter2"] },
      { "workers.dental.command": ["python", "main.py"] },
      ["dental: command changed (it looks like a credential, and is not shown)"],
    ],
    [
      "command",
      {},
      { "workers.dental.command": ["python", "other.py"] },
      ['dental: command "python worker_main.py" → "python other.py"'],
    ],
    [
      "heartbeat",
      {},
      { "workers.dental.heartbeat": { interval: "10s", orphanAfter: "120s" } },
      ["dental: heartbeat every 30s, dead after 2m → every 10s, dead after 2m"],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(sentences(after, before).filter((text) => !text.startsWith("alerts: "))).toEqual(expected);
  });
});

describe("a reviewer learns who is called, when and how often", () => {
  test.each<[string, Changes, readonly string[]]>([
    [
      "a round that goes",
      { "rounds.daily": { morning: "08:15", evening: "20:15" } },
      ["round noon: removed: no longer every day 12:15 America/New_York (careflow-noon-rounds)"],
    ],
    [
      "a round that comes",
      { "rounds.daily.night": "23:15" },
      [
        "round night: new, every day 23:15 America/New_York; next three Thu 2026-11-26 23:15, Fri 2026-11-27 23:15, Sat 2026-11-28 23:15 (04:15 UTC) (careflow-night-rounds)",
      ],
    ],
    [
      "a round that moves",
      { "rounds.daily.noon": { at: "13:45", days: "mon-fri" } },
      [
        "round noon: every day 12:15 → Mon–Fri 13:45 America/New_York; next three Thu 2026-11-26 13:45, Fri 2026-11-27 13:45, Mon 2026-11-30 13:45 (18:45 UTC) (careflow-noon-rounds)",
      ],
    ],
    [
      "a hospital, and the rounds without one that end",
      {
        "rounds.general": false,
        "rounds.hospitals": { north: { id: "hospital_n", name: "North", timeZone: "America/Chicago" } },
      },
      [
        "hospital north: new, 3 rounds: morning 08:15, noon 12:15, evening 20:15 America/Chicago (North, to the agent hospital_n); next three Thu 2026-11-26 08:15, Thu 2026-11-26 12:15, Thu 2026-11-26 20:15",
        "all patients (no hospital): removed, with 3 rounds: morning 08:15, noon 12:15, evening 20:15 America/New_York",
      ],
    ],
    [
      "retries, which may call again",
      { "rounds.retry": { count: 5 } },
      ["rounds: retries 3 → 5: each may call the same patients again"],
    ],
    ["fewer retries", { "rounds.retry": { count: 0 } }, ["rounds: retries 3 → 0"]],
    [
      "a service elsewhere, with a deadline and a promise",
      {
        "rounds.service": {
          ...{ name: "careflow-agent", url: "https://other.example.run.app", requestTimeout: "600s", idempotent: true },
        },
        "rounds.attemptDeadline": "5m",
      },
      [
        "rounds: deadline of an attempt 10m → 5m",
        "rounds: service https://careflow-agent-abc123-uc.a.run.app → https://other.example.run.app",
        "rounds: a repeated call may call patients twice, the settings say → calls nobody twice, the settings say",
      ],
    ],
    [
      "a paused round that moves calls nobody",
      { "rounds.paused": true, "rounds.daily.noon": "13:45" },
      [
        "round noon: every day 12:15 → 13:45 America/New_York; paused: nobody is called (careflow-noon-rounds)",
        "rounds: paused: not declared → yes",
      ],
    ],
    [
      "a paused hospital that comes calls nobody",
      {
        "rounds.paused": true,
        "rounds.general": true,
        "rounds.hospitals": { north: { id: "hospital_n", name: "North" } },
      },
      [
        "hospital north: new, 3 rounds: morning 08:15, noon 12:15, evening 20:15 America/New_York (North, to the agent hospital_n); paused: nobody is called",
        "rounds: paused: not declared → yes",
      ],
    ],
    [
      "rounds that move to another project and region",
      { "rounds.project": "other-project", "rounds.region": "europe-west1" },
      ["rounds: project careflow-478811 → other-project", "rounds: region us-central1 → europe-west1"],
    ],
    [
      "rounds that move into the stack's own project",
      { "rounds.project": undefined },
      ["rounds: project careflow-478811 → ortho-ai-485203"],
    ],
    [
      "another service, with another patience",
      { "rounds.service.name": "other-agent", "rounds.service.requestTimeout": "900s" },
      ["rounds: service careflow-agent → other-agent", "rounds: request timeout of the service 10m → 15m"],
    ],
    ["a pause", { "rounds.paused": true }, ["rounds: paused: not declared → yes"]],
    [
      "no rounds any more",
      { rounds: undefined },
      [
        "rounds: none any more: nobody is called by careflow-morning-rounds, careflow-noon-rounds and careflow-evening-rounds",
      ],
    ],
  ])("%s", (_, changes, expected) => {
    expect(sentences(changes).filter((text) => !text.startsWith("alerts: "))).toEqual(expected);
  });
});

test("a hospital that is another one by its name is told", () => {
  const hospital = (name: string) => ({
    ...{ "rounds.general": true },
    "rounds.hospitals": { north: { id: "hospital_n", name } },
  });
  expect(sentences(hospital("South"), hospital("North"))).toEqual(["hospital north: is called North → South"]);
});

test("images that are looked for in another project are told", () => {
  expect(sentences({ "images.project": "other-project" })).toContain("images: project ortho-ai-485203 → other-project");
});

test("rounds that go with the whole stack to another region are not told twice", () => {
  const told = sentences({ "gcp:region": "europe-west1" });
  expect(told).toContain("stack: region us-central1 → europe-west1");
  expect(told.filter((text) => /^(rounds|images): region/.test(text))).toEqual([]);
});

test("the first rounds of a stack in several zones: each on the day that it is there", () => {
  const rounds = {
    ...{ "rounds.general": true, "rounds.daily": { late: "22:15" } },
    "rounds.hospitals": { east: { id: "hospital_e", name: "East", timeZone: "Asia/Tokyo" } },
  };
  expect(first(rounds)).toEqual([
    "rounds: new: late 22:15 America/New_York; late 22:15 Asia/Tokyo",
    "rounds: next three Thu 2026-11-26 22:15 Asia/Tokyo, Thu 2026-11-26 22:15 America/New_York, Fri 2026-11-27 22:15 Asia/Tokyo",
  ]);
  // In New York it is still Thursday evening when this round calls on Friday morning.
  const early = { ...rounds, "rounds.daily": { early: "08:15" } };
  expect(first(early)[1]).toContain("Fri 2026-11-27 08:15 Asia/Tokyo");
});

test("the first rounds of a stack, paused, are not told as if they called", () => {
  expect(first({ "rounds.paused": true })[1]).toBe("rounds: paused: nobody is called");
});

function first(rounds: Changes): readonly string[] {
  const [was, is] = [planStack(configuration({ rounds: undefined })), planStack(configuration(rounds))];
  return planSentences(was, is, now)
    .filter(({ topic }) => topic === "rounds")
    .map(({ about, text }) => `${about}: ${text}`);
}

describe("a reviewer learns when somebody is woken, and who", () => {
  test.each<[string, Changes, string]>([
    ["failureRate", { "alerts.failureRate": "10%" }, "failed attempts in an hour: alert over 5% → 10%"],
    ["retryRate", { "alerts.retryRate": "12.5%" }, "retried rounds in a day: alert over 10% → 12.5%"],
    ["consecutiveFailures", { "alerts.consecutiveFailures": 2 }, "failures in a row: alert at 3 → 2"],
    ["agentLatencyP95", { "alerts.agentLatencyP95": "60s" }, "the agent's p95: alert over 30s → 1m"],
    ["roundDuration", { "alerts.roundDuration": "10m" }, "duration of a round: alert over 5m → 10m"],
    ["startWithin", { "alerts.startWithin": "1h" }, "a start or round is missed after 15m → 1h"],
    ["heartbeatSilence", { "alerts.heartbeatSilence": "10m" }, "a running worker is silent: alert after 5m → 10m"],
    ["a channel", { "alerts.channels.night": { email: "night@example.com" } }, "tell night too (email)"],
    ["no channel", { "alerts.channels": {} }, "no longer tell oncall (email)"],
    ["an address", { "alerts.channels.oncall": { email: "x@example.com" } }, "oncall is told by another email"],
    ["no alerts", { alerts: undefined }, "none any more: nobody is told when a worker or a round fails"],
    ["rounds without", { rounds: undefined }, "gone: “prod: the agent's p95 is over 30s”"],
  ])("%s", (_, changes, expected) => {
    expect(sentences(changes).join("\n")).toContain(`alerts: ${expected}`);
  });

  test("every threshold that there is has words", () => {
    const keys = Object.keys(alertsSchema.shape).filter((key) => key !== "channels");
    for (const key of keys) expect(sentences({ [`alerts.${key}`]: other(key) }).length, key).toBeGreaterThan(0);
  });

  const other = (key: string) => (key.endsWith("Rate") ? "33%" : key === "consecutiveFailures" ? 5 : "20m");
});

describe("what is not known of the other revision is said, not guessed", () => {
  const plan = planStack(configuration({}));
  const side = { declared: declaredStack(), plan };
  const base = { ref: "main", commit: "0".repeat(40) };

  test("a stack that is new costs what it costs, and its hours and rounds are told", () => {
    const comparison = compare(base, undefined, side, now);
    expect(comparison).toMatchObject({ state: "new", dangers: [], cost: { before: { gross: 0 } } });
    const told = comparison.sentences.map(({ about, text }) => `${about}: ${text}`);
    expect(told).toContainEqual(expect.stringMatching(/^dental: new worker, open .*Asia\/Karachi/));
    expect(told).toContainEqual(expect.stringMatching(/^rounds: new: morning 08:15/));
    expect(comparison.cost?.difference.gross).toBeGreaterThan(30);
  });

  test("a stack that is gone costs nothing any more", () => {
    const comparison = compare(base, side, undefined, now);
    expect(comparison.state).toBe("removed");
    expect(comparison.cost?.difference.gross).toBeLessThan(-30);
  });
});

test("the place of a stack, its environment and its labels", () => {
  expect(sentences({ "gcp:region": "europe-west1", labels: { owner: "somebody", team: "x" } })).toEqual(
    expect.arrayContaining([
      "stack: region us-central1 → europe-west1",
      "labels: new team: x",
      "labels: owner voice-platform → somebody",
    ]),
  );
  expect(sentences({ environment: "staging" })).toEqual(
    expect.arrayContaining(["stack: environment prod → staging", "dental: ENVIRONMENT production → development"]),
  );
});
