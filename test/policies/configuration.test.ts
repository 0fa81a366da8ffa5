/** What a stack sets of the rules, as the Pulumi CLI reads it. */
import { describe, expect, test } from "vitest";
import { type PackConfiguration, readConfiguration } from "../../policies/configuration.ts";
import { policyFindings } from "../../policies/evaluate.ts";
import { factsOf } from "../../policies/facts.ts";
import type { StackResource } from "../../policies/rule.ts";
import { rules } from "../../policies/rules.ts";
import { job, round, UNKNOWN_TIMEOUT, version } from "./resources.ts";

const read = (configuration: unknown) => readConfiguration(JSON.stringify(configuration), rules);
const tagged = job({ "template.template.containers.0.image": "us-docker.pkg.dev/p/r/i:1" });

function found(environment: string, configuration?: PackConfiguration) {
  return policyFindings(
    rules,
    [tagged, round({ retryConfig: { retryCount: 3 } })],
    factsOf({ environment }),
    configuration,
  )
    .filter(({ rule }) => ["image-pinned", "retries-repeat-calls"].includes(rule))
    .map(({ rule, level }) => `${rule} ${level}`);
}

describe("a level", () => {
  test("follows from the environment", () => {
    expect(found("prod")).toEqual(["image-pinned mandatory", "retries-repeat-calls advisory"]);
    expect(found("staging")).toEqual(["image-pinned advisory", "retries-repeat-calls advisory"]);
  });

  test("of an environment that nobody can read is prod's", () => {
    for (const settings of [undefined, null, "staging", {}, { environment: "stagign" }]) {
      expect(factsOf(settings).environment).toBe("prod");
    }
  });

  test.each([
    ["by its name alone", { "image-pinned": "advisory" }, ["image-pinned advisory", "retries-repeat-calls advisory"]],
    ["in a map", { "image-pinned": { enforcementLevel: "disabled" } }, ["retries-repeat-calls advisory"]],
    ["for all", { all: "mandatory" }, ["image-pinned mandatory", "retries-repeat-calls mandatory"]],
    ["for all but one", { all: "disabled", "image-pinned": "mandatory" }, ["image-pinned mandatory"]],
    [
      "to remediate, which is mandatory here",
      { all: "disabled", "image-pinned": "remediate" },
      ["image-pinned mandatory"],
    ],
  ])("can be set %s", (_, configuration, expected) => {
    expect(found("prod", read(configuration))).toEqual(expected);
  });
});

test("mandatory findings come first: the end of a long list is not read", () => {
  const levels = found("prod", read({ "retries-repeat-calls": "mandatory", "image-pinned": "advisory" }));
  expect(levels).toEqual(["retries-repeat-calls mandatory", "image-pinned advisory"]);
});

test("the order in which resources are registered, which is chance, changes no finding", () => {
  const versions = ["a", "b", "c"].map((name) => version({}, { name }));
  const found = (resources: readonly StackResource[]) =>
    policyFindings(rules, resources, factsOf({ environment: "staging" })).map(({ urn, problem }) => [urn, problem]);
  expect(found(versions)).toHaveLength(1);
  expect(found(versions.toReversed())).toEqual(found(versions));
});

test("a resource can be left alone by its name", () => {
  expect(found("prod", read({ "image-pinned": { exempt: ["it"] } }))).toEqual(["retries-repeat-calls advisory"]);
});

test("an exemption of what there is not is said to be one, and exempts nothing else", () => {
  const [first, second] = policyFindings(
    rules.filter(({ name }) => name === "image-pinned"),
    [tagged],
    factsOf({ environment: "prod" }),
    read({ "image-pinned": { exempt: ["its"] } }),
  );
  expect(first).toMatchObject({ rule: "image-pinned", level: "mandatory", urn: tagged.urn });
  expect(second).toMatchObject({ rule: "image-pinned", level: "advisory", problem: expect.stringContaining("its") });
  expect(second).not.toHaveProperty("urn");
});

test("a mandatory rule that cannot decide is as mandatory as one that fails", () => {
  const findings = policyFindings(rules, [job(UNKNOWN_TIMEOUT)], factsOf({ environment: "staging" }));
  expect(findings).toContainEqual(expect.objectContaining({ rule: "task-timeout", level: "mandatory", unknown: true }));
});

describe("a configuration that would not do what it says is refused:", () => {
  test.each([
    ["a rule that there is not", { "image-pined": "advisory" }, /image-pined +there .* Did you mean image-pinned\?/],
    ["a rule like no other", { x: "advisory" }, /x +there is no such policy\. Known here: .*own-account/s],
    [
      "a level that there is not",
      { "image-pinned": "warn" },
      /image-pinned +is "warn": .* Give advisory, mandatory or/,
    ],
    [
      "a level in a map that there is not",
      { "image-pinned": { enforcementLevel: 1 } },
      /image-pinned\.enforcementLevel +is 1/,
    ],
    ["nothing for a level", { "image-pinned": null }, /image-pinned +is null/],
    ["a parameter for all", { all: { exempt: ["x"] } }, /all\.exempt +there is no such parameter/],
    ["a parameter that the rule has not", { "image-pinned": { registries: ["x"] } }, /image-pinned\.registries +there/],
    ["a parameter that is no list", { "image-registry": { registries: "x" } }, /registries +is no list .* \["…"\]/],
    ["no map", [], /is no map\. Write \{ "image-pinned"/],
  ])("%s", (_, configuration, words) => {
    expect(() => read(configuration)).toThrow(words);
  });

  test("all that is wrong at once", () => {
    expect(() => read({ x: "advisory", labels: { required: "team" } })).toThrow(/labels\.required.*\n.*x +there/);
  });

  test("no JSON", () => {
    expect(() => readConfiguration("{", rules)).toThrow(/JSON/);
  });
});

test("an empty file sets nothing, as for the CLI", () => {
  expect(found("prod", readConfiguration("\n", rules))).toEqual(found("prod"));
});

test("a service is idempotent by what the settings say of its origin, whatever path is called", () => {
  const service = { url: "https://agent.example.run.app/rounds", idempotent: true };
  expect(factsOf({ rounds: { service } }).idempotentServices).toEqual(["https://agent.example.run.app"]);
  expect(factsOf({ rounds: { service: { ...service, idempotent: "true" } } }).idempotentServices).toEqual([]);
  expect(factsOf({ rounds: { service: { ...service, url: "agent" } } }).idempotentServices).toEqual([]);
});
