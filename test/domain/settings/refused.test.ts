import { describe, expect, test } from "vitest";
import { standIn } from "../../../domain/settings/opaque.ts";
import { type Changes, configuration, findingsOf } from "./whole-stack.ts";

/** A mistake, where it is found, and the words without which the finding would not help. */
type Row = readonly [mistake: string, changes: Changes, path: string, problem: RegExp, remedy: RegExp];

function refused(rows: readonly Row[]): void {
  test.each(rows)("%s", (_, changes, path, problem, remedy) => {
    expect(findingsOf(configuration(changes))).toEqual([
      { path, problem: expect.stringMatching(problem), remedy: expect.stringMatching(remedy) },
    ]);
  });
}

const worker = "workers.dental";
const hours = `${worker}.officeHours`;
const { dental } = configuration().workers as Record<string, Record<string, unknown>>;
const window = { days: "mon-fri", open: "09:00", close: "17:00" };

test("a stack that is right is not refused", () => {
  expect(findingsOf(configuration())).toEqual([]);
});

test.each<[what: string, changes: Changes]>([
  ["the source's own retries", { "workers.dental.maxRetries": 0 }],
  ["the most retries of a task", { "workers.dental.maxRetries": 10 }],
  ["the most retries of a round", { "rounds.retry.count": 5 }],
  ["rounds without retries", { "rounds.retry.count": 0 }],
  ["the longest deadline", { "rounds.attemptDeadline": "30m", "rounds.service.requestTimeout": "30m" }],
  ["one backoff", { "rounds.retry.minBackoff": "300s" }],
  [
    "the source's timeout, where the hours fit",
    { "workers.dental.timeout": "4h", "workers.dental.officeHours.week": { day: { ...window, close: "12:30" } } },
  ],
  ["the shortest threshold", { "workers.dental.heartbeat": { interval: "5s", orphanAfter: "51s" } }],
  ["no runtime", { "workers.dental.supervise": false, "workers.dental.command": undefined }],
  ["a tag", { "workers.dental.image": "us-central1-docker.pkg.dev/p/r/x:latest" }],
  ["latest", { "workers.dental.secrets.LIVEKIT_URL.version": "latest" }],
  ["no image yet", { "workers.dental.image": undefined }],
  ["a URL without a password", { "workers.dental.env.LIVEKIT_URL_2": "wss://clinic@livekit.example:443/x?y=a:b@c" }],
  [
    "two rounds in one hour of different days",
    { "rounds.daily": { morning: { at: "08:15", days: "mon-fri" }, weekend: { at: "08:45", days: "sat,sun" } } },
  ],
  [
    "the text in the place of a key that nobody can decrypt",
    { "alerts.channels.pager": { pagerduty: { serviceKey: standIn("0123456789ab") } } },
  ],
])("%s is possible", (_, changes) => {
  expect(findingsOf(configuration(changes))).toEqual([]);
});

describe("unknown keys name the nearest known one", () => {
  refused([
    ["misspelled", { [`${worker}.memmory`]: "4Gi" }, `${worker}.memmory`, /no such setting/, /Did you mean memory\?/],
    ["other letters' case", { "rounds.timezone": "UTC" }, "rounds.timezone", /no such/, /mean timeZone\?/],
    ["gcloud's hyphens", { [`${worker}.max-retries`]: 3 }, `${worker}.max-retries`, /no such/, /mean maxRetries\?/],
    ["gcloud's flag", { [`${worker}.task-timeout`]: 3 }, `${worker}.task-timeout`, /no such/, /mean timeout\?/],
    ["a worker's cron", { [`${worker}.schedule`]: "0 9 * * *" }, `${worker}.schedule`, /no such/, /mean officeHours\?/],
    ["a round's cron", { "rounds.schedule": "15 8 * * *" }, "rounds.schedule", /no such/, /mean daily\?/],
    ["Terraform's word", { "rounds.retryCount": 3 }, "rounds.retryCount", /no such/, /mean retry\?/],
    ["one for many", { "rounds.hospital": {} }, "rounds.hospital", /no such/, /mean hospitals\?/],
    ["abbreviated", { "images.repo": "x" }, "images.repo", /no such/, /mean repository\?/],
    ["at the top", { worker: {} }, "worker", /no such/, /mean workers\?/],
    ["deep", { [`${hours}.week.weekday.opens`]: "x" }, `${hours}.week.weekday.opens`, /no such/, /mean open\?/],
    [
      "like no other",
      { "images.colour": "red" },
      "images.colour",
      /no such/,
      /Known here: project, region, repository/,
    ],
  ]);
});

describe("wrong types say what to write", () => {
  refused([
    [
      "nothing behind the colon",
      { [`${worker}.memory`]: null },
      `${worker}.memory`,
      /is empty/,
      /4Gi, or leave the key out/,
    ],
    ["an empty section", { rounds: null }, "rounds", /is empty/, /map of settings, or leave the key out/],
    ["missing", { "rounds.timeZone": undefined }, "rounds.timeZone", /is missing/, /Asia\/Karachi/],
    ["a missing choice", { environment: undefined }, "environment", /is missing/, /prod or staging/],
    [
      "another choice",
      { environment: "production" },
      "environment",
      /"production" is not possible/,
      /Give prod or staging/,
    ],
    [
      "09:00 as YAML 1.1 reads it",
      { [`${hours}.week.weekday.open`]: 540 },
      `${hours}.week.weekday.open`,
      /540 is a number/,
      /"09:00", in quotes/,
    ],
    ["0900", { "rounds.daily.morning": 900 }, "rounds.daily.morning.at", /900 is a number/, /"09:00", in quotes/],
    [
      "a version without quotes",
      { [`${worker}.secrets.LIVEKIT_URL.version`]: 3 },
      `${worker}.secrets.LIVEKIT_URL.version`,
      /3 is a number/,
      /"3", in quotes/,
    ],
    [
      "a date without quotes",
      { [`${hours}.holidays`]: ["2026-12-25T00:00:00Z"] },
      `${hours}.holidays.0`,
      /is not a date/,
      /"2026-12-25", in quotes/,
    ],
    [
      "a list of days",
      { [`${hours}.week.weekday.days`]: ["mon"] },
      `${hours}.week.weekday.days`,
      /is a list/,
      /mon-fri, sat or mon,wed/,
    ],
    ["a duration without unit", { [`${worker}.drain`]: 15 }, `${worker}.drain`, /15 is a number/, /15m/],
    [
      "a quoted number",
      { [`${worker}.maxRetries`]: "3" },
      `${worker}.maxRetries`,
      /is a text, and must be a whole number/,
      /without quotes/,
    ],
    [
      "a quoted choice",
      { [`${worker}.cpu`]: "2" },
      `${worker}.cpu`,
      /"2" is not possible/,
      /1, 2, 4, 6 or 8, without quotes/,
    ],
    ["yes", { [`${worker}.supervise`]: "yes" }, `${worker}.supervise`, /is a text/, /true or false, without quotes/],
    [
      "a command as a line",
      { [`${worker}.command`]: "python x.py" },
      `${worker}.command`,
      /is a text, and must be a list/,
      /\[python, worker_main\.py\]/,
    ],
    [
      "a variable that is no text",
      { [`${worker}.env.DEBUG`]: true },
      `${worker}.env.DEBUG`,
      /must be a text/,
      /in quotes/,
    ],
    [
      "a text for a secret",
      { [`${worker}.secrets.X`]: "x" },
      `${worker}.secrets.X`,
      /must be a map/,
      /\{ secret: livekit-url, version: "1" \}/,
    ],
    ["a share as a number", { "alerts.failureRate": 0.05 }, "alerts.failureRate", /is a number/, /5%/],
  ]);
});

describe("what Cloud Run cannot run", () => {
  refused([
    ["a cpu that does not exist", { [`${worker}.cpu`]: 3 }, `${worker}.cpu`, /3 is not possible/, /1, 2, 4, 6 or 8/],
    [
      "memory that the cpu does not allow",
      { [`${worker}.cpu`]: 1, [`${worker}.memory`]: "8Gi" },
      `${worker}.memory`,
      /more than cpu: 1 allows \(512Mi to 4Gi\)/,
      /cpu: 2, or memory: 4Gi/,
    ],
    [
      "too little memory for the cpu",
      { [`${worker}.cpu`]: 8, [`${worker}.memory`]: "1Gi" },
      `${worker}.memory`,
      /less than cpu: 8/,
      /cpu: 2, or memory: 4Gi/,
    ],
    ["memory in decimal units", { [`${worker}.memory`]: "4GB" }, `${worker}.memory`, /"4GB" is not an amount/, /4Gi/],
    ["too many retries", { [`${worker}.maxRetries`]: 11 }, `${worker}.maxRetries`, /11 .* 0 to 10/, /0 to 10/],
    [
      "half a retry",
      { [`${worker}.maxRetries`]: 1.5 },
      `${worker}.maxRetries`,
      /1\.5 is not a whole number/,
      /0 to 10/,
    ],
    ["a task over 168 hours", { [`${worker}.timeout`]: "169h" }, `${worker}.timeout`, /1m to 168h/, /168h/],
    [
      "a name over 49 characters",
      { [`workers.${"a".repeat(50)}`]: { ...dental, secrets: {} } },
      `workers.${"a".repeat(50)}`,
      /50 characters, over Google's 49/,
      /Shorten/,
    ],
    [
      "a key that Google takes no name from",
      { "workers.Dental": dental },
      "workers.Dental",
      /"Dental" is not a name/,
      /Rename/,
    ],
    [
      "a runtime with nothing to start",
      { [`${worker}.command`]: undefined },
      `${worker}.command`,
      /nothing to start/,
      /supervise: false/,
    ],
    ["a command of nothing", { [`${worker}.command`]: [] }, `${worker}.command`, /empty/, /program first/],
    [
      "a command that nobody starts",
      { [`${worker}.supervise`]: false },
      `${worker}.command`,
      /own entry point/,
      /Leave command out/,
    ],
  ]);
});

describe("images", () => {
  refused([
    [
      "no reference",
      { [`${worker}.image`]: "Dental Worker" },
      `${worker}.image`,
      /"Dental Worker" is not an image/,
      /docker\.pkg\.dev/,
    ],
    [
      "Container Registry",
      { [`${worker}.image`]: "gcr.io/p/x:prod" },
      `${worker}.image`,
      /shut down/,
      /Artifact Registry/,
    ],
    [
      "its regional host",
      { [`${worker}.image`]: "eu.gcr.io/p/x:prod" },
      `${worker}.image`,
      /shut down/,
      /Artifact Registry/,
    ],
    [
      "a part too few",
      { [`${worker}.image`]: "us-central1-docker.pkg.dev/p/x:prod" },
      `${worker}.image`,
      /lacks a part/,
      /PROJECT\/REPOSITORY\/IMAGE/,
    ],
    [
      "neither tag nor digest",
      { [`${worker}.image`]: "us-central1-docker.pkg.dev/p/r/x" },
      `${worker}.image`,
      /neither digest nor tag/,
      /sha256/,
    ],
    [
      "half a digest",
      { [`${worker}.image`]: "us-central1-docker.pkg.dev/p/r/x@sha256:abc" },
      `${worker}.image`,
      /not an image/,
      /sha256/,
    ],
    [
      "the repository's whole path",
      { "images.repository": "us-docker.pkg.dev/p/r" },
      "images.repository",
      /not a repository's name/,
      /alone/,
    ],
  ]);
});

describe("office hours", () => {
  refused([
    [
      "ending when they begin",
      { [`${hours}.week.weekday.close`]: "09:00" },
      `${hours}.week.weekday.close`,
      /09:00 to 09:00 is not a span/,
      /24:00/,
    ],
    [
      "opening at the day's end",
      { [`${hours}.week.weekday.open`]: "24:00" },
      `${hours}.week.weekday.close`,
      /24:00 to 17:00/,
      /Correct/,
    ],
    [
      "overlapping windows",
      { [`${hours}.week.lunch`]: { days: "mon", open: "12:00", close: "13:00" } },
      `${hours}.week.lunch`,
      /overlaps weekday \(mon-fri 09:00-17:00\)/,
      /Join/,
    ],
    [
      "overlapping over the week's end",
      { [`${hours}.week.night`]: { days: "sun", open: "20:00", close: "10:00" } },
      `${hours}.week.weekday`,
      /overlaps night/,
      /Join/,
    ],
    ["no windows", { [`${hours}.week`]: {} }, `${hours}.week`, /never start/, /at least one window/],
    [
      "never closing",
      { [`${hours}.week`]: { always: { days: "mon-sun", open: "00:00", close: "24:00" } } },
      `${hours}.week`,
      /never end/,
      /worker pool/,
    ],
    [
      "over 168 hours in the week that has one more",
      {
        [`${hours}.timeZone`]: "America/New_York",
        [`${hours}.week`]: {
          long: { days: "mon-sat", open: "00:00", close: "24:00" },
          sunday: { days: "sun", open: "00:00", close: "23:00" },
        },
      },
      `${hours}.week`,
      /longest shift \(168h\).*needs 168h25m, over the 168h/,
      /worker pool/,
    ],
    [
      "a fixed timeout that leaves hours uncovered",
      { [`${worker}.timeout`]: "4h", [`${hours}.week`]: { weekday: window } },
      `${worker}.timeout`,
      /4h leaves mon-fri 13:00-17:00 without a worker/,
      /8h25m is derived/,
    ],
    [
      "a zone that does not exist",
      { [`${hours}.timeZone`]: "Asia/Karachy" },
      `${hours}.timeZone`,
      /"Asia\/Karachy" is not a time zone.*Asia\/Karachi\?/,
      /IANA/,
    ],
    [
      "an abbreviation for a zone",
      { [`${hours}.timeZone`]: "EST" },
      `${hours}.timeZone`,
      /abbreviation.*summer time/,
      /IANA/,
    ],
    [
      "a day that does not exist",
      { [`${hours}.week.weekday.days`]: "mon-fry" },
      `${hours}.week.weekday.days`,
      /"mon-fry" names no weekdays/,
      /mon, tue/,
    ],
    [
      "a time that does not exist",
      { [`${hours}.week.weekday.close`]: "25:00" },
      `${hours}.week.weekday.close`,
      /"25:00" is not a time/,
      /"00:00" to "24:00"/,
    ],
    [
      "a date that does not exist",
      { [`${hours}.holidays`]: ["2026-02-30"] },
      `${hours}.holidays.0`,
      /"2026-02-30" is not a date/,
      /2026-12-25/,
    ],
    [
      "a holiday given twice",
      { [`${hours}.holidays`]: ["2026-12-25", "2026-12-25"] },
      `${hours}.holidays.1`,
      /given twice/,
      /Leave/,
    ],
    ["a lead of half a day", { [`${worker}.lead`]: "12h" }, `${worker}.lead`, /0s to 2h/, /2h/],
    ["not a duration", { [`${worker}.drain`]: "15 min" }, `${worker}.drain`, /"15 min" is not a duration/, /15m/],
  ]);
});

describe("environment and secrets", () => {
  const secrets = `${worker}.secrets`;
  const token = { secret: "control-token", generate: { rotations: ["2026-q4"] } };
  refused([
    [
      "a name that is none",
      { [`${worker}.env.2FA`]: "x" },
      `${worker}.env.2FA`,
      /"2FA" is not a variable's name/,
      /Rename/,
    ],
    ["a name of Cloud Run's", { [`${worker}.env.PORT`]: "8080" }, `${worker}.env.PORT`, /reserved/, /Leave it out/],
    [
      "a name of a task's",
      { [`${secrets}.CLOUD_RUN_JOB`]: { secret: "x", version: "1" } },
      `${secrets}.CLOUD_RUN_JOB`,
      /reserved/,
      /Leave it out/,
    ],
    [
      "a name that a setting makes",
      { [`${worker}.env.HEARTBEAT_INTERVAL`]: "30s" },
      `${worker}.env.HEARTBEAT_INTERVAL`,
      /follows from heartbeat\.interval/,
      /heartbeat\.interval/,
    ],
    [
      "a name in both",
      { [`${worker}.env.LIVEKIT_URL`]: "wss://x" },
      `${secrets}.LIVEKIT_URL`,
      /also in env/,
      /Keep one/,
    ],
    [
      "a password in a variable",
      { [`${worker}.env.MONGODB_URI`]: "mongodb+srv://a:b@c/d" },
      `${worker}.env.MONGODB_URI`,
      /URL with a password/,
      /under secrets/,
    ],
    [
      "a password in the command",
      { [`${worker}.command`]: ["python", "--db=redis://:b@c"] },
      `${worker}.command.1`,
      /URL with a password/,
      /under secrets/,
    ],
    [
      "an id that Google refuses",
      { [`${secrets}.X`]: { secret: "projects/p/secrets/x", version: "1" } },
      `${secrets}.X.secret`,
      /1 to 255 letters/,
      /without project/,
    ],
    [
      "a version that Google refuses",
      { [`${secrets}.X`]: { secret: "x", version: "v1" } },
      `${secrets}.X.version`,
      /numbers them from 1/,
      /"3"/,
    ],
    [
      "version 0",
      { [`${secrets}.X`]: { secret: "x", version: "0" } },
      `${secrets}.X.version`,
      /numbers them from 1/,
      /"3"/,
    ],
    ["no version", { [`${secrets}.X`]: { secret: "x" } }, `${secrets}.X.version`, /nobody pinned/, /"1"/],
    [
      "a generated secret's version",
      { [`${secrets}.X`]: { ...token, version: "1" } },
      `${secrets}.X.version`,
      /last rotation/,
      /Leave version out/,
    ],
    [
      "somebody else's, generated",
      { [`${secrets}.X`]: { ...token, existing: true } },
      `${secrets}.X.existing`,
      /cannot be generated/,
      /Leave out/,
    ],
    [
      "too few random bytes",
      { [`${secrets}.X`]: { secret: "x", generate: { bytes: 8, rotations: ["a"] } } },
      `${secrets}.X.generate.bytes`,
      /8 .* 16 to 1024/,
      /16/,
    ],
    [
      "no rotation",
      { [`${secrets}.X`]: { secret: "x", generate: { rotations: [] } } },
      `${secrets}.X.generate.rotations`,
      /no version/,
      /2026-q4/,
    ],
    [
      "a rotation twice",
      { [`${secrets}.X`]: { secret: "x", generate: { rotations: ["a", "a"] } } },
      `${secrets}.X.generate.rotations.1`,
      /"a" is given twice/,
      /Leave/,
    ],
    [
      "declared here, existing there",
      { [`${secrets}.X`]: { secret: "livekit-url", version: "2", existing: true } },
      `${secrets}.X`,
      /existing here and declared at workers\.dental\.secrets\.LIVEKIT_URL/,
      /the same/,
    ],
    [
      "generated in two ways",
      { [`${secrets}.X`]: token, [`${secrets}.Y`]: { ...token, generate: { rotations: ["2027-q1"] } } },
      `${secrets}.Y.generate`,
      /otherwise at workers\.dental\.secrets\.X/,
      /same bytes/,
    ],
  ]);
});

describe("heartbeat", () => {
  const heartbeat = `${worker}.heartbeat`;
  refused([
    [
      "a threshold under three intervals",
      { [`${heartbeat}.interval`]: "60s" },
      `${heartbeat}.orphanAfter`,
      /2m is too short for an interval of 1m/,
      /at least 3m/,
    ],
    [
      "a threshold that one slow write reaches",
      { [`${heartbeat}.interval`]: "5s", [`${heartbeat}.orphanAfter`]: "50s" },
      `${heartbeat}.orphanAfter`,
      /50s is too short/,
      /at least 51s/,
    ],
    ["milliseconds", { [`${heartbeat}.interval`]: 30_000 }, `${heartbeat}.interval`, /30000 is a number/, /30s/],
  ]);
});

describe("rounds", () => {
  const service = "rounds.service";
  const one = { id: "one", name: "One" };
  refused([
    ["too many retries", { "rounds.retry.count": 6 }, "rounds.retry.count", /6 .* 0 to 5/, /0 to 5/],
    [
      "a deadline that Cloud Scheduler does not wait",
      { "rounds.attemptDeadline": "31m", [`${service}.requestTimeout`]: "60m" },
      "rounds.attemptDeadline",
      /15s to 30m/,
      /30m/,
    ],
    [
      "a shorter deadline than Cloud Scheduler's shortest",
      { "rounds.attemptDeadline": "5s" },
      "rounds.attemptDeadline",
      /15s to 30m/,
      /15s/,
    ],
    [
      "a service that gives up first",
      { [`${service}.requestTimeout`]: "300s" },
      `${service}.requestTimeout`,
      /5m is below attemptDeadline \(10m\).*504/,
      /Raise it/,
    ],
    [
      "minimum over maximum backoff",
      { "rounds.retry.minBackoff": "10m" },
      "rounds.retry.minBackoff",
      /10m is over maxBackoff \(5m\)/,
      /smaller/,
    ],
    [
      "http",
      { [`${service}.url`]: "http://careflow.example" },
      `${service}.url`,
      /not https.*in the open/,
      /https URL/,
    ],
    [
      "credentials in a URL",
      { [`${service}.url`]: "https://user:pass@careflow.example" },
      `${service}.url`,
      /credentials/,
      /OIDC token/,
    ],
    [
      "a query in a URL",
      { [`${service}.url`]: "https://careflow.example/?token=x" },
      `${service}.url`,
      /query/,
      /OIDC token/,
    ],
    [
      "a URL of Google's",
      { [`${service}.url`]: "https://run.googleapis.com/v2/x:run" },
      `${service}.url`,
      /run\.googleapis\.com is one of Google's/,
      /https URL/,
    ],
    [
      "not a URL",
      { [`${service}.url`]: "careflow-agent" },
      `${service}.url`,
      /not a URL/,
      /gcloud run services describe/,
    ],
    [
      "two rounds in one hour",
      { "rounds.daily.breakfast": "08:45" },
      "rounds.daily.breakfast",
      /same hour as morning \(08:15\)/,
      /another hour/,
    ],
    [
      "two rounds in one hour of some days",
      { "rounds.daily.saturday": { at: "08:00", days: "sat" } },
      "rounds.daily.saturday",
      /same hour as morning/,
      /another hour/,
    ],
    ["no rounds", { "rounds.daily": {} }, "rounds.daily", /no round/, /morning: "08:15"/],
    ["a round at the day's end", { "rounds.daily.night": "24:00" }, "rounds.daily.night.at", /next day's/, /"00:00"/],
    [
      "hospitals without a stated general",
      { "rounds.hospitals.a": one },
      "rounds.general",
      /must be stated with hospitals.*twice/,
      /general: true.*general: false/,
    ],
    [
      "no general rounds and no hospitals",
      { "rounds.general": false },
      "rounds.general",
      /no round at all/,
      /hospital/,
    ],
    [
      "two hospitals alike",
      { "rounds.general": false, "rounds.hospitals.a": one, "rounds.hospitals.b": { ...one, name: "Two" } },
      "rounds.hospitals.b.id",
      /one is also the id of a.*twice/,
      /its own id/,
    ],
    [
      "a hospital's id with a slash",
      { "rounds.general": false, "rounds.hospitals.a": { ...one, id: "a/b" } },
      "rounds.hospitals.a.id",
      /at most 63 letters/,
      /Pulse Agent/,
    ],
    [
      "a hospital in no zone",
      { "rounds.general": false, "rounds.hospitals.a": { ...one, timeZone: "CET" } },
      "rounds.hospitals.a.timeZone",
      /abbreviation/,
      /IANA/,
    ],
  ]);
});

describe("alerts and labels", () => {
  const channels = "alerts.channels";
  refused([
    [
      "two channels alike",
      { [`${channels}.night`]: { email: "oncall@example.com" } },
      `${channels}.night`,
      /same channel as oncall.*twice/,
      /Keep one/,
    ],
    [
      "a channel of two kinds",
      { [`${channels}.oncall.slack`]: { channel: "#oncall", token: "x" } },
      `${channels}.oncall`,
      /email and slack are given/,
      /Give one of/,
    ],
    ["a channel of no kind", { [`${channels}.oncall`]: {} }, `${channels}.oncall`, /no kind/, /Give one of email/],
    [
      "an address without @",
      { [`${channels}.oncall.email`]: "oncall" },
      `${channels}.oncall.email`,
      /not an e-mail address/,
      /team/,
    ],
    [
      "a webhook in the open",
      { [`${channels}.hook.webhook.url`]: "http://example.com" },
      `${channels}.hook.webhook.url`,
      /not https/,
      /--secret/,
    ],
    [
      "a key that is empty",
      { [`${channels}.pager.pagerduty.serviceKey`]: "" },
      `${channels}.pager.pagerduty.serviceKey`,
      /not an integration key/,
      /--secret/,
    ],
    ["a share of nothing", { "alerts.retryRate": "0%" }, "alerts.retryRate", /not a share/, /5%/],
    ["a silence of a day", { "alerts.heartbeatSilence": "1d" }, "alerts.heartbeatSilence", /1m to 23h/, /23h/],
    ["a label of ours", { "labels.environment": "prod" }, "labels.environment", /sets itself/, /Leave it out/],
    ["a label in capitals", { "labels.Owner": "x" }, "labels.Owner", /"Owner" is not a label's name/, /Rename/],
    [
      "a label's value with spaces",
      { "labels.owner": "Voice Platform" },
      "labels.owner",
      /"Voice Platform" is not a label's value/,
      /invoice/,
    ],
    ["a project's number", { "gcp:project": "485203" }, "gcp:project", /6 to 30 lower-case/, /not its name or number/],
    ["a zone for a region", { "gcp:region": "us-central1-a" }, "gcp:region", /like us-central1/, /region of Cloud Run/],
  ]);
});

describe("names that meet", () => {
  const alone = { ...dental, secrets: {} };
  refused([
    [
      "starts of two workers",
      { "workers.dental-worker": { ...alone, officeHours: { timeZone: "UTC", week: { weekday: window } } } },
      "workers.dental-worker.officeHours.week.weekday",
      /scheduler job dental-start-weekday is already that of workers\.dental\.officeHours/,
      /Rename/,
    ],
    [
      "accounts of two workers",
      { workers: { eye: alone, "eye-worker": { ...alone, officeHours: { timeZone: "UTC", week: { day: window } } } } },
      "workers.eye-worker",
      /service account eye-worker is already that of workers\.eye/,
      /Rename/,
    ],
    [
      "a worker's account and the invoker's",
      { "workers.agent-worker-starts": alone },
      "workers.agent-worker-starts",
      /service account agent-worker-starts is already/,
      /Rename/,
    ],
    [
      "the rounds' account and a worker's",
      { "rounds.project": "ortho-ai-485203", "workers.careflow-scheduler": alone },
      "rounds.name",
      /service account careflow-scheduler is already that of workers/,
      /Rename/,
    ],
  ]);

  test("in two projects are two names", () => {
    expect(findingsOf(configuration({ "workers.careflow-scheduler": alone }))).toEqual([]);
  });
});
