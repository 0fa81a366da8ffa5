import { beforeAll, describe, expect, it } from "vitest";
import type { PreviewOutcome } from "../../preview/program.ts";
import { masked, type Value } from "../../preview/resources.ts";
import { at } from "../support/clinic.ts";
import { declared, named, ofType, outcomesOf, urnsOf } from "../support/stack-previews.ts";

const image = `us-central1-docker.pkg.dev/clinic-project/agents/dental@sha256:${"0".repeat(64)}`;

const base = { "gcp:project": "clinic-project", "gcp:region": "us-central1", "agent-worker:environment": "prod" };

const dental = {
  image,
  command: ["python", "worker_main.py"],
  officeHours: { timeZone: "Asia/Karachi", week: { weekday: { days: "mon-fri", open: "09:00", close: "17:00" } } },
  secrets: {
    LIVEKIT_URL: { secret: "livekit-url", version: "1" },
    CONTROL_TOKEN: { secret: "control-token", generate: { rotations: ["2026-q3", "2026-q4"] } },
  },
};
const { image: _, ...unbuilt } = dental;

const careflow = {
  project: "careflow-project",
  service: { name: "careflow-agent", url: "https://careflow-agent.example.run.app", requestTimeout: "600s" },
  timeZone: "America/New_York",
  daily: { morning: "08:15" },
};
const hospitalA = { a: { id: "hosp-001", name: "General Hospital" } };
const hospitalB = { b: { id: "hosp-002", name: "City Medical", timeZone: "America/Chicago" } };

const channels = {
  oncall: { pagerduty: { serviceKey: { secure: "v1:Zm9yIG91ciBleWVz" } } },
  team: { webhook: { url: { secure: "v1:YWxzbyBmb3Igb3VyIGV5ZXM=" } } },
};

const configurations = {
  workers: { ...base, "agent-worker:workers": { dental } },
  twoWorkers: { ...base, "agent-worker:workers": { dental, clinic: dental } },
  prepared: {
    ...base,
    "agent-worker:images": { repository: "agents" },
    "agent-worker:workers": { dental: unbuilt },
    "agent-worker:alerts": { channels },
  },
  rounds: { ...base, "agent-worker:rounds": careflow },
  hospital: { ...base, "agent-worker:rounds": { ...careflow, hospitals: hospitalA, general: false } },
  hospitals: {
    ...base,
    "agent-worker:rounds": { ...careflow, hospitals: { ...hospitalA, ...hospitalB }, general: true },
  },
  alerts: { ...base, "agent-worker:workers": { dental }, "agent-worker:alerts": { channels } },
  remarked: {
    ...base,
    "agent-worker:workers": { dental: { ...dental, officeHours: { ...dental.officeHours, holidays: ["2019-12-25"] } } },
  },
  nothing: base,
  wrong: {
    ...base,
    "agent-worker:worker": {},
    "agent-worker:workers": { dental: { ...dental, cpu: 3 } },
    "agent-worker:rounds": { ...careflow, timeZone: "EST" },
  },
  encrypted: {
    ...base,
    "agent-worker:workers": { dental: { ...dental, env: { API_KEY: { secure: "v1:bm90IGluIGVudg==" } } } },
  },
  inherited: {
    ...base,
    "agent-worker:workers": {
      dental: { ...dental, secrets: { KEY: { secret: "constructor", version: "1", existing: true } } },
    },
  },
} as const;

let outcomes: Record<keyof typeof configurations, PreviewOutcome>;
const stack = (name: keyof typeof configurations) => declared(outcomes[name]);

beforeAll(async () => {
  outcomes = await outcomesOf(configurations);
}, 120_000);

describe("a stack of workers alone", () => {
  it("is complete without rounds", () => {
    expect(
      ofType(stack("workers"), "Job")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["dental-job", "dental-start.weekday"]);
    expect(Object.keys(stack("workers").outputs).sort()).toEqual(["runbook", "startedBy", "workers"]);
  });

  it("reads the last rotation of a secret that it generates, by the version's own number", () => {
    const job = named(stack("workers"), "Job", "dental-job");
    expect(job.dependencies).toContain(named(stack("workers"), "SecretVersion", "secrets-control-token.2026-q4").urn);
  });

  it("gives every grant to an account of its own", () => {
    const members = stack("workers").resources.flatMap(({ inputs }) =>
      inputs.member === undefined ? [] : [inputs.member],
    );
    const accounts = ofType(stack("workers"), "Account").map(({ inputs }) => inputs.accountId);
    expect(new Set(members)).toEqual(
      new Set(accounts.map((id) => `serviceAccount:${id}@clinic-project.iam.gserviceaccount.com`)),
    );
  });
});

describe("a stack that grows", () => {
  it("keeps every URN of the first worker when a second one comes, which reads the same secrets", () => {
    expect(urnsOf(stack("twoWorkers"))).toEqual(expect.arrayContaining([...urnsOf(stack("workers"))]));
    expect(ofType(stack("twoWorkers"), "Secret")).toHaveLength(2);
  });

  it("keeps every URN of the first hospital when a second one comes", () => {
    expect(urnsOf(stack("hospitals"))).toEqual(expect.arrayContaining([...urnsOf(stack("hospital"))]));
  });

  it("keeps every URN of a prepared worker when its image comes", () => {
    const prepared = urnsOf(stack("prepared")).filter((urn) => !/images|artifactregistry|logging|monitoring/.test(urn));
    expect(urnsOf(stack("workers"))).toEqual(expect.arrayContaining(prepared));
  });
});

describe("a stack of rounds alone", () => {
  it("is complete without workers, in a project of its own", () => {
    const { resources, outputs } = stack("rounds");
    expect(ofType(stack("rounds"), "Job").map(({ inputs }) => inputs.name)).toEqual(["careflow-morning-rounds"]);
    expect(resources.filter(({ inputs }) => inputs.project === "clinic-project")).toEqual([]);
    expect(Object.keys(outputs).sort()).toEqual(["rounds", "runbook"]);
  });

  it("calls each hospital in its own time zone, and the general round only where that is stated", () => {
    const rounds = (name: "hospital" | "hospitals") =>
      ofType(stack(name), "Job").map(({ inputs }) => [inputs.name, inputs.timeZone]);
    expect(rounds("hospital")).toEqual([["careflow-morning-rounds-a", "America/New_York"]]);
    expect(rounds("hospitals")).toEqual(
      expect.arrayContaining([
        ["careflow-morning-rounds", "America/New_York"],
        ["careflow-morning-rounds-a", "America/New_York"],
        ["careflow-morning-rounds-b", "America/Chicago"],
      ]),
    );
  });
});

describe("a prepared worker", () => {
  it("has all that can exist before its image, and nothing that cannot", () => {
    const types = new Set(
      stack("prepared").resources.flatMap(({ custom, type }) => (custom ? type.split(":").at(-1) : [])),
    );
    for (const there of ["Repository", "Secret", "SecretVersion", "Account", "SecretIamMember", "Service"]) {
      expect(types).toContain(there);
    }
    for (const missing of ["Job", "JobIamMember", "AlertPolicy"]) expect(types).not.toContain(missing);
  });

  it("says what comes next: push, add versions, set the image, up", () => {
    const { next } = stack("prepared").outputs as { next: string };
    const commands = next.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(commands).toEqual([
      "gcloud auth configure-docker us-central1-docker.pkg.dev",
      expect.stringMatching(/^docker build --tag=us-central1-docker\.pkg\.dev\/clinic-project\/agents\/dental:/),
      expect.stringMatching(/^docker push us-central1-docker\.pkg\.dev\/clinic-project\/agents\/dental:/),
      expect.stringMatching(/^read -rs VALUE && .*gcloud secrets versions add livekit-url --project=clinic-project /),
      "pulumi up --stack=prepared --policy-pack=policies",
    ]);
    expect(next).toContain("workers.dental.image");
  });

  it("says nothing of next steps once there are none", () => {
    expect(stack("workers").outputs).not.toHaveProperty("next");
  });
});

describe("secrets of the stack", () => {
  it("reach their channels as secrets, and nothing else in plain", () => {
    const shown = JSON.stringify(masked(stack("alerts").resources as unknown as Value));
    expect(shown).not.toMatch(/\[secure/);
    const channel = named(stack("alerts"), "NotificationChannel", "alerts-clinic-project.oncall");
    expect(masked(at(channel.inputs, "sensitiveLabels.serviceKey") as Value)).toBe("[secret]");
    const webhook = named(stack("alerts"), "NotificationChannel", "alerts-clinic-project.team");
    expect(masked(at(webhook.inputs, "labels.url") as Value)).toBe("[secret]");
  });

  it("are in no output", () => {
    const outputs = JSON.stringify(masked(stack("alerts").outputs));
    expect(outputs).not.toMatch(/\[secure|\[secret/);
  });
});

describe("a secret that is called what every object has", () => {
  it("is a secret like any other", () => {
    expect(ofType(stack("inherited"), "SecretIamMember").map(({ inputs }) => inputs.secretId)).toEqual(["constructor"]);
  });
});

describe("settings that cannot be deployed", () => {
  it("are refused when they hold an encrypted value that would be deployed in plain", () => {
    const { encrypted } = outcomes;
    if (encrypted.ok) throw new Error("it was deployed");
    expect(encrypted.messages.join("\n")).toMatch(
      /workers +holds an encrypted value, which would be deployed as plain/,
    );
  });

  it("end the program with all that is wrong, in the words of the stack's file and without a stack trace", () => {
    const { wrong } = outcomes;
    if (wrong.ok) throw new Error("it was deployed");
    expect(wrong.messages.join("\n")).toMatch(/^Pulumi\.wrong\.yaml cannot be deployed: 3 problems\n/);
    expect(wrong.messages.join("\n")).toMatch(
      /rounds\.timeZone .+worker {2,}there is no such setting.+workers\.dental\.cpu /s,
    );
    expect(JSON.stringify([wrong.messages, wrong.diagnostics, wrong.output])).not.toMatch(/ at .*\.ts:\d+/);
  });
});

describe("settings that deserve a second look", () => {
  it("are warned about where people deploy, and deployed all the same", () => {
    const warnings = stack("remarked").diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
    expect(warnings).toEqual([
      expect.stringMatching(/^warning: workers\.dental\.officeHours\.holidays 2019-12-25 is outside/),
    ]);
  });
});

describe("an empty stack", () => {
  it("declares nothing", () => {
    expect(stack("nothing").resources.filter(({ custom, type }) => custom && type !== "pulumi:pulumi:Stack")).toEqual(
      [],
    );
  });
});
