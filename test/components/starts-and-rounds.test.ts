import { describe, expect, it } from "vitest";
import { AgentWorker } from "../../components/agent-worker.ts";
import { Invoker } from "../../components/invoker.ts";
import { OfficeHours } from "../../components/office-hours.ts";
import { PatientRounds, type PatientRoundsArgs } from "../../components/patient-rounds.ts";
import type { WorkerInput } from "../../domain/settings/worker.ts";
import { at, prod, rounds, staging, worker } from "../support/clinic.ts";
import { all, type Declared, declaredBy, one } from "../support/declared.ts";

function clinic(workers: Record<string, Partial<WorkerInput>>, context = staging) {
  return declaredBy(() => {
    const made = Object.entries(workers).map(
      ([key, changes]) => new AgentWorker(key, { ...context, ...worker(changes) }),
    );
    const invoker = new Invoker("starts", {
      ...context,
      accountId: "agent-worker-starts",
      displayName: "Starts",
      workers: made,
    });
    for (const one of made.filter(({ job }) => job !== undefined))
      new OfficeHours(one.plan.key, { worker: one, invoker });
  });
}

function careflow(changes: Partial<PatientRoundsArgs> = {}) {
  return declaredBy(() => {
    new PatientRounds("rounds", rounds(changes));
  });
}

const weekday = async () => one(await clinic({ "dental-worker": {} }), "Job", "dental-worker-start.weekday");
const morning = (declared: readonly Declared[]) => one(declared, "Job", "rounds-morning");
const bodyOf = ({ inputs }: Declared) =>
  JSON.parse(Buffer.from(String(at(inputs, "httpTarget.body")), "base64").toString("utf8")) as unknown;

describe("a start", () => {
  it("is a POST to Google's API that starts the job, known before anything is made", async () => {
    expect((await weekday()).inputs.httpTarget).toMatchObject({
      uri: "https://run.googleapis.com/v2/projects/clinic-project/locations/us-central1/jobs/dental-worker:run",
      httpMethod: "POST",
    });
  });

  it("shows an OAuth token with its scope, and no OIDC token: Google's APIs answer that with 401", async () => {
    const { httpTarget } = (await weekday()).inputs as { httpTarget: Record<string, unknown> };
    expect(httpTarget.oauthToken).toEqual({
      serviceAccountEmail: "agent-worker-starts@clinic-project.iam.gserviceaccount.com",
      scope: "https://www.googleapis.com/auth/cloud-platform",
    });
    expect(httpTarget.oidcToken).toBeUndefined();
  });

  it("has no body: with one it would need a role that may override the job", async () => {
    expect(at((await weekday()).inputs, "httpTarget.body")).toBeUndefined();
  });

  it("fires at opening in the clinic's own time zone", async () => {
    expect((await weekday()).inputs).toMatchObject({
      name: "dental-start-weekday",
      schedule: "0 9 * * 1-5",
      timeZone: "Asia/Karachi",
      region: "us-central1",
    });
  });

  it("is retried five times within minutes, all of it stated", async () => {
    expect((await weekday()).inputs).toMatchObject({
      attemptDeadline: "180s",
      retryConfig: {
        retryCount: 5,
        minBackoffDuration: "30s",
        maxBackoffDuration: "300s",
        maxDoublings: 5,
        maxRetryDuration: "0s",
      },
    });
  });

  it("does not declare a pause, so that an operator's pause outlives the next deployment", async () => {
    expect((await weekday()).inputs).not.toHaveProperty("paused");
  });

  it("comes after the right to start the job: one that fires before is refused, and the clinic has no agent", async () => {
    const declared = await clinic({ dental: {} });
    const grant = one(declared, "JobIamMember", "starts-runs-dental");
    expect(one(declared, "Job", "dental-start.weekday").dependencies).toContain(grant.urn);
    expect(grant.dependencies).toContain(one(declared, "Job", "dental-job").urn);
  });
});

describe("who may start what", () => {
  it("is one account for all workers, granted on each job by itself and never on the project", async () => {
    const declared = await clinic({ dental: {}, ortho: {} });
    expect(all(declared, "JobIamMember").map(({ inputs }) => inputs)).toEqual(
      ["dental", "ortho"].map((name) => ({
        project: "clinic-project",
        location: "us-central1",
        name,
        role: "roles/run.invoker",
        member: "serviceAccount:agent-worker-starts@clinic-project.iam.gserviceaccount.com",
      })),
    );
    expect(declared.filter(({ type }) => type.startsWith("gcp:projects/iam"))).toEqual([]);
  });

  it("is never the account that a worker runs as: a worker that is broken into could start others", async () => {
    const declared = await clinic({ dental: {}, ortho: {} });
    const runsAs = all(declared, "Job").map(({ inputs }) => at(inputs, "template.template.serviceAccount"));
    const starter = one(declared, "Account", "starts-account").inputs.accountId;
    expect(runsAs.filter((email) => String(email).startsWith(`${starter}@`))).toEqual([]);
  });

  it("deletes a replaced grant first: the other way round nobody could start the job, and up would say ok", async () => {
    const grants = [...all(await clinic({ dental: {} }), "JobIamMember"), ...all(await careflow(), "ServiceIamMember")];
    expect(grants.map(({ deleteBeforeReplace }) => deleteBeforeReplace)).toEqual([true, true]);
  });

  it("protects its account in prod: one that is made anew under the same name has lost its grants", async () => {
    expect(one(await clinic({ dental: {} }, prod), "Account", "starts-account").protect).toBe(true);
    expect(one(await careflow(prod), "Account", "rounds-invoker-account").protect).toBe(true);
  });

  it("is decided before a prepared worker has a job: its account is there, its grant is not", async () => {
    const declared = await clinic({ dental: { image: undefined } });
    expect(all(declared, "JobIamMember")).toEqual([]);
    expect(one(declared, "Account", "starts-account")).toBeDefined();
  });
});

describe("a round", () => {
  it("is a POST of JSON to the agent, and says so: without the header an agent sees no JSON", async () => {
    const round = morning(await careflow());
    expect(round.inputs.httpTarget).toMatchObject({
      uri: "https://careflow-agent.example.run.app/",
      httpMethod: "POST",
      headers: { "Content-Type": "application/json" },
    });
    expect(bodyOf(round)).toEqual({
      scheduleHour: 8,
      timezone: "America/New_York",
      triggerType: "scheduled",
      source: "cloud-scheduler",
      environment: "staging",
    });
  });

  it("shows an OIDC token whose audience is spelled out, without a slash: the default would be the whole URI", async () => {
    const { httpTarget } = morning(await careflow()).inputs as { httpTarget: Record<string, unknown> };
    expect(httpTarget.oidcToken).toEqual({
      serviceAccountEmail: "careflow-scheduler@clinic-project.iam.gserviceaccount.com",
      audience: "https://careflow-agent.example.run.app",
    });
    expect(httpTarget.oauthToken).toBeUndefined();
  });

  it("leaves retries out where there are none: stated with 0, every preview would show a difference", async () => {
    expect(morning(await careflow({ retry: { count: 0 } })).inputs).not.toHaveProperty("retryConfig");
  });

  it("states every value of its retries, since what is left out keeps its former value", async () => {
    expect(morning(await careflow()).inputs).toMatchObject({
      attemptDeadline: "600s",
      retryConfig: {
        retryCount: 3,
        minBackoffDuration: "60s",
        maxBackoffDuration: "300s",
        maxDoublings: 5,
        maxRetryDuration: "0s",
      },
    });
  });

  it.each([true, false])(
    "says paused: %s where the settings do: leaving it out would not resume anything",
    async (paused) => {
      expect(morning(await careflow({ paused })).inputs.paused).toBe(paused);
    },
  );

  it("does not declare a pause otherwise, so that rounds paused for maintenance stay so", async () => {
    expect(morning(await careflow()).inputs).not.toHaveProperty("paused");
  });

  it("comes after the right to call the agent", async () => {
    const declared = await careflow();
    expect(morning(declared).dependencies).toContain(
      one(declared, "ServiceIamMember", "rounds-invoker-calls-careflow-agent").urn,
    );
  });

  it("of a hospital carries its id, and has a name that no other round can have", async () => {
    const declared = await careflow({
      daily: { morning: "08:15", "morning-a": "12:15" },
      hospitals: { a: { id: "hosp-001", name: "General Hospital" } },
      general: true,
    });
    expect(bodyOf(one(declared, "Job", "rounds-morning.a"))).toMatchObject({ hospitalId: "hosp-001", scheduleHour: 8 });
    expect(all(declared, "Job").map(({ inputs }) => inputs.name)).toEqual([
      "careflow-morning-rounds",
      "careflow-morning-a-rounds",
      "careflow-morning-rounds-a",
      "careflow-morning-a-rounds-a",
    ]);
  });

  it("adding a hospital changes no URN of those before it", async () => {
    const a = { a: { id: "hosp-001", name: "General Hospital" } };
    const before = await careflow({ hospitals: a, general: true });
    const after = await careflow({ hospitals: { ...a, b: { id: "hosp-002", name: "City Medical" } }, general: true });
    expect(after.map(({ urn }) => urn)).toEqual(expect.arrayContaining(before.map(({ urn }) => urn)));
  });
});
