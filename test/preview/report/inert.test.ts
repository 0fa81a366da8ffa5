import { describe, expect, test } from "vitest";
import { visible } from "../../../domain/findings.ts";
import { cut, diffBlock, inert } from "../../../preview/report/inert.ts";
import { elementsOf, livingText, skeleton, textOf, treeOf } from "../../support/github-markdown.ts";
import { hostile } from "../../support/hostile.ts";

/** What GitHub makes of text that is in no code: mentions, references, commits, addresses, emoji, formulas. */
const living = [
  /(^|[^\w])@[a-z0-9]/i,
  /#\d/,
  /\bGH-\d/i,
  /(?<![a-z0-9])[0-9a-f]{7,40}(?![a-z0-9])/i,
  /:\/\/|\bwww\./,
  /\S@\S/,
  /:[\w+-]+:/,
  /\$(?!\d)[^$]*\$/,
];

describe.each(hostile.map((text) => [text.slice(0, 60), text]))("%j", (_, text) => {
  test.each([
    ["in a paragraph", (inner: string) => inner],
    ["in an item of a list", (inner: string) => `- ${inner}`],
    ["in an item of a quoted list", (inner: string) => `> - ${inner}`],
    ["in a heading", (inner: string) => `### ${inner}`],
    ["between stars", (inner: string) => `- **${inner}** and _${inner}_`],
    ["in a cell", (inner: string) => `| a |\n|---|\n| ${inner} |`],
    ["in a summary", (inner: string) => `<details><summary>${inner}</summary>\n\nx\n\n</details>`],
  ])("shows what it is and makes nothing, %s", (_, around) => {
    const tree = treeOf(around(inert(text)));
    expect(skeleton(tree)).toBe(skeleton(treeOf(around("harmless"))));
    expect(elementsOf(tree).flatMap(({ attrs }) => attrs)).toEqual([]);
    for (const pattern of living) expect(livingText(tree)).not.toMatch(pattern);
    // Nothing is lost but what was cut, and the spaces around it.
    const shown = cut(visible(text).trim(), 600);
    expect(textOf(tree).replaceAll(/\s+/g, " ")).toContain(shown.replaceAll(/\s+/g, " ").trim());
  });

  test("cannot end a block of code", () => {
    const lines = [`+ ${visible(text)}`, `- ${visible(text)}`];
    const tree = treeOf(`before\n\n${diffBlock(lines)}\n\nafter`);
    expect(skeleton(tree)).toBe("p()pre()p()");
    expect(textOf(tree)).toContain(visible(text).replaceAll("\r", ""));
  });
});

test("what people read stays readable in the raw comment too", () => {
  const text = "starts Mon–Fri 09:00 → 08:30 Asia/Karachi; $32.10 (+$28.67)";
  expect(inert(text)).toBe(text);
});

test("a text is never cut in the middle of a character", () => {
  expect(cut("😀😀😀", 2)).toBe("😀…");
});
