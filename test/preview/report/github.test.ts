import { beforeAll, describe, expect, test } from "vitest";
import type { Comparison } from "../../../preview/compare/comparison.ts";
import {
  failedComment,
  githubComment,
  LONGEST_COMMENT,
  marker,
  removedComment,
} from "../../../preview/report/github.ts";
import type { StackReport } from "../../../preview/report/model.ts";
import { comparedReport, everything, poisoned, withFindings } from "../../support/compared.ts";
import { commentsIn, elementsOf, skeleton, textOf, treeOf } from "../../support/github-markdown.ts";
import { hostile } from "../../support/hostile.ts";

let report: StackReport;
let comparison: Comparison;
beforeAll(async () => {
  report = withFindings(await comparedReport(everything));
  if (report.comparison === undefined) throw new Error("nothing was compared");
  comparison = report.comparison;
});

/** What a reviewer sees without opening or scrolling: some 30 lines of text. */
function firstScreen(markdown: string): string {
  const [above = ""] = markdown.split("**Findings**");
  return textOf(treeOf(above)).replaceAll(/\n+/g, "\n");
}

describe("a reviewer reads the comment and knows", () => {
  test.each([
    [
      "what it comes to",
      /^❌ prod: 1 replaced, 3 deleted, 4 created, \d+ changed, \d+ unchanged · \+\$\d+\.\d\d a month · policies: 1 mandatory, 1 advisory · 1 remark$/m,
    ],
    ["what is deleted", /^Scheduler job careflow-noon-rounds is deleted\.$/m],
    [
      "what is replaced, and why",
      /^Image repository other-repo is replaced: repositoryId cannot be changed in place\./m,
    ],
    ["what is not protected any more", /^Service account agent-worker-starts, .* lose Pulumi's protection\.$/m],
    ["the hours", /^starts Mon–Fri 09:00 → 08:30 Asia\/Karachi; next three /m],
    ["the CPU", /^CPU 2 vCPU → 4 vCPU$/m],
    ["the image", /^image dental-agent-worker@0{12} → dental-agent-worker@1{12}$/m],
    ["the secret's version", /^secret livekit-url version 1 → 2 \(LIVEKIT_URL\)$/m],
    ["the retries", /^rounds retries 3 → 1$/m],
    ["the round that goes", /^round noon removed: no longer every day 12:15 America\/New_York/m],
    [
      "the hospital that comes",
      /^hospital north new, 2 rounds: morning 08:15, evening 20:15 America\/New_York \(North Hospital/m,
    ],
  ])("%s, in the first screen", (_, words) => {
    expect(firstScreen(githubComment(report))).toMatch(words);
  });

  test("that the first screen is one", () => {
    expect(firstScreen(githubComment(report)).split("\n").length).toBeLessThan(40);
  });

  test("the findings with their remedies, the mandatory ones first", () => {
    const text = textOf(treeOf(githubComment(report)));
    const mandatory = text.indexOf("❌ mandatory image-pinned, Cloud Run job dental: the image has no digest. Pin it");
    const advisory = text.indexOf("advisory retries-repeat-calls: retries call again. Set retry.count: 0.");
    expect(mandatory).toBeGreaterThan(0);
    expect(advisory).toBeGreaterThan(mandatory);
    expect(text.indexOf("remark rounds.paused: is on. Say false.")).toBeGreaterThan(advisory);
  });

  test("what it costs, before and after, and what it cannot know", () => {
    const text = textOf(treeOf(githubComment(report)));
    expect(text).toMatch(/gross\n\$[\d.]+\n\$[\d.]+\n\+\$[\d.]+\n/);
    expect(text).toContain("This is not `pulumi preview`: nothing was compared with what is deployed");
  });

  test("every change, folded away", () => {
    const details = elementsOf(treeOf(githubComment(report))).filter(({ tagName }) => tagName === "details");
    expect(details.map(({ attrs }) => attrs)).toEqual([[], []]); // not open
    const all = details.map(({ childNodes }) => textOf(childNodes)).join("\n");
    for (const { label } of comparison.resources) expect(all).toContain(label);
  });
});

describe("a comment that is edited, not repeated", () => {
  test("begins with a marker of its stack, which is not shown", () => {
    expect(githubComment(report).split("\n")[0]).toBe("<!-- agent-worker preview: prod -->");
    expect(textOf(treeOf(githubComment(report)))).not.toContain("agent-worker preview");
  });

  test("has one, whatever the stack is called", () => {
    for (const text of hostile.filter((text) => text.length < 1000)) {
      const named = githubComment({ ...report, stack: text.toWellFormed() });
      expect(named.split("\n")[0]).toBe(marker(text));
      expect(commentsIn(treeOf(named))).toHaveLength(1);
    }
  });
});

describe("nothing in a pull request breaks out of the comment", () => {
  test.each(hostile.filter((text) => text.length < 1_000).map((text) => [text]))("%j", (text) => {
    // So few resources that all of them fit, whatever is in them.
    const few = { ...report, comparison: { ...comparison, resources: comparison.resources.slice(-5) } };
    const shape = (given: StackReport) => skeleton(treeOf(githubComment(given)));
    expect(shape(poisoned(few, text))).toBe(shape(poisoned(few, "harmless")));
    const attributes = elementsOf(treeOf(githubComment(poisoned(few, text)))).flatMap(({ attrs }) =>
      attrs.map(({ name, value }) => `${name}=${value}`),
    );
    // The alignment of columns, and the language of the block of code, which are ours.
    expect(new Set(attributes)).toEqual(new Set(["align=right", "class=language-diff"]));
    for (const other of [failedComment(text, [text]), removedComment(text, poisoned(comparison, text))]) {
      expect(commentsIn(treeOf(other))).toHaveLength(1);
      expect(elementsOf(treeOf(other)).filter(({ tagName }) => ["a", "img", "h1", "script"].includes(tagName))).toEqual(
        [],
      );
    }
  });
});

describe("GitHub takes the comment, however much there is", () => {
  const lengths = (given: string) => given.length;

  test.each([
    ["long texts", () => githubComment(poisoned(report, `${"`*".repeat(3_000)} `))],
    [
      "many resources",
      () => githubComment({ ...report, comparison: { ...comparison, resources: many(comparison, 400) } }),
    ],
    ["many of everything", () => githubComment(multiplied(report, 300))],
    ["a stack that is gone", () => removedComment("prod", { ...comparison, resources: many(comparison, 400) })],
    ["a failure of many lines", () => failedComment("prod", Array(3_000).fill("~".repeat(100)))],
  ])("%s", (_, comment) => {
    const text = comment();
    expect(lengths(text)).toBeLessThanOrEqual(LONGEST_COMMENT);
    expect(text).toContain("This is not");
    const names = elementsOf(treeOf(text)).map(({ tagName }) => tagName);
    expect(names.at(-2) === "sub" || names.at(-1) === "sub").toBe(true); // nothing is left open around the end
  });

  test("cut at whole resources, and says how many are left out and how to see them", () => {
    const text = githubComment({ ...report, comparison: { ...comparison, resources: many(comparison, 400) } });
    const shown = [...text.matchAll(/^@@ .* @@$/gm)].length;
    const left = Number(/… and (\d+) more resources/.exec(text)?.[1]);
    expect(shown + left).toBe(comparison.resources.length * 400);
    expect(textOf(treeOf(text))).toContain("All of them: npm run preview -- --stack prod --base main");
    // The last one is as long as every other of its kind.
    const blocks = text.split(/^(?=@@ )/m).slice(1, shown);
    const [first] = blocks;
    expect(blocks.filter((block) => block === first).length).toBeGreaterThan(1);
  });

  const many = ({ resources }: Comparison, times: number) => Array.from({ length: times }, () => resources).flat();
  const multiplied = (given: StackReport, times: number): StackReport => ({
    ...given,
    policies: Array.from({ length: times }, () => given.policies).flat(),
    comparison: {
      ...comparison,
      dangers: Array.from({ length: times }, () => comparison.dangers).flat(),
      sentences: Array.from({ length: times }, () => comparison.sentences).flat(),
      resources: many(comparison, times),
    },
  });
});

test("a stack of which nothing was compared has a comment too: findings and cost", () => {
  const { comparison: _, ...alone } = report;
  const text = textOf(treeOf(githubComment(alone)));
  expect(text).toMatch(/^❌ prod: \$[\d.]+ a month · policies: 1 mandatory/m);
  expect(text).toContain("What it is made of");
});

test("a stack that cannot be declared says why", () => {
  const text = textOf(
    treeOf(failedComment("prod", ["Pulumi.prod.yaml cannot be deployed: 1 problem\n\n  memory  8Gi is more"])),
  );
  expect(text).toContain("❌ prod: cannot be declared");
  expect(text).toContain("  memory  8Gi is more");
});
