/** What a stack's own file takes from the rules: a change that switches off its judge must not look like one that was judged. */
import { parse } from "parse5";
import { beforeAll, describe, expect, test } from "vitest";
import { readConfiguration } from "../../policies/configuration.ts";
import { rules } from "../../policies/rules.ts";
import { deviationsOf, policyDangers } from "../../preview/policy-deviations.ts";
import { githubComment } from "../../preview/report/github.ts";
import { htmlPage } from "../../preview/report/html.ts";
import { jsonReport } from "../../preview/report/json.ts";
import type { StackReport } from "../../preview/report/model.ts";
import { textReport } from "../../preview/report/text.ts";
import { comparedReport } from "../support/compared.ts";
import { skeleton, textOf, treeOf } from "../support/github-markdown.ts";
import { hostile } from "../support/hostile.ts";

const read = (given: object) => readConfiguration(JSON.stringify(given), rules);

describe("a rule that does less than by itself is found", () => {
  test.each<[string, object, "prod" | "staging", object[]]>([
    ["nothing set", {}, "prod", []],
    [
      "off",
      { labels: "disabled" },
      "staging",
      [{ rule: "labels", level: "disabled", defaultLevel: "advisory", parameters: {} }],
    ],
    ["advisory in place of mandatory", { labels: "advisory" }, "prod", [{ rule: "labels", level: "advisory" }]],
    ["advisory where it is so anyway", { labels: "advisory" }, "staging", []],
    ["stricter", { labels: "mandatory", "vpc-egress": "remediate" }, "staging", []],
    ["nobody exempt", { labels: { exempt: [] } }, "prod", []],
    [
      "somebody exempt",
      { labels: { exempt: ["x"] } },
      "prod",
      [{ rule: "labels", level: "mandatory", parameters: { exempt: ["x"] } }],
    ],
    [
      "another parameter",
      { "image-registry": { registries: ["evil.example"] } },
      "prod",
      [{ rule: "image-registry", parameters: { registries: ["evil.example"] } }],
    ],
    [
      "all off but one",
      { all: "disabled", labels: "mandatory" },
      "prod",
      rules.filter(({ name }) => name !== "labels").map(({ name }) => ({ rule: name, level: "disabled" })),
    ],
  ])("%s", (_, given, environment, expected) => {
    const found = deviationsOf(read(given), environment);
    expect(found).toHaveLength(expected.length);
    expect(found).toMatchObject(expected);
  });
});

describe("what a change takes from the rules is a danger", () => {
  const dangers = (before: object, after: object, environment: "prod" | "staging" = "prod") =>
    policyDangers(
      { configuration: read(before), environment: "prod" },
      { configuration: read(after), environment },
    ).map(({ text }) => text);

  test.each<[string, object, object, readonly string[]]>([
    ["one that is off", {}, { labels: "disabled" }, ["A policy is switched off: labels."]],
    [
      "those that are weaker",
      { labels: "mandatory" },
      { labels: "advisory", schedule: "advisory" },
      ["2 policies are only advisory now: schedule, labels."],
    ],
    [
      "who is newly exempt",
      { labels: { exempt: ["a"] } },
      { labels: { exempt: ["a", "b"] } },
      ["The policy labels no longer looks at b."],
    ],
    ["not what was off before", { labels: "disabled" }, { labels: "disabled" }, []],
    ["not what becomes stricter", { labels: "disabled" }, { labels: "advisory" }, []],
  ])("%s", (_, before, after, expected) => {
    expect(dangers(before, after)).toEqual(expected);
  });

  test("also where another environment is what makes them weaker", () => {
    expect(dangers({}, {}, "staging")).toEqual([expect.stringMatching(/only advisory now: .*\blabels\b/)]);
  });
});

describe("a stack with its policies switched off is not told as one that keeps them", () => {
  let report: StackReport;
  beforeAll(async () => {
    const { comparison: _, ...alone } = await comparedReport({});
    report = {
      ...alone,
      policies: [],
      policyDeviations: deviationsOf(
        read({ all: "disabled", labels: "advisory", schedule: { enforcementLevel: "mandatory", exempt: ["x"] } }),
        "prod",
      ),
    };
  });
  const off = rules.length - 2;
  const counted = `policies: nothing found, ${off} off, 1 weaker, 1 with exceptions`;

  test.each<[string, (given: StackReport) => string]>([
    ["text", (given) => textReport(given, { width: 10_000, colour: false })],
    ["the comment", (given) => textOf(treeOf(githubComment(given)))],
    ["the page", (given) => htmlPage([{ stack: given.stack, report: given }])],
  ])("%s", (_, written) => {
    const text = written(report);
    expect(text).toContain(counted);
    expect(text).not.toMatch(/all kept|✅/);
    expect(text).toMatch(/\boff: .*\bimage-pinned\b.*\bno-plain-secrets\b/);
    expect(text).toContain("only advisory: labels");
    expect(text).toContain("with exceptions: schedule (exempt x)");
  });

  test("JSON", () => {
    const { stacks } = JSON.parse(jsonReport([{ report }])) as { stacks: [{ policyDeviations: object[] }] };
    expect(stacks[0].policyDeviations).toHaveLength(rules.length);
    expect(stacks[0].policyDeviations).toContainEqual({
      rule: "image-pinned",
      level: "disabled",
      defaultLevel: "mandatory",
      parameters: {},
    });
  });

  test("in the comment it stands above the fold, before what was found", () => {
    const comment = githubComment(report);
    expect(comment.indexOf("Policies that this stack has changed")).toBeLessThan(comment.indexOf("<details>"));
    expect(comment).toMatch(/^### ⚠️ prod/m);
  });

  test("a name that is exempt breaks out of neither the comment nor the page", () => {
    const exempt = (name: string) => ({
      ...report,
      policyDeviations: deviationsOf(read({ schedule: { exempt: [name] } }), "prod"),
    });
    for (const text of hostile.filter((text) => text.length < 1_000)) {
      const comment = (name: string) => skeleton(treeOf(githubComment(exempt(name))));
      expect(comment(text)).toBe(comment("harmless"));
      const page = (name: string) => skeleton(parse(htmlPage([{ stack: "prod", report: exempt(name) }])).childNodes);
      expect(page(text)).toBe(page("harmless"));
    }
  });

  test("one with exceptions alone keeps its ✅, and says them", () => {
    const excepted = { ...report, policyDeviations: deviationsOf(read({ schedule: { exempt: ["x"] } }), "prod") };
    expect(githubComment(excepted)).toMatch(/^### ✅ prod.*policies: nothing found, 1 with exceptions/m);
  });
});
