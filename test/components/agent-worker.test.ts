import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { AgentWorker, type AgentWorkerArgs } from "../../components/agent-worker.ts";
import { WorkerSecrets } from "../../components/worker-secrets.ts";
import { at, image, prod, staging, worker } from "../support/clinic.ts";
import { all, type Declared, declaredBy, one } from "../support/declared.ts";

const secrets = {
  LIVEKIT_URL: { secret: "livekit-url", version: "3" },
  LIVEKIT_API_KEY: { secret: "livekit-api-key", version: "1" },
};

function dental(changes: Partial<AgentWorkerArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  return declaredBy(() => {
    new AgentWorker("dental", { ...staging, ...worker(), ...changes }, opts);
  });
}

const jobOf = (declared: readonly Declared[]) => one(declared, "Job", "dental-job");
const task = (declared: readonly Declared[]) =>
  at(jobOf(declared).inputs, "template.template") as Record<string, unknown>;
const container = (declared: readonly Declared[]) => at(task(declared), "containers.0") as Record<string, unknown>;

describe("the Job", () => {
  it.each([
    ["timeout", "template.template.timeout", "30300s"],
    ["retries", "template.template.maxRetries", 3],
    ["tasks", "template.taskCount", 1],
    ["parallelism", "template.parallelism", 1],
    ["account", "template.template.serviceAccount", "dental@clinic-project.iam.gserviceaccount.com"],
    ["cpu", "template.template.containers.0.resources.limits.cpu", "2"],
    ["memory", "template.template.containers.0.resources.limits.memory", "4Gi"],
    ["generation", "template.template.executionEnvironment", "EXECUTION_ENVIRONMENT_GEN2"],
    ["deletion protection", "deletionProtection", false],
    ["name", "name", "dental"],
    ["project", "project", "clinic-project"],
    ["location", "location", "us-central1"],
  ])("states its %s, since what is left out keeps its former value", async (_, path, value) => {
    expect(at(jobOf(await dental()).inputs, path)).toBe(value);
  });

  it("states that it is never retried, rather than leave out the 0 and be retried three times", async () => {
    expect(task(await dental({ maxRetries: 0 })).maxRetries).toBe(0);
  });

  it("has a timeout with its unit, without which the provider refuses it", async () => {
    expect(task(await dental()).timeout).toMatch(/^\d+s$/);
  });

  it("starts the runtime, which starts the worker", async () => {
    const { commands, args } = container(await dental());
    expect(commands).toEqual(["/opt/agent-runtime/agent-runtime"]);
    expect(args).toEqual(["--", "python", "worker_main.py"]);
  });

  it("runs the image's own entry point where the runtime is not wanted", async () => {
    const { commands, args } = container(await dental({ supervise: false, command: undefined }));
    expect([commands, args]).toEqual([undefined, undefined]);
  });

  it("sorts its variables, since another order would look like a change", async () => {
    const unsorted = { ZEBRA: "1", ALPHA: "2" };
    const names = (container(await dental({ env: unsorted, secrets })).envs as { name: string }[]).map(
      ({ name }) => name,
    );
    expect(names).toEqual([...names].sort());
    expect(names).toContain("LIVEKIT_URL");
  });

  it("names a secret by its id in the worker's own project, and by a pinned version", async () => {
    expect(container(await dental({ secrets })).envs).toContainEqual({
      name: "LIVEKIT_URL",
      valueSource: { secretKeyRef: { secret: "livekit-url", version: "3" } },
    });
  });

  it("carries the stack's labels, and its executions too: their logs and costs are found by them", async () => {
    const { inputs } = jobOf(await dental({ labels: { owner: "voice" } }));
    for (const path of ["labels", "template.labels"]) {
      expect(at(inputs, path)).toMatchObject({ owner: "voice", component: "worker", environment: "staging" });
    }
  });

  it("takes its image and variables from other resources too", async () => {
    const made = await dental({ image: pulumi.output(image), env: { AGENT: pulumi.output("dental-agent") } });
    expect(container(made).image).toBe(image);
    expect(container(made).envs).toContainEqual({ name: "AGENT", value: "dental-agent" });
  });
});

describe("order and rights", () => {
  it("comes after every right to read its secrets: Cloud Run refuses a Job whose account cannot", async () => {
    const declared = await dental({ secrets });
    const grants = all(declared, "SecretIamMember");
    expect(grants).toHaveLength(2);
    expect(jobOf(declared).dependencies).toEqual(expect.arrayContaining(grants.map(({ urn }) => urn)));
  });

  it("comes after the secrets and the generated versions that it names", async () => {
    const settings = worker({
      secrets: { CONTROL_TOKEN: { secret: "control-token", generate: { rotations: ["2026-q3", "2026-q4"] } } },
    });
    const declared = await declaredBy(() => {
      const store = new WorkerSecrets("secrets", { ...staging, workers: { dental: settings } });
      new AgentWorker("dental", { ...staging, ...settings, store });
    });
    const needed = [
      one(declared, "Secret", "secrets-control-token"),
      one(declared, "SecretVersion", "secrets-control-token.2026-q4"),
    ];
    expect(jobOf(declared).dependencies).toEqual(expect.arrayContaining(needed.map(({ urn }) => urn)));
    const secretGrant = one(declared, "SecretIamMember", "dental-reads.control-token");
    expect(secretGrant.dependencies).toContain(needed[0]?.urn);
  });

  it("may read its own secrets alone, each by a grant on that secret", async () => {
    const grants = all(await dental({ secrets }), "SecretIamMember");
    expect(grants.map(({ inputs }) => inputs)).toEqual([
      {
        project: "clinic-project",
        secretId: "livekit-api-key",
        role: "roles/secretmanager.secretAccessor",
        member: "serviceAccount:dental@clinic-project.iam.gserviceaccount.com",
      },
      expect.objectContaining({ secretId: "livekit-url" }),
    ]);
  });

  it("is granted a secret once that two variables read", async () => {
    const twice = { A: { secret: "shared", version: "1" }, B: { secret: "shared", version: "2" } };
    expect(all(await dental({ secrets: twice }), "SecretIamMember")).toHaveLength(1);
  });

  it("deletes a replaced grant first: the other way round the right to read would be gone, and up would say ok", async () => {
    for (const grant of all(await dental({ secrets }), "SecretIamMember")) expect(grant.deleteBeforeReplace).toBe(true);
  });
});

describe("protection", () => {
  it("keeps the job and the account of a clinic in prod from being deleted, already in the preview", async () => {
    const declared = await dental(prod);
    expect(jobOf(declared)).toMatchObject({ protect: true, inputs: { deletionProtection: true } });
    expect(one(declared, "Account", "dental-account").protect).toBe(true);
  });

  it("leaves grants unprotected in prod, so that a secret can be taken from a worker", async () => {
    for (const grant of all(await dental({ ...prod, secrets }), "SecretIamMember"))
      expect(grant.protect).toBeUndefined();
  });

  it("lets a staging stack be destroyed", async () => {
    for (const { protect } of await dental({ secrets })) expect(protect).toBeUndefined();
  });
});

describe("a prepared worker", () => {
  it("has its account and its rights, and no Job that an empty project would refuse", async () => {
    const declared = await dental({ image: undefined, secrets });
    expect(all(declared, "Job")).toEqual([]);
    expect(all(declared, "Account")).toHaveLength(1);
    expect(all(declared, "SecretIamMember")).toHaveLength(2);
  });

  it("keeps every URN when its image comes", async () => {
    const urns = async (changes: Partial<AgentWorkerArgs>) =>
      (await dental({ secrets, ...changes })).map(({ urn }) => urn);
    expect(await urns({})).toEqual(expect.arrayContaining(await urns({ image: undefined })));
  });
});

describe("the component", () => {
  it("is the parent of all that it declares", async () => {
    const declared = await dental({ secrets });
    const component = one(declared, "AgentWorker", "dental");
    expect(component.type).toBe("agent-worker:workers:AgentWorker");
    for (const child of declared.filter((resource) => resource !== component)) {
      expect(child.parent).toBe(component.urn);
      expect(child.name).toMatch(/^dental-/);
    }
  });

  it("needs no credentials in a preview: it reads nothing from the cloud", async () => {
    await expect(dental({ secrets })).resolves.not.toHaveLength(0);
  });
});
