import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { AgentWorker } from "../../components/agent-worker.ts";
import { Invoker } from "../../components/invoker.ts";
import { OfficeHours } from "../../components/office-hours.ts";
import { PatientRounds } from "../../components/patient-rounds.ts";
import { WorkerImages } from "../../components/worker-images.ts";
import { WorkerSecrets } from "../../components/worker-secrets.ts";
import { rounds, staging, worker } from "../support/clinic.ts";
import { declaredBy } from "../support/declared.ts";

/** What a component refuses with, and how much it had declared by then. */
async function refusalOf(make: () => void) {
  let error: unknown;
  const declared = await declaredBy(() => {
    try {
      make();
    } catch (thrown) {
      error = thrown;
    }
  });
  if (!pulumi.InputPropertiesError.isInstance(error)) throw new Error(`no InputPropertiesError, but ${error}`);
  const paths = error.errors?.map(({ propertyPath }) => propertyPath) ?? [];
  return { declared: declared.map(({ name }) => name), paths, message: error.message, stack: error.stack };
}

const asOutput = <T>(value: T) => pulumi.output(value) as unknown as string;

describe("a component that cannot be deployed", () => {
  const wrong = { cpu: 1, memory: "8Gi", drain: "5h", project: "X" } as const;

  it("says everything that is wrong at once, by the names of its own arguments", async () => {
    const { paths } = await refusalOf(() => new AgentWorker("dental", { ...staging, ...worker(), ...wrong }));
    expect([...paths].sort()).toEqual(["drain", "memory", "project"]);
  });

  it("has declared nothing, so that no half of it is ever created", async () => {
    const { declared } = await refusalOf(() => new AgentWorker("dental", { ...staging, ...worker(), ...wrong }));
    expect(declared).toEqual([]);
  });

  it("names itself and the way out, without a stack trace", async () => {
    const { message, stack } = await refusalOf(
      () => new AgentWorker("dental", { ...staging, ...worker(), memory: "8Ti" }),
    );
    expect(message).toMatch(/^AgentWorker dental cannot be deployed: 1 problem\n/);
    expect(message).toContain("512Mi or 4Gi");
    expect(stack).toBe("");
  });

  it.each<[string, string, () => void]>([
    [
      "a name that Google does not take",
      "workers.Dental",
      () => new AgentWorker("Dental", { ...staging, ...worker() }),
    ],
    ["a misspelt argument", "maxRetrys", () => new AgentWorker("a", { ...staging, ...worker(), ...{ maxRetrys: 1 } })],
    [
      "an image without tag and digest",
      "image",
      () => new AgentWorker("a", { ...staging, ...worker({ image: "us-docker.pkg.dev/p/r/i" }) }),
    ],
    [
      "a variable that is reserved, though its value comes later",
      "env.PORT",
      () => new AgentWorker("a", { ...staging, ...worker({ env: { PORT: asOutput("80") } }) }),
    ],
    [
      "a generated secret that nothing makes",
      "secrets.T.generate",
      () =>
        new AgentWorker("a", {
          ...staging,
          ...worker({ secrets: { T: { secret: "t", generate: { rotations: ["one"] } } } }),
        }),
    ],
    [
      "two workers that contradict each other about a secret",
      "workers.b.secrets.T",
      () =>
        new WorkerSecrets("secrets", {
          ...staging,
          workers: {
            a: worker({ secrets: { T: { secret: "t", version: "1" } } }),
            b: worker({ secrets: { T: { secret: "t", version: "1", existing: true } } }),
          },
        }),
    ],
    [
      "a repository's name in capitals",
      "repository",
      () => new WorkerImages("images", { ...staging, repository: "Agents" }),
    ],
    [
      "rounds whose service ends before they do",
      "service.requestTimeout",
      () => new PatientRounds("rounds", rounds({ attemptDeadline: "700s" })),
    ],
    [
      "an account's id that is too short",
      "accountId",
      () => new Invoker("starts", { ...staging, accountId: "abc", displayName: "Starts" }),
    ],
    [
      "labels of ours",
      "labels.component",
      () => new WorkerImages("images", { ...staging, repository: "agents", labels: { component: "x" } }),
    ],
  ])("refuses %s", async (_, path, make) => {
    expect((await refusalOf(make)).paths).toEqual([path]);
  });
});

describe("starts of a worker", () => {
  it("refuse a worker that is only prepared", async () => {
    const { paths } = await refusalOf(() => {
      const dental = new AgentWorker("dental", { ...staging, ...worker({ image: undefined }) });
      const invoker = new Invoker("starts", {
        ...staging,
        accountId: "starter",
        displayName: "Starts",
        workers: [dental],
      });
      new OfficeHours("dental", { worker: dental, invoker });
    });
    expect(paths).toEqual(["worker"]);
  });

  it("refuse an account that may not start it: each would end in 403", async () => {
    const { paths } = await refusalOf(() => {
      const dental = new AgentWorker("dental", { ...staging, ...worker() });
      const invoker = new Invoker("starts", { ...staging, accountId: "starter", displayName: "Starts" });
      new OfficeHours("dental", { worker: dental, invoker });
    });
    expect(paths).toEqual(["invoker"]);
  });
});

describe("two components of one kind in a program", () => {
  it("never declare the same resource, which the engine would refuse", async () => {
    const declared = await declaredBy(() => {
      const invoker = (name: string, workers: readonly AgentWorker[]) =>
        new Invoker(name, { ...staging, accountId: `${name}-starts`, displayName: "Starts", workers });
      for (const [name, project] of [
        ["first", "first-project"],
        ["second", "second-project"],
      ] as const) {
        const settings = worker({ secrets: { TOKEN: { secret: "token", generate: { rotations: ["one"] } } } });
        const store = new WorkerSecrets(`${name}-secrets`, { ...staging, project, workers: { [name]: settings } });
        const made = new AgentWorker(name, { ...staging, project, ...settings, store });
        new OfficeHours(name, { worker: made, invoker: invoker(name, [made]) });
        new PatientRounds(`${name}-rounds`, rounds({ project }));
        new WorkerImages(`${name}-images`, { ...staging, project, repository: "agents" });
      }
    });
    const urns = declared.map(({ urn }) => urn);
    expect(urns.filter((urn, index) => urns.indexOf(urn) < index)).toEqual([]);
  });
});
