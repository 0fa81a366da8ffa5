import { describe, expect, test } from "vitest";
import { FindingsError, refusal } from "../../../domain/findings.ts";
import { planStack } from "../../../domain/plan.ts";
import { inspectValue } from "../../../domain/settings/read.ts";
import { settingsSchema } from "../../../domain/settings/settings.ts";
import { configuration, findingsOf } from "./whole-stack.ts";

const { dental } = configuration().workers as Record<string, Record<string, unknown>>;
const window = { days: "mon-fri", open: "09:00", close: "17:00" };

function paths(changes: Record<string, unknown>): readonly string[] {
  return findingsOf(configuration(changes)).map(({ path }) => path);
}

test("one mistake in every section and several in one worker are all shown in one go, in the order of their paths", () => {
  const worker = "workers.dental";
  expect(
    paths({
      "gcp:region": "Iowa",
      environment: "test",
      "labels.owner": "Voice Platform",
      "images.repo": "x",
      [`${worker}.comand`]: ["python"],
      [`${worker}.cpu`]: 1,
      [`${worker}.memory`]: "8Gi",
      [`${worker}.timeout`]: "4h",
      [`${worker}.heartbeat.interval`]: "60s",
      [`${worker}.env.PORT`]: "8080",
      [`${worker}.secrets.X`]: { secret: "x" },
      "rounds.daily.breakfast": "08:45",
      "rounds.retry.count": 9,
      "rounds.retry.minBackoff": "10m",
      "alerts.channels.night": { email: "oncall@example.com" },
      "alerts.consecutiveFailures": 1,
    }),
  ).toEqual([
    "alerts.channels.night",
    "alerts.consecutiveFailures",
    "environment",
    "gcp:region",
    "images.repo",
    "labels.owner",
    "rounds.daily.breakfast",
    "rounds.retry.count",
    "rounds.retry.minBackoff",
    `${worker}.comand`,
    `${worker}.env.PORT`,
    `${worker}.heartbeat.orphanAfter`,
    `${worker}.memory`,
    `${worker}.secrets.X.version`,
    `${worker}.timeout`,
  ]);
});

describe("a mistake hides no other", () => {
  const hours = "workers.dental.officeHours";
  const alike = { a: { id: "one", name: "A" }, b: { id: "one", name: "B" } };
  test.each<[hiding: string, hidden: string, changes: Record<string, unknown>, both: readonly string[]]>([
    [
      "a holiday that is none",
      "a timeout that is too short",
      { [`${hours}.holidays`]: ["x"], "workers.dental.timeout": "4h" },
      [`${hours}.holidays.0`, "workers.dental.timeout"],
    ],
    [
      "a window without days",
      "two others that overlap",
      { [`${hours}.week.broken`]: {}, [`${hours}.week.lunch`]: { ...window, open: "12:00" } },
      [`${hours}.week.broken.close`, `${hours}.week.broken.days`, `${hours}.week.broken.open`, `${hours}.week.lunch`],
    ],
    [
      "an image that is none",
      "memory that the cpu does not allow",
      { "workers.dental.image": "x", "workers.dental.cpu": 1, "workers.dental.memory": "8Gi" },
      ["workers.dental.image", "workers.dental.memory"],
    ],
    [
      "a cpu that is none",
      "a missing command",
      { "workers.dental.cpu": 3, "workers.dental.command": undefined },
      ["workers.dental.command", "workers.dental.cpu"],
    ],
    [
      "a variable that is none",
      "a name in env and secrets",
      { "workers.dental.env": { "2FA": "x", LIVEKIT_URL: "x" } },
      ["workers.dental.env.2FA", "workers.dental.secrets.LIVEKIT_URL"],
    ],
    [
      "a hospital without a name",
      "two that are alike",
      { "rounds.general": true, "rounds.hospitals": { ...alike, c: { id: "c" } } },
      ["rounds.hospitals.b.id", "rounds.hospitals.c.name"],
    ],
    [
      "a hospital without a name",
      "that general is not stated",
      { "rounds.hospitals.c": { id: "c" } },
      ["rounds.general", "rounds.hospitals.c.name"],
    ],
    [
      "a round at no time",
      "two in one hour",
      { "rounds.daily": { a: "08:15", b: "25:00", c: "08:45" } },
      ["rounds.daily.b.at", "rounds.daily.c"],
    ],
    [
      "a service without a name",
      "its short request timeout",
      { "rounds.service.name": undefined, "rounds.service.requestTimeout": "60s" },
      ["rounds.service.name", "rounds.service.requestTimeout"],
    ],
    [
      "a channel of no kind",
      "two that are alike",
      { "alerts.channels.x": {}, "alerts.channels.night": { email: "oncall@example.com" } },
      ["alerts.channels.night", "alerts.channels.x"],
    ],
    [
      "a wrong address",
      "a second kind of channel",
      { "alerts.channels.oncall": { email: "x", slack: { channel: "#x", token: "x" } } },
      ["alerts.channels.oncall", "alerts.channels.oncall.email"],
    ],
    [
      "a secret's wrong id",
      "that it has no version",
      { "workers.dental.secrets.X": { secret: "a b" } },
      ["workers.dental.secrets.X.secret", "workers.dental.secrets.X.version"],
    ],
    [
      "a wrong rotation",
      "one given twice",
      { "workers.dental.secrets.X": { secret: "x", generate: { rotations: ["a", "A", "a"] } } },
      ["workers.dental.secrets.X.generate.rotations.1", "workers.dental.secrets.X.generate.rotations.2"],
    ],
    [
      "a wrong rounds section",
      "equal names of two workers",
      {
        rounds: "none",
        "workers.dental-worker": { ...dental, officeHours: { timeZone: "UTC", week: { weekday: window } } },
      },
      ["rounds", "workers.dental-worker.officeHours.week.weekday"],
    ],
    [
      "a missing project",
      "two meanings of a secret",
      { "gcp:project": undefined, "workers.dental.secrets.X": { secret: "livekit-url", version: "1", existing: true } },
      ["gcp:project", "workers.dental.secrets.X"],
    ],
    [
      "a wrong worker",
      "a label of ours",
      { "workers.dental.cpu": 3, "labels.component": "x" },
      ["labels.component", "workers.dental.cpu"],
    ],
  ])("%s, nor %s", (_hiding, _hidden, changes, both) => {
    expect(paths(changes)).toEqual(both);
  });

  test("and what follows from a mistake is not said twice", () => {
    expect(paths({ "rounds.daily": "08:15" })).toEqual(["rounds.daily"]);
    expect(paths({ "workers.dental.officeHours.week": [] })).toEqual(["workers.dental.officeHours.week"]);
    expect(paths({ "alerts.channels.oncall": { mail: "x" } })).toEqual(["alerts.channels.oncall.mail"]);
    expect(paths({ "rounds.hospitals": [], "rounds.general": false })).toEqual(["rounds.hospitals"]);
  });
});

test.each([
  ["nothing", undefined],
  ["a text", "prod"],
  ["a list", []],
  ["an empty map", {}],
])("%s in place of the configuration is a finding, not a crash", (_, written) => {
  expect(findingsOf(written)).not.toEqual([]);
});

test.each(["constructor", "toString", "hasOwnProperty"])("a variable may be called %s", (name) => {
  expect(paths({ [`workers.dental.env.${name}`]: "x" })).toEqual([]);
  expect(paths({ [`workers.dental.secrets.${name}`]: { secret: name, version: "1" } })).toEqual([]);
});

describe("what may be a secret is never shown", () => {
  const secret = "hunter2";
  test.each<[where: string, path: string, value: unknown]>([
    ["credentials in a URL", "rounds.service.url", `https://user:${secret}@careflow.example`],
    ["a token in a URL's query", "rounds.service.url", `https://careflow.example/?token=${secret}`],
    ["a token in the path of an http URL", "rounds.service.url", `http://careflow.example/hook/${secret}`],
    ["credentials in what is almost a URL", "rounds.service.url", `https//user:${secret}@careflow`],
    [
      "a password in a variable",
      "workers.dental.env.MONGODB_URI",
      `mongodb+srv://clinic:${secret}@cluster0.example.net/db`,
    ],
    ["a password in the command", "workers.dental.command", ["x", `--db=postgres://clinic:${secret}@db/x`]],
    ["a variable that is a list", "workers.dental.env.KEY", [secret]],
    ["a secret in place of its reference", "workers.dental.secrets.KEY", secret],
    ["a secret in place of its id", "workers.dental.secrets.KEY", { secret: `sk/${secret}`, version: "1" }],
    ["a secret in place of its version", "workers.dental.secrets.KEY", { secret: "key", version: secret }],
    ["a secret under an unknown key", "workers.dental.secrets.KEY", { secret: "key", version: "1", value: secret }],
    [
      "credentials in an image's reference",
      "workers.dental.image",
      `oauth2accesstoken:${secret}@us-docker.pkg.dev/p/r/x`,
    ],
    ["a webhook's URL", "alerts.channels.x", { webhook: { url: `http://example.com/${secret}` } }],
    ["a webhook's URL in place of a channel", "alerts.channels.x", { existing: `https://example.com/${secret}` }],
    ["a key of PagerDuty's that is a list", "alerts.channels.x", { pagerduty: { serviceKey: [secret] } }],
    ["a token in place of a Slack channel", "alerts.channels.x", { slack: { channel: secret, token: "x" } }],
    [
      "keys of two channels that are alike",
      "alerts.channels",
      { a: { pagerduty: { serviceKey: secret } }, b: { pagerduty: { serviceKey: secret } } },
    ],
  ])("%s", (_, path, value) => {
    const findings = findingsOf(configuration({ [path]: value }));
    expect(findings).not.toEqual([]);
    expect(JSON.stringify(findings)).not.toContain(secret);
    expect(new FindingsError(findings).message).not.toContain(secret);
  });
});

test("a refusal is text for people, without a stack trace", () => {
  const text = refusal("Pulumi.prod.yaml", findingsOf(configuration({ environment: "x", "rounds.retry.count": 9 })));
  expect(text).toMatch(/^Pulumi\.prod\.yaml cannot be deployed: 2 problems\n\n {2}environment +"x" is not possible/);
  expect(text).not.toMatch(/^\s+at /m);
  expect(() => planStack({})).toThrow(FindingsError);
});

test("a badly named worker does not hide what is wrong inside it: it would be found only in a second round", () => {
  const officeHours = { timeZone: "EST", week: { Day_: { days: "mon", open: "09:00", close: "09:00" } } };
  const { findings } = inspectValue(settingsSchema, {
    "gcp:project": "clinic-project",
    "gcp:region": "us-central1",
    environment: "staging",
    workers: { Dental_Worker: { cpu: 3, officeHours, command: ["run"] } },
  });
  expect(findings.map(({ path }) => path).sort()).toEqual([
    "workers.Dental_Worker",
    "workers.Dental_Worker.cpu",
    "workers.Dental_Worker.officeHours.timeZone",
    "workers.Dental_Worker.officeHours.week.Day_",
    "workers.Dental_Worker.officeHours.week.Day_.close",
  ]);
});
