/** The rules together, on whole stacks of the real program. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { configurationOf } from "../../domain/settings/configuration.ts";
import { problemsOf } from "../../policies/evaluate.ts";
import { factsOf } from "../../policies/facts.ts";
import type { StackResource } from "../../policies/rule.ts";
import { rules } from "../../policies/rules.ts";
import { ACCOUNT, JOB } from "../../policies/types.ts";
import { isList, isMap, type Properties, UNKNOWN, type Value } from "../../policies/value.ts";
import { readable } from "../../preview/policies.ts";
import type { DeclaredStack } from "../../preview/resources.ts";
import { declared, outcomesOf, repository } from "../support/stack-previews.ts";
import { type Break, breaks, withIdempotentAgent, worker } from "./breaks.ts";
import { changed } from "./resources.ts";

type Configuration = Readonly<Record<string, unknown>>;
type Worker = Readonly<Record<string, unknown>> & { readonly secrets: object; readonly image?: string };
const stacks = [
  "staging",
  "prod",
  "sound",
  "generated",
  "prepared",
  "unwatched",
  "halfTold",
  "open",
  "channels",
  "alone",
] as const;
let shown: Readonly<Record<(typeof stacks)[number], DeclaredStack>>;
let configurations: Readonly<Record<(typeof stacks)[number], Configuration>>;

async function shipped(stack: string): Promise<Configuration> {
  return (parse(await readFile(join(repository, `Pulumi.${stack}.yaml`), "utf8")) as { config: Configuration }).config;
}

beforeAll(async () => {
  const [staging, prod] = await Promise.all([shipped("staging"), shipped("prod")]);
  const sound = withIdempotentAgent(prod);
  const workers = Object.entries(sound["agent-worker:workers"] as Record<string, Worker>);
  const withWorkers = (change: (worker: Worker) => object) => ({
    ...sound,
    "agent-worker:workers": Object.fromEntries(workers.map(([key, worker]) => [key, change(worker)])),
  });
  const generated = withWorkers((worker) => ({
    ...worker,
    secrets: {
      ...worker.secrets,
      CONTROL_TOKEN: { secret: "control-token", generate: { rotations: ["2026-q3", "2026-q4"] } },
    },
  }));
  const prepared = withWorkers(({ image: _, ...worker }) => worker);
  const { "agent-worker:alerts": __, ...unwatched } = sound;
  const halfTold = {
    ...sound,
    "agent-worker:alerts": { channels: { oncall: { existing: "projects/ortho-ai-485203/notificationChannels/1" } } },
  };
  const open = { ...sound, "agent-worker:protect": false };
  const secure = { secure: "v1:Zm9yIG91ciBleWVz" };
  const channels = {
    ...sound,
    "agent-worker:alerts": {
      channels: {
        oncall: { pagerduty: { serviceKey: secure } },
        team: { webhook: { url: secure } },
        desk: { slack: { channel: "#calls", token: secure } },
      },
    },
  };
  const alone = withWorkers(({ command: _, ...worker }) => ({ ...worker, supervise: false, maxRetries: 0 }));
  configurations = { staging, prod, sound, generated, prepared, unwatched, halfTold, open, channels, alone };
  const outcomes = await outcomesOf(configurations);
  shown = Object.fromEntries(stacks.map((stack) => [stack, declared(outcomes[stack])])) as typeof shown;
}, 180_000);

function texts(config: Configuration): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** `rule resource`, for everything that any rule has against a stack. */
function said(stack: (typeof stacks)[number], resources = readable(shown[stack].resources)): readonly string[] {
  const facts = factsOf(configurationOf(texts(configurations[stack]), "agent-worker"));
  return rules.flatMap((rule) =>
    problemsOf(rule, { all: resources }, facts, {}).map(
      ({ resource, unknown }) => `${rule.name} ${resource?.name}${unknown ? " (not yet known)" : ""}`,
    ),
  );
}

const retries = ["morning", "noon", "evening"].map((round) => `retries-repeat-calls rounds-${round}`);

describe("the shipped stacks", () => {
  test("in prod only retries towards an agent that nobody declared idempotent are remarked", () => {
    expect(said("prod")).toEqual(retries);
  });

  test("in staging also what moves without a deployment, as its guide has it", () => {
    expect(said("staging")).toEqual([
      "image-pinned dental-agent-worker-job",
      "secret-version-pinned dental-agent-worker-job",
      ...retries,
    ]);
  });

  test("with an agent that is declared idempotent, no rule has anything to say", () => {
    expect(said("sound")).toEqual([]);
  });
});

test("a secret that the stack generates has a version that nobody knows yet, and that cannot move", () => {
  expect(said("generated")).toEqual([]);
});

test("workers that are only prepared keep the rights that they are given beforehand", () => {
  expect(said("prepared")).toEqual([]);
});

test.each(["channels", "alone"] as const)("what the settings allow breaks nothing: %s", (stack) => {
  expect(said(stack)).toEqual([]);
});

describe("what a stack file can leave out, or take away", () => {
  test("alerts: every start and round is named, since nobody would hear of its failure", () => {
    const names = ["start.weekday", "start.saturday"].map((start) => `${worker}-${start}`);
    const all = [...names, "rounds-morning", "rounds-noon", "rounds-evening"];
    expect(new Set(said("unwatched"))).toEqual(new Set(all.map((name) => `schedule-watched ${name}`)));
  });

  test("a channel in the other project: the alerts there are named, since they tell nobody", () => {
    const found = said("halfTold");
    expect(found).toContain("alert-told alerts-rounds-failing");
    expect(found).not.toContain("alert-told alerts-launch-failed");
    expect(found.filter((text) => !text.startsWith("alert-told "))).toEqual([]);
  });

  test("protection: everything is named that would be lost for good", () => {
    const found = said("open");
    expect(found).toHaveLength(13);
    expect(found).toContain("deletion-protection secrets-livekit-url");
    expect(found.filter((text) => !text.startsWith("deletion-protection "))).toEqual([]);
  });
});

describe("addresses that are not known yet", () => {
  const hidden = (resources: readonly StackResource[]) =>
    resources.map((resource) => ({ ...resource, inputs: withoutAddresses(resource.inputs) as Properties }));

  test("turn no rule off, and make none fail: what they come from decides", () => {
    const resources = hidden(readable(shown.sound.resources));
    expect(JSON.stringify(resources.map(({ inputs }) => inputs))).not.toContain(".iam.gserviceaccount.com");
    expect(said("sound", linked(resources))).toEqual([]);
  });

  test("do not hide a worker that is started by its own account", () => {
    const resources = linked(hidden(readable(shown.sound.resources)));
    const job = resources.find(({ type }) => type === JOB);
    const own = job?.propertyDependencies.template?.find(({ type }) => type === ACCOUNT);
    if (own === undefined) throw new Error("the worker has no account");
    const confused = resources.map((resource) =>
      resource.name === `${worker}-start.weekday`
        ? { ...resource, propertyDependencies: { ...resource.propertyDependencies, httpTarget: [own] } }
        : resource,
    );
    expect(said("sound", confused)).toEqual([`invoker-account ${worker}-start.weekday`]);
  });
});

/** The same resources, each depending on those of the list itself. */
function linked(resources: readonly StackResource[]): readonly StackResource[] {
  const all = new Map<string, StackResource>();
  for (const resource of resources) {
    const propertyDependencies = Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([property, on]) => [
        property,
        on.flatMap(({ urn }) => all.get(urn) ?? []),
      ]),
    );
    all.set(resource.urn, { ...resource, propertyDependencies });
  }
  return [...all.values()];
}

function withoutAddresses(value: Value): Value {
  if (typeof value === "string") return value.endsWith(".iam.gserviceaccount.com") ? UNKNOWN : value;
  if (isList(value)) return value.map(withoutAddresses);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutAddresses(inner)]));
}

describe("prod, broken once", () => {
  test("for each rule", () => {
    expect(breaks.map(({ rule }) => rule)).toEqual(rules.map(({ name }) => name));
  });

  test.each(breaks.map((each) => [each.rule, each] as const))("%s fails, and no other", (rule, each) => {
    const found = said("sound", broken(each));
    expect(found).not.toEqual([]);
    expect(found.filter((text) => !text.startsWith(`${rule} `))).toEqual([]);
    expect(found.join()).not.toContain("not yet known");
  });
});

function broken({ change, adds = [] }: Break): readonly StackResource[] {
  const before = readable(shown.sound.resources);
  const there = before.map((resource) =>
    resource.type === change?.type && resource.name === change.name
      ? { ...resource, inputs: changed(resource.inputs, change.inputs(resource.inputs)) }
      : resource,
  );
  if (change !== undefined && there.every((resource, index) => resource === before[index])) {
    throw new Error(`there is no ${change.type} ${change.name}`);
  }
  const added = adds.map(({ type, name, inputs }) => ({
    urn: `urn:pulumi:sound::agent-worker::${type}::${name}`,
    type,
    name,
    inputs,
    protect: true,
    propertyDependencies: {},
  }));
  return [...there, ...added];
}
