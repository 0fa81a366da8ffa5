/** The rules as Pulumi's policies, as the CLI calls them: with its guard around what is not known. */
import { unknownCheckingProxy } from "@pulumi/policy";
import { describe, expect, test } from "vitest";
import { plain, policiesOf } from "../../policies/pulumi.ts";
import type { StackFacts } from "../../policies/rule.ts";
import { rules } from "../../policies/rules.ts";
import { UNKNOWN } from "../../policies/value.ts";
import { job } from "./resources.ts";

/** What stands for a text that is not known (@pulumi/policy, proxy.ts). */
const NOT_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const prod: StackFacts = { environment: "prod", idempotentServices: [] };

function said(name: string, resource: { type: string; urn: string; inputs: object }, config: object = {}) {
  const policy = policiesOf(rules, () => prod).find((each) => each.name === name);
  if (policy === undefined || !("validateResource" in policy)) throw new Error(`${name} is no rule about one resource`);
  const messages: [string, string | undefined][] = [];
  const { validateResource } = policy;
  if (typeof validateResource !== "function") throw new Error(`${name} checks nothing`);
  const { type, urn, inputs } = resource;
  const args = {
    type,
    urn,
    name: "it",
    props: unknownCheckingProxy(inputs),
    opts: { protect: true },
    getConfig: () => config,
  };
  validateResource(args as never, (message, about) => messages.push([message, about]));
  return messages;
}

describe("properties", () => {
  test("that are not known become marks, wherever they are, and none is lost", () => {
    const props = { a: NOT_KNOWN, b: [{ c: NOT_KNOWN, d: 1 }, NOT_KNOWN], e: { f: null, g: "x", h: false } };
    expect(plain(unknownCheckingProxy(props))).toEqual({
      a: UNKNOWN,
      b: [{ c: UNKNOWN, d: 1 }, UNKNOWN],
      e: { f: null, g: "x", h: false },
    });
  });

  test("that fail otherwise are not swallowed", () => {
    const broken = Object.defineProperty({}, "a", {
      enumerable: true,
      get() {
        throw new Error("a fault of ours");
      },
    });
    expect(() => plain(broken)).toThrow("a fault of ours");
  });
});

describe("a rule about one resource", () => {
  test("says what is wrong, the way out and where to read more, of that resource", () => {
    const { type, urn, inputs } = job({ "template.template.timeout": "14400s" });
    expect(said("task-timeout", { type, urn, inputs })).toEqual([
      [expect.stringMatching(/4h.*8h25m.* \(docs\/policies\.md#task-timeout\)$/), urn],
    ]);
  });

  test("does not end, nor become advisory, where something is not known: it says so itself", () => {
    const { type, urn, inputs } = job({ "template.template.timeout": NOT_KNOWN });
    expect(said("task-timeout", { type, urn, inputs })).toEqual([[expect.stringContaining("not yet known"), urn]]);
  });

  test("takes its parameters from the CLI", () => {
    const { type, urn, inputs } = job();
    expect(said("image-registry", { type, urn, inputs })).toEqual([]);
    expect(said("image-registry", { type, urn, inputs }, { registries: ["us-docker.pkg.dev/other/"] })).toHaveLength(1);
    expect(
      said("image-registry", { type, urn, inputs }, { registries: ["us-docker.pkg.dev/other/"], exempt: ["it"] }),
    ).toEqual([]);
  });
});

test("a policy's level is asked for after the engine has told of the stack: staging is not held to prod's", () => {
  let facts: StackFacts = prod;
  const [policy] = policiesOf(
    rules.filter(({ name }) => name === "image-pinned"),
    () => facts,
  );
  expect(policy?.enforcementLevel).toBe("mandatory");
  facts = { ...prod, environment: "staging" };
  expect(policy?.enforcementLevel).toBe("advisory");
});

test("Pulumi takes every policy: names of its form, a schema without levels, steps and a page", () => {
  for (const { name, description, configSchema, remediationSteps, url } of policiesOf(rules, () => prod)) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(name).not.toBe("all");
    expect(description).toMatch(/\.$/);
    expect(Object.keys(configSchema?.properties ?? {})).not.toContain("enforcementLevel");
    expect(remediationSteps).not.toBe("");
    expect(url).toBe(`docs/policies.md#${name}`);
  }
});
