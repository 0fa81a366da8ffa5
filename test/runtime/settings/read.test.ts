import { describe, expect, test } from "vitest";
import { encodeCalendar } from "../../../domain/contract.ts";
import { FindingsError } from "../../../domain/findings.ts";
import { DAY, weekdays } from "../../../domain/week.ts";
import type { Environment } from "../../../runtime/settings/environment.ts";
import { readNames, readSettings } from "../../../runtime/settings/read.ts";
import { type Variable, variables } from "../../../runtime/settings/variables.ts";
import { defaultNames } from "../../../runtime/store/names.ts";
import { calendar, dental } from "../../domain/clinic.ts";

const job = "projects/clinic-project/locations/us-central1/jobs/dental-agent-worker";
const clinic = calendar(dental, { drain: 900, holidays: ["2026-12-25"] });
const declared = {
  ENVIRONMENT: "production",
  AGENT_CONTRACT: "1",
  AGENT_JOB: job,
  AGENT_CALENDAR: encodeCalendar(clinic),
  HEARTBEAT_INTERVAL: "30s",
  ORPHAN_DETECTION_THRESHOLD: "2m",
};
const onCloudRun = {
  CLOUD_RUN_EXECUTION: "dental-agent-worker-x7k2p",
  CLOUD_RUN_TASK_INDEX: "0",
  CLOUD_RUN_TASK_ATTEMPT: "2",
};
const stored = { MONGODB_URI: "mongodb+srv://worker:s3cret@cluster0.example.net/clinic?retryWrites=true&w=majority" };

/** `VARIABLE problem`, each. */
function problems(env: Environment): readonly string[] {
  return refusal(env).map(({ path, problem }) => `${path} ${problem}`);
}

function refusal(env: Environment) {
  try {
    readSettings(env);
  } catch (error) {
    if (!(error instanceof FindingsError)) throw error;
    return error.findings;
  }
  return [];
}

describe("an environment that says nothing", () => {
  test("is a worker without calendar and database, with every default", () => {
    expect(readSettings({})).toEqual({
      place: undefined,
      job: undefined,
      calendar: undefined,
      runFor: undefined,
      interval: 30,
      orphanAfter: 120,
      capacity: 1,
      recoveryPolicy: "resume",
      recoveryLimit: 3,
      grace: 10,
      restarts: 5,
      workerHealth: new URL("http://127.0.0.1:8081/"),
      healthPort: undefined,
      requires: [],
      database: undefined,
    });
  });
});

describe("what the program and Cloud Run say", () => {
  test("arrives as it was meant", () => {
    expect(readSettings({ ...declared, ...onCloudRun, ...stored, AGENT_RUN_FOR: "1h30m" })).toMatchObject({
      place: { execution: "dental-agent-worker-x7k2p", task: 0, attempt: 2 },
      job,
      calendar: clinic,
      runFor: 5400,
      orphanAfter: 120,
      database: { uri: stored.MONGODB_URI, database: undefined, names: defaultNames },
    });
  });

  test("is refused under a newer contract, before it is misunderstood", () => {
    expect(refusal({ ...declared, AGENT_CONTRACT: "2" })).toEqual([
      {
        path: "AGENT_CONTRACT",
        problem:
          "2 is newer than this runtime, which keeps contract 1: the program that declared this Job counts on what it does not do.",
        remedy: "Build the worker's image again, with the agent-runtime of the program's version.",
      },
    ]);
    expect(problems({ ...declared, AGENT_CONTRACT: "0" })).toEqual([
      'AGENT_CONTRACT "0" is no contract that there was: this runtime keeps contract 1.',
    ]);
  });

  test.each(["AGENT_CALENDAR", "AGENT_JOB"])("is refused when %s was lost on the way", (name) => {
    expect(problems({ ...declared, [name]: undefined })).toEqual([
      `${name} is missing, and AGENT_CONTRACT says that the program declared this Job: it declares both.`,
    ]);
  });

  test("a calendar by hand needs a Job, or two workers would share their shifts", () => {
    expect(problems({ AGENT_CALENDAR: declared.AGENT_CALENDAR })).toEqual([
      "AGENT_JOB is missing beside AGENT_CALENDAR: shifts of two workers could not be told apart.",
    ]);
  });

  test("a place without its attempt is refused: a living attempt would be taken for a dead one", () => {
    expect(problems({ ...onCloudRun, CLOUD_RUN_TASK_ATTEMPT: undefined })).toEqual([
      "CLOUD_RUN_TASK_ATTEMPT is missing, and Cloud Run sets all three: an earlier attempt could not be told from a living one.",
    ]);
  });
});

describe("a calendar that nobody can keep is refused before opening, and told where", () => {
  test.each([
    [{ ...clinic, timeZone: "Asia/Karatschi" }, ["timeZone"]],
    [{ ...clinic, windows: [] }, ["week"]],
    // Never closed: each day's start would have a shift of its own, and its lease would exclude nobody.
    [{ ...clinic, windows: [{ name: "all", days: weekdays, open: 0, close: DAY }] }, ["week"]],
    [{ ...clinic, holidays: ["2026-02-30", "25.12."] }, ["holidays.0", "holidays.1"]],
    [{ ...clinic, lead: 90 }, ["lead"]],
  ])("%#", (given, paths) => {
    const found = refusal({ ...declared, AGENT_CALENDAR: encodeCalendar(given) });
    expect(found.map(({ path }) => path)).toEqual(paths.map((path) => `AGENT_CALENDAR.${path}`));
  });
});

describe("a duration", () => {
  test.each([
    ["30s", 30],
    ["2h", 7200],
    ["1h30m", 5400],
    ["90", 90],
    ["3600", 3600],
  ])("%s is %i seconds", (AGENT_RUN_FOR, seconds) => {
    expect(readSettings({ AGENT_RUN_FOR }).runFor).toBe(seconds);
  });

  test("in milliseconds is refused: 30,000 seconds of silence would go unnoticed for a shift", () => {
    expect(refusal({ HEARTBEAT_INTERVAL: "30000" })).toEqual([
      {
        path: "HEARTBEAT_INTERVAL",
        problem: '"30000" is probably meant in milliseconds: a bare number is seconds, and at most 3,600.',
        remedy: "Write 30s, or 8h20m.",
      },
    ]);
  });

  test.each(["30 s", "0.5s", "500ms", "PT30S", "-5", "1e3"])("%s is refused rather than guessed at", (given) => {
    expect(problems({ HEARTBEAT_INTERVAL: given })).toEqual([
      `HEARTBEAT_INTERVAL ${JSON.stringify(given)} is not a duration.`,
    ]);
  });
});

describe("a threshold", () => {
  test.each([
    ["30s", "89s", "1m30s"],
    ["5s", "50s", "51s"],
    ["1m", "179s", "3m"],
  ])("with heartbeats of %s is refused at %s: the healthy would lose their campaigns", (interval, given, least) => {
    const found = refusal({ HEARTBEAT_INTERVAL: interval, ORPHAN_DETECTION_THRESHOLD: given });
    expect(found.map(({ path }) => path)).toEqual(["ORPHAN_DETECTION_THRESHOLD"]);
    expect(found[0]?.remedy).toBe(`Choose at least ${least}, or a shorter interval.`);
    expect(problems({ HEARTBEAT_INTERVAL: interval, ORPHAN_DETECTION_THRESHOLD: least })).toEqual([]);
  });

  test("that nobody set is looked at as well", () => {
    expect(problems({ HEARTBEAT_INTERVAL: "1m" })).toEqual([
      "ORPHAN_DETECTION_THRESHOLD 2m (its default) is too short for HEARTBEAT_INTERVAL of 1m: a slow database would make healthy workers look dead.",
    ]);
  });
});

describe("a number", () => {
  test.each([
    ["AGENT_CAPACITY", "0"],
    ["AGENT_CAPACITY", "1001"],
    ["AGENT_CAPACITY", "2.5"],
    ["AGENT_RECOVERY_LIMIT", "0"],
    ["AGENT_RESTARTS", "-1"],
    ["AGENT_HEALTH_PORT", "80"],
  ])("%s=%s is refused", (name, given) => {
    expect(problems({ [name]: given })).toEqual([
      expect.stringMatching(`^${name} ${JSON.stringify(given)} is not a whole number from `),
    ]);
  });
});

describe("the worker", () => {
  test("is told of every variable that it lacks, at once and before it is started", () => {
    expect(
      problems({
        AGENT_REQUIRES: "LIVEKIT_URL, OPENAI_API_KEY,DEEPGRAM_API_KEY",
        LIVEKIT_URL: "wss://x",
        OPENAI_API_KEY: "",
      }),
    ).toEqual([
      "DEEPGRAM_API_KEY is missing, and the worker cannot run without it (AGENT_REQUIRES).",
      "OPENAI_API_KEY is set to nothing, and the worker cannot run without it (AGENT_REQUIRES).",
    ]);
  });

  test("has its health read where it says, or not at all", () => {
    expect(readSettings({ AGENT_WORKER_HEALTH: "off" }).workerHealth).toBeUndefined();
    expect(readSettings({ AGENT_WORKER_HEALTH: "http://localhost:9000/live" }).workerHealth?.href).toBe(
      "http://localhost:9000/live",
    );
  });

  test.each(["no", "https://127.0.0.1:8081/", "http://10.0.0.7:8081/"])("is not asked elsewhere: %s", (given) => {
    expect(refusal({ AGENT_WORKER_HEALTH: given })).toHaveLength(1);
  });

  test("keeps its port: one of the two could not listen", () => {
    expect(refusal({ AGENT_HEALTH_PORT: "8081" }).map(({ path }) => path)).toEqual(["AGENT_HEALTH_PORT"]);
    expect(problems({ AGENT_HEALTH_PORT: "8081", AGENT_WORKER_HEALTH: "off" })).toEqual([]);
  });

  test("is not promised more time than Cloud Run gives it", () => {
    expect(refusal({ ...onCloudRun, AGENT_GRACE: "30s" }).map(({ path }) => path)).toEqual(["AGENT_GRACE"]);
    expect(readSettings({ AGENT_GRACE: "30s" }).grace).toBe(30);
    expect(refusal({ AGENT_GRACE: "4s" })).toHaveLength(1);
  });
});

describe("the names of an existing database", () => {
  test("are taken one by one, the rest stay", () => {
    const settings = readSettings({
      ...stored,
      AGENT_DATABASE: "careflow",
      AGENT_CAMPAIGNS_COLLECTION: "outbound",
      AGENT_STATUS_FIELD: "state",
      AGENT_STATUS_QUEUED: "pending",
      AGENT_CAMPAIGN_ID: "objectId",
    });
    expect(settings.database).toEqual({
      uri: stored.MONGODB_URI,
      database: "careflow",
      names: {
        collections: { ...defaultNames.collections, campaigns: "outbound" },
        fields: { ...defaultNames.fields, status: "state" },
        statuses: { ...defaultNames.statuses, queued: "pending" },
        id: "objectId",
      },
    });
  });

  test("are the same for a worker with a client of its own, which has no URI: its records are not sought elsewhere", () => {
    expect(readNames({ AGENT_STATUS_FIELD: "state" })).toEqual({
      ...defaultNames,
      fields: { ...defaultNames.fields, status: "state" },
    });
  });

  test.each([
    ["two statuses with one word", { AGENT_STATUS_QUEUED: "running" }, "AGENT_STATUS_RUNNING"],
    ["two fields with one name", { AGENT_LEASE_FIELD: "resume" }, "AGENT_RESUME_FIELD"],
    ["two kinds in one collection", { AGENT_SHIFTS_COLLECTION: "campaigns" }, "AGENT_SHIFTS_COLLECTION"],
    ["a field below another", { AGENT_LEASE_FIELD: "agent.lease" }, "AGENT_LEASE_FIELD"],
    ["an operator", { AGENT_LEASE_FIELD: "$lease" }, "AGENT_LEASE_FIELD"],
    ["the id", { AGENT_STATUS_FIELD: "_id" }, "AGENT_STATUS_FIELD"],
    ["the prototype", { AGENT_STATUS_FIELD: "__proto__" }, "AGENT_STATUS_FIELD"],
    ["a collection of MongoDB's own", { AGENT_SHIFTS_COLLECTION: "system.users" }, "AGENT_SHIFTS_COLLECTION"],
    ["a collection that begins with a dot", { AGENT_SHIFTS_COLLECTION: ".a" }, "AGENT_SHIFTS_COLLECTION"],
    ["a collection that ends with a dot", { AGENT_SHIFTS_COLLECTION: "a." }, "AGENT_SHIFTS_COLLECTION"],
    ["a collection that is a URI", { AGENT_SHIFTS_COLLECTION: "mongodb://a:b@c" }, "AGENT_SHIFTS_COLLECTION"],
    ["a status that is a URI", { AGENT_STATUS_QUEUED: "mongodb://a:b@c" }, "AGENT_STATUS_QUEUED"],
    [
      "an execution that is a URI",
      { CLOUD_RUN_EXECUTION: "mongodb://a:b@c", CLOUD_RUN_TASK_INDEX: "0", CLOUD_RUN_TASK_ATTEMPT: "0" },
      "CLOUD_RUN_EXECUTION",
    ],
    ["a database with a dot", { AGENT_DATABASE: "a.b" }, "AGENT_DATABASE"],
    ["another kind of id", { AGENT_CAMPAIGN_ID: "uuid" }, "AGENT_CAMPAIGN_ID"],
  ])("are refused where they cannot work: %s", (_, given, path) => {
    expect(refusal({ ...stored, ...given }).map((finding) => finding.path)).toEqual([path]);
  });

  test("are needed where the URI names none: MongoDB would take the database `test`", () => {
    const MONGODB_URI = "mongodb+srv://worker:s3cret@cluster0.example.net/?w=majority";
    expect(problems({ MONGODB_URI })).toEqual([
      "AGENT_DATABASE is missing, and MONGODB_URI names no database: MongoDB would take one called test.",
    ]);
    expect(problems({ MONGODB_URI, AGENT_DATABASE: "clinic" })).toEqual([]);
  });
});

describe("a mistake", () => {
  test("is told together with all others, by variable, each once", () => {
    const paths = refusal({
      AGENT_CAPACITY: "none",
      AGENT_RUN_FOR: "soon",
      HEARTBEAT_INTERVAL: "5000",
      MONGODB_URI: "postgres://db",
      AGENT_REQUIRES: "LIVEKIT_URL",
    }).map(({ path }) => path);
    expect(paths).toEqual(["AGENT_CAPACITY", "AGENT_RUN_FOR", "HEARTBEAT_INTERVAL", "LIVEKIT_URL", "MONGODB_URI"]);
  });

  test("is a variable that is set to nothing: a lost secret would be a runtime without leases", () => {
    expect(refusal({ MONGODB_URI: "", AGENT_CAPACITY: "" })).toEqual([
      { path: "AGENT_CAPACITY", problem: "is set to nothing.", remedy: "Give it a value, or leave it out for 1." },
      { path: "MONGODB_URI", problem: "is set to nothing.", remedy: "Give it a value, or leave it out." },
    ]);
  });

  const texts = [
    "$3CR-et+canary/=",
    "LIVEKIT_API_SECRET=S3CRET",
    "S3CRET!",
    "S3CRET==",
    "+923001234567",
    stored.MONGODB_URI,
  ];
  const names = Object.values<Variable>(variables).map(({ name }) => name);

  test.each(names)("shows no secret that was put into %s by mistake", (name) => {
    for (const text of texts) {
      const told = JSON.stringify(refusal({ ...stored, [name]: text }));
      expect(told).not.toMatch(/3CR|s3cret|cluster0|92300/);
    }
  });

  test("shows what cannot be one: a number, and a slip in a word", () => {
    expect(problems({ AGENT_CAPACITY: "2.5", AGENT_RECOVERY_POLICY: "Resume", AGENT_RUN_FOR: "30 sec" })).toEqual([
      expect.stringMatching(/^AGENT_CAPACITY "2.5" is not/),
      expect.stringMatching(/^AGENT_RECOVERY_POLICY "Resume" is not/),
      expect.stringMatching(/^AGENT_RUN_FOR "30 sec" is not/),
    ]);
    expect(problems({ AGENT_CAPACITY: "a few" })).toEqual([
      expect.stringMatching(/^AGENT_CAPACITY the text of 5 characters \(not shown\) is not/),
    ]);
  });

  test("in a list of names shows the name that is before the value", () => {
    expect(problems({ AGENT_REQUIRES: "LIVEKIT_API_SECRET=S3CRET" })).toEqual([
      'AGENT_REQUIRES "LIVEKIT_API_SECRET=…" is not a variable\'s name.',
    ]);
  });
});
