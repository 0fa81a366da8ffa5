import { beforeAll, describe, expect, it } from "vitest";
import { type DeclaredResource, type DeclaredStack, isUnknown } from "../../preview/resources.ts";
import { at } from "../support/clinic.ts";
import { named, ofType, repository, stacksOf } from "../support/stack-previews.ts";

let prod: DeclaredStack;
let staging: DeclaredStack;
const stacks = [
  ["prod", () => prod],
  ["staging", () => staging],
] as const;

beforeAll(async () => {
  [prod, staging] = (await stacksOf(repository, ["prod", "staging"])) as [DeclaredStack, DeclaredStack];
}, 60_000);

const container = (stack: DeclaredStack, path: string) =>
  at(named(stack, "Job", "dental-agent-worker-job").inputs, `template.template.containers.0.${path}`);
const variables = (stack: DeclaredStack) => container(stack, "envs") as { name: string; valueSource?: unknown }[];

/** What tells a resource from every other one at Google. */
function identity({ type, inputs }: DeclaredResource): string {
  const { project, location, region, name, secretId, accountId, repositoryId, service, displayName } = inputs;
  return [
    type,
    project,
    location ?? region,
    name ?? secretId ?? accountId ?? repositoryId ?? service ?? displayName,
  ].join();
}

describe.each(stacks)("%s", (environment, stack) => {
  it("is warned of nothing, by its settings or by the SDK", () => {
    expect(stack().diagnostics).toEqual([]);
  });

  it("covers the office day with one task, and leaves by itself before the task's timeout", () => {
    expect(at(named(stack(), "Job", "dental-agent-worker-job").inputs, "template.template.timeout")).toBe("30300s");
  });

  it("gives the worker every variable that the guide requires, its keys from Secret Manager alone", () => {
    const required = {
      plain: ["ENVIRONMENT", "LIVEKIT_AGENT_NAME"],
      secret: [
        ...["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "SUPABASE_URL"],
        ...["SUPABASE_SERVICE_ROLE_KEY", "OPENAI_API_KEY", "DEEPGRAM_API_KEY"],
      ],
    };
    const secret = variables(stack()).filter(({ valueSource }) => valueSource !== undefined);
    const plain = variables(stack()).filter(({ valueSource }) => valueSource === undefined);
    expect(plain.map(({ name }) => name)).toEqual(expect.arrayContaining(required.plain));
    expect(secret.map(({ name }) => name)).toEqual(expect.arrayContaining(required.secret));
  });

  it("shows reviewers whom every scheduler job calls, before anything is made", () => {
    const jobs = ofType(stack(), "Job").filter(({ inputs }) => inputs.httpTarget !== undefined);
    expect(jobs).toHaveLength(5);
    for (const { inputs } of jobs) expect(isUnknown(at(inputs, "httpTarget.uri"))).toBe(false);
  });

  it("grants every right on one job, service or secret, and none on a project", () => {
    const grants = stack().resources.filter(({ inputs }) => inputs.role !== undefined);
    const kinds = new Set(grants.map(({ type }) => type.split(":").at(-1)));
    expect([...kinds].sort()).toEqual(["JobIamMember", "SecretIamMember", "ServiceIamMember"]);
    for (const { deleteBeforeReplace } of grants) expect(deleteBeforeReplace).toBe(true);
  });

  it("spells every parent of a grant in one way: another spelling would replace the grant, and lose it", () => {
    for (const { inputs } of ofType(stack(), "SecretIamMember")) expect(inputs.secretId).toMatch(/^[a-z-]+$/);
    for (const { inputs } of ofType(stack(), "JobIamMember")) expect(inputs.name).toBe("dental-agent-worker");
    for (const { inputs } of ofType(stack(), "ServiceIamMember")) expect(inputs.name).toBe("careflow-agent");
  });

  it("declares everything below a component, whose name its own begins with", () => {
    const byUrn = new Map(stack().resources.map((resource) => [resource.urn, resource]));
    for (const { custom, type, name, parent } of stack().resources) {
      if (!custom || type === "pulumi:pulumi:Stack") continue;
      const component = byUrn.get(parent ?? "");
      expect(component?.type).toMatch(/^agent-worker:[a-z]+:[A-Za-z]+$/);
      expect(name.startsWith(`${component?.name}-`)).toBe(true);
    }
  });

  it("keeps with each component what it made, for whoever reads the state", () => {
    const outputs = (type: string) => stack().resources.find((resource) => resource.type.endsWith(type))?.outputs;
    expect(outputs(":AgentWorker")).toMatchObject({ job: "dental-agent-worker" });
    expect(outputs(":OfficeHours")).toEqual({ starts: ["dental-agent-start-weekday", "dental-agent-start-saturday"] });
    expect(outputs(":PatientRounds")).toEqual({
      rounds: ["careflow-morning-rounds", "careflow-noon-rounds", "careflow-evening-rounds"],
    });
  });

  it("tells where everything is once it is deployed", () => {
    const project = environment === "prod" ? "ortho-ai-485203" : "ortho-ai-staging-485203";
    expect(stack().outputs).toMatchObject({
      images: { prefix: `us-central1-docker.pkg.dev/${project}/agent-repo` },
      startedBy: `agent-worker-starts@${project}.iam.gserviceaccount.com`,
      workers: {
        "dental-agent-worker": {
          state: "deployed",
          account: `dental-agent-worker@${project}.iam.gserviceaccount.com`,
          job: `projects/${project}/locations/us-central1/jobs/dental-agent-worker`,
          url: expect.stringContaining(`/us-central1/dental-agent-worker/executions?project=${project}`),
          starts: { "dental-agent-start-weekday": "0 9 * * 1-5 Asia/Karachi" },
        },
      },
      rounds: { jobs: { "careflow-noon-rounds": "15 12 * * * America/New_York" } },
    });
    expect(stack().outputs.runbook).toContain(`gcloud run jobs execute dental-agent-worker --project=${project}`);
  });

  it("enables every API before what needs it: a component waits, and its children wait for it", () => {
    const apis = ofType(stack(), "Service").map(({ urn }) => urn);
    const [root, ...components] = stack().resources.filter(({ custom }) => !custom);
    const waiting = components.filter(({ parent, name }) => parent === root?.urn && name !== "apis");
    expect(waiting.map(({ type }) => type)).toContain("agent-worker:rounds:PatientRounds");
    for (const { dependencies } of waiting) expect(dependencies).toEqual(expect.arrayContaining(apis));
  });

  it(`says ${environment === "prod" ? "production" : "development"} to the worker, and ${environment} to the agent`, () => {
    const value = environment === "prod" ? "production" : "development";
    expect(variables(stack())).toContainEqual({ name: "ENVIRONMENT", value });
    const body = String(at(named(stack(), "Job", "rounds-noon").inputs, "httpTarget.body"));
    expect(JSON.parse(Buffer.from(body, "base64").toString())).toMatchObject({ environment });
  });
});

describe("prod", () => {
  it("pins the image by digest and each secret by version: neither changes under a running clinic", () => {
    expect(container(prod, "image")).toMatch(/@sha256:[a-f0-9]{64}$/);
    expect(JSON.stringify(variables(prod))).not.toContain("latest");
  });

  it("protects what is lost for good, and only that", () => {
    const kept = new Set(prod.resources.filter(({ protect }) => protect).map(({ type }) => type.split("/").at(-1)));
    expect([...kept].sort()).toEqual(["account:Account", "job:Job", "repository:Repository", "secret:Secret"]);
    expect(ofType(prod, "Job").filter(({ protect }) => protect)).toHaveLength(1);
    expect(named(prod, "Job", "dental-agent-worker-job").inputs.deletionProtection).toBe(true);
  });
});

describe("staging", () => {
  it("can be destroyed as a whole", () => {
    expect(staging.resources.filter(({ protect }) => protect)).toEqual([]);
    expect(named(staging, "Job", "dental-agent-worker-job").inputs.deletionProtection).toBe(false);
  });

  it("shares nothing with prod: two stacks that declare one resource undo each other", () => {
    const ofCloud = (stack: DeclaredStack) => stack.resources.filter(({ type }) => type.startsWith("gcp:"));
    const ofProd = new Set(ofCloud(prod).map(identity));
    expect(ofCloud(staging).filter((resource) => ofProd.has(identity(resource)))).toEqual([]);
  });
});
