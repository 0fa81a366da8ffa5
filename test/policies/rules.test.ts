/** Each rule by itself: what passes, what fails, what nobody knows yet, and what it has nothing to say of. */
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { problemsOf } from "../../policies/evaluate.ts";
import type { Rule, StackFacts, StackResource } from "../../policies/rule.ts";
import { rules } from "../../policies/rules.ts";
import { isList, isMap, type Properties, SECRET, UNKNOWN, type Value } from "../../policies/value.ts";
import { repository } from "../support/stack-previews.ts";
import type { Case, Cases } from "./cases/case.ts";
import { rights } from "./cases/rights.ts";
import { schedules } from "./cases/schedules.ts";
import { watching } from "./cases/watching.ts";
import { workloads } from "./cases/workloads.ts";
import { changed } from "./resources.ts";

const cases: Readonly<Record<string, Cases>> = { ...workloads, ...rights, ...schedules, ...watching };
const prod: StackFacts = { environment: "prod", idempotentServices: [] };

function problems(rule: Rule, { resources, facts, parameters = {} }: Case) {
  return problemsOf(rule, { all: resources }, { ...prod, ...facts }, parameters);
}

test("no rule is without its cases, and none is left out of the pack", () => {
  expect(Object.keys(cases).sort()).toEqual(rules.map(({ name }) => name).sort());
  const files = readdirSync(resolve(repository, "policies/rules")).map((file) => file.replace(/\.ts$/, ""));
  expect(rules.map(({ name }) => name).sort()).toEqual(files.sort());
});

describe.each(rules.map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
  const { passes, fails, unknown, notApplicable } = cases[name] as Cases;

  test("has a case of each kind", () => {
    for (const kind of [passes, fails, unknown, notApplicable]) expect(kind.length).toBeGreaterThan(0);
  });

  test.each(passes.map((each) => [each.what, each] as const))("keeps: %s", (_, each) => {
    expect(problems(rule, each)).toEqual([]);
  });

  test.each(fails.map((each) => [each.what, each] as const))("breaks: %s", (_, each) => {
    const found = problems(rule, each);
    expect(found).not.toEqual([]);
    for (const { unknown, resource } of found) {
      expect(unknown).toBeUndefined();
      expect(each.resources).toContain(resource);
    }
    if (each.says !== undefined) expect(found.map(({ problem }) => problem).join()).toMatch(each.says);
  });

  test.each((unknown === "never" ? [] : unknown).map((each) => [each.what, each] as const))(
    "cannot decide: %s",
    (_, each) => {
      const found = problems(rule, each);
      expect(found).not.toEqual([]);
      for (const { unknown, problem } of found) {
        expect(unknown).toBe(true);
        expect(problem).toContain("cannot decide");
      }
    },
  );

  test.each(notApplicable.map((each) => [each.what, each] as const))("has nothing to say of: %s", (_, each) => {
    expect(problems(rule, each)).toEqual([]);
  });

  // Each property of each case that fails, one after the other: the rule fails still, or says that it cannot decide.
  test.each([
    ["not known", UNKNOWN],
    ["hidden", SECRET],
  ] as const)("is not turned off by a property that is %s", (_, mark) => {
    const silent = fails.flatMap((each) =>
      hiddenOnce(each.resources, mark).flatMap(({ path, resources }) =>
        problems(rule, { ...each, resources }).length === 0 ? [`${each.what}: ${path}`] : [],
      ),
    );
    expect(silent).toEqual([]);
  });

  test("can be told to leave a resource alone", () => {
    const [broken] = fails;
    if (broken === undefined) throw new Error("no case fails");
    const exempt = broken.resources.map((resource) => resource.name);
    expect(problems(rule, { ...broken, parameters: { ...broken.parameters, exempt } })).toEqual([]);
    expect(problems(rule, { ...broken, parameters: { ...broken.parameters, exempt: ["another"] } })).not.toEqual([]);
  });
});

/** The resources, with each of their properties hidden once. */
function hiddenOnce(all: readonly StackResource[], mark: typeof UNKNOWN | typeof SECRET) {
  return all.flatMap((resource, index) =>
    pathsIn(resource.inputs).map((path) => ({
      path: `${resource.name}.${path}`,
      resources: all.with(index, { ...resource, inputs: changed(resource.inputs, { [path]: mark }) }),
    })),
  );
}

function pathsIn(value: Properties, prefix = ""): readonly string[] {
  return Object.entries(value).flatMap(([key, inner]) => below(inner, `${prefix}${key}`));
}

function below(value: Value, path: string): readonly string[] {
  if (isList(value)) return [path, ...value.flatMap((item, index) => below(item, `${path}.${index}`))];
  return isMap(value) ? [path, ...pathsIn(value, `${path}.`)] : [path];
}
