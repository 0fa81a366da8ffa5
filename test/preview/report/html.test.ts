/** The page, read as a tree; how it looks and behaves in a browser is in html-browser.test.ts. */
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { beforeAll, describe, expect, test } from "vitest";
import type { Comparison } from "../../../preview/compare/comparison.ts";
import { htmlPage } from "../../../preview/report/html.ts";
import type { StackReport } from "../../../preview/report/model.ts";
import { comparedReport, everything, poisoned, withFindings } from "../../support/compared.ts";
import { elementsOf, skeleton, textOf } from "../../support/github-markdown.ts";
import { hostile } from "../../support/hostile.ts";

let report: StackReport;
let comparison: Comparison;
beforeAll(async () => {
  report = withFindings(await comparedReport(everything));
  if (report.comparison === undefined) throw new Error("nothing was compared");
  comparison = report.comparison;
});

type Tree = DefaultTreeAdapterTypes.Document["childNodes"];
const treeOf = (page: string): Tree => parse(page).childNodes;
const pageOf = (given: StackReport) => htmlPage([{ stack: given.stack, report: given }]);

describe("a reviewer reads the page and knows", () => {
  test.each([
    [
      "what it comes to",
      /1 replaced, 3 deleted, 4 created, \d+ changed, \d+ unchanged · \$[\d.]+ a month · policies: 1 mandatory/,
    ],
    ["what to look at twice", "Image repository other-repo is replaced: repositoryId cannot be changed in place."],
    ["the hours", "starts Mon–Fri 09:00 → 08:30 Asia/Karachi"],
    ["the findings and their remedies", "mandatory image-pinned, Cloud Run job dental: the image has no digest."],
    ["the week", /Mon\s*08:30–17:00, calls until 17:15/],
    ["the rounds, two at a time", "08:15 (2 jobs), 20:15 (2 jobs)"],
    ["who may read which secret", /dental@ortho-ai-485203\s*read\s*secret livekit-url/],
    ["who may call the agent", /careflow-scheduler@careflow-478811\s*invoke\s*service careflow-agent/],
    ["what it costs", /total\s*\$[\d.]+/],
    ["what differs", '- template.template.containers[0].resources.limits.cpu: "2"'],
    ["what it cannot know", "This is not `pulumi preview`"],
  ])("%s", (_, words) => {
    expect(textOf(treeOf(pageOf(report)))).toMatch(words);
  });

  test("of a stack that is gone, that cannot be declared, or that was not compared", () => {
    const text = textOf(
      treeOf(
        htmlPage([
          { stack: "old", removed: { ...comparison, state: "removed" } },
          { stack: "broken", messages: ["Pulumi.broken.yaml cannot be deployed"] },
          {
            stack: "prod",
            report: { ...report, comparison: { ...comparison, state: "failed", problems: ["it threw"] } },
          },
        ]),
      ),
    );
    expect(text).toContain("the stack's file is gone: only main has it");
    expect(text).toContain("Pulumi.broken.yaml cannot be deployed");
    expect(text).toContain("The program at main could not be run to its end.");
    expect(text).toContain("it threw");
  });
});

describe("nothing in a pull request breaks out of the page", () => {
  /** With which attributes: of somebody else's there are texts alone. */
  const attributes = (page: string) =>
    elementsOf(treeOf(page)).map(({ tagName, attrs }) => `${tagName} ${attrs.map(({ name }) => name).join(" ")}`);

  test.each(hostile.filter((text) => text.length < 1_000).map((text) => [text]))("%j", (text) => {
    // As many lines: each is one of a diff.
    const alike = text.replaceAll(/[^\n]/g, "x");
    const [page, harmless] = [pageOf(poisoned(report, text)), pageOf(poisoned(report, alike))];
    expect(skeleton(treeOf(page))).toBe(skeleton(treeOf(harmless)));
    expect(attributes(page)).toEqual(attributes(harmless));
  });

  test("long texts stay texts", () => {
    for (const text of hostile.filter((text) => text.length >= 1_000)) {
      expect(skeleton(treeOf(pageOf(poisoned(report, text))))).toBe(skeleton(treeOf(pageOf(poisoned(report, "x")))));
    }
  });
});

describe("the page stands by itself", () => {
  test("nothing in it is loaded, run or sent", () => {
    const elements = elementsOf(treeOf(pageOf(report)));
    expect(
      elements.filter(({ tagName }) => ["script", "link", "img", "iframe", "form", "object"].includes(tagName)),
    ).toEqual([]);
    const addresses = elements.flatMap(({ attrs }) =>
      attrs.filter(({ name }) => ["href", "src", "style", "action"].includes(name)).map(({ value }) => value),
    );
    expect(addresses).toEqual(["#stack-1"]);
    const [policy] = elements.filter(({ attrs }) => attrs.some(({ value }) => value === "Content-Security-Policy"));
    expect(policy?.attrs.at(-1)?.value).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+=*'; /);
  });
});
