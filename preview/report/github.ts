/**
 * A stack's preview as a comment on a pull request: what matters first, everything else folded away.
 *
 * The first line is a marker, which GitHub does not show. By it the comment of an earlier push is found and edited, so
 * that a pull request has one comment a stack (`scripts/post-previews.ts`).
 */
import { count, type Finding, visible } from "../../domain/findings.ts";
import { formatDollars } from "../../domain/prices.ts";
import type { Comparison } from "../compare/comparison.ts";
import type { ResourceChange } from "../compare/resources.ts";
import type { Sentence } from "../compare/sentence.ts";
import { comparedWith, countsInWords, headline, signed } from "./compared-text.ts";
import { diffOf } from "./diff.ts";
import { cut, diffBlock, inert } from "./inert.ts";
import { isAllowed, type StackReport } from "./model.ts";
import { NOT_SHOWN } from "./not-shown.ts";
import {
  countedPolicies,
  looksAway,
  speaksOfPolicies,
  type ToldPolicy,
  toldDeviations,
  toldPolicies,
} from "./policies.ts";

/**
 * GitHub's API refuses a comment that is longer: "body is too long (maximum is 65536 characters)"
 * (github.com/danger/danger/issues/424, github.com/suzuki-shunsuke/github-comment/issues/124). A few are left for
 * whatever counts otherwise.
 */
export const LONGEST_COMMENT = 65_000; // characters

/** What each part may take of it, so that none crowds out another; the diff gets the rest. */
const room = { deviations: 4_000, dangers: 8_000, sentences: 16_000, findings: 14_000 } as const;

/** In front of every comment. `>` is never in an encoded name, so that it ends where it should. */
export const marker = (stack: string): string => `<!-- agent-worker preview: ${encodeURIComponent(stack)} -->`;

export function githubComment(report: StackReport): string {
  const { stack, comparison } = report;
  return comment(stack, title(report), [
    ...deviations(report),
    ...findings(toldPolicies(report).filter(isMandatory).map(policyLine), "May not be deployed"),
    ...(comparison === undefined ? [] : changes(comparison)),
    ...findings(
      [...toldPolicies(report).filter(isAdvisory).map(policyLine), ...report.remarks.map(remarkLine)],
      "Findings",
    ),
    ...cost(report),
    ...(comparison === undefined ? [] : [(left: number) => allChanges(comparison, stack, left)]),
  ]);
}

/** Of a stack that only the other revision has. */
export function removedComment(stack: string, comparison: Comparison): string {
  return comment(stack, `### ⚠️ ${inert(stack)}: ${inert(countsInWords(comparison))}`, changes(comparison));
}

/** Of a stack that cannot be declared. */
export function failedComment(stack: string, messages: readonly string[]): string {
  const lines = messages.join("\n").split("\n");
  const shown = fitting(
    lines.map((line) => cut(visible(line), 400)),
    20_000,
    (line) => line,
  );
  return comment(stack, `### ❌ ${inert(stack)}: cannot be declared`, [
    diffBlock(shown.texts.map((line) => ` ${line}`)).replace(/^(~+)diff/, "$1text"),
    ...(shown.left > 0 ? [`… ${count(shown.left, "more line")}`] : []),
  ]);
}

type Part = string | ((left: number) => string);

function comment(stack: string, head: string, parts: readonly Part[]): string {
  const foot = `<sub>${inert(NOT_SHOWN)}</sub>`;
  const blocks = [`${marker(stack)}\n${head}`];
  const length = () => blocks.join("\n\n").length + foot.length + 100; // what is said of parts that do not fit
  for (const part of parts) {
    const left = LONGEST_COMMENT - length();
    const text = typeof part === "string" ? part : part(left);
    if (text.length > left) blocks.push("… (too long to be shown)");
    else if (text !== "") blocks.push(text);
  }
  return `${[...blocks, foot].join("\n\n")}\n`;
}

function title(report: StackReport): string {
  const { stack, comparison, remarks, cost } = report;
  const grave =
    !isAllowed(report) || looksAway(report) || (comparison?.dangers.length ?? 0) > 0 || comparison?.state === "failed";
  const money =
    comparison?.cost === undefined
      ? `${formatDollars(cost.total.gross)} a month`
      : comparison.cost.difference.gross === 0
        ? `${formatDollars(comparison.cost.after.gross)} a month as before`
        : `${signed(comparison.cost.difference.gross)} a month`;
  const parts = [
    ...(comparison === undefined ? [] : [countsInWords(comparison)]),
    money,
    ...(speaksOfPolicies(report) ? [`policies: ${countedPolicies(report)}`] : []),
    ...(remarks.length > 0 ? [count(remarks.length, "remark")] : []),
  ];
  return `### ${isAllowed(report) ? (grave ? "⚠️" : "✅") : "❌"} ${inert(`${stack}: ${parts.join(" · ")}`)}`;
}

/** Above all else: whoever reads that nothing was found has to know what nobody looked for. */
function deviations(report: StackReport): readonly Part[] {
  const lines = toldDeviations(report).map((line) => inert(cut(line, 1_500)));
  if (lines.length === 0) return [];
  return [`**Policies that this stack has changed**\n\n${listed(lines, room.deviations).join("\n")}`];
}

function changes(comparison: Comparison): readonly Part[] {
  const { problems, dangers, sentences, notInWords, base } = comparison;
  const words = sentenceLines(sentences);
  return [
    comparison.state === "failed"
      ? `${inert(comparedWith(comparison))}: its program could not be run to its end.\n\n${failure(problems)}`
      : `${inert(comparedWith(comparison))}.`,
    ...(dangers.length === 0
      ? []
      : [
          [
            "> [!CAUTION]",
            ...listed(
              dangers.map(({ text }) => inert(text)),
              room.dangers,
            ).map((line) => `> ${line}`),
          ].join("\n"),
        ]),
    ...(words.length === 0 ? [] : [`**What changes**\n\n${fits(words, room.sentences).join("\n")}`]),
    ...(notInWords.length === 0
      ? []
      : [
          `Not compared in words, since the settings at ${inert(base.ref)} cannot be read:\n\n${listed(
            notInWords.map(inert),
            2_000,
          ).join("\n")}`,
        ]),
  ];
}

const failure = (problems: readonly string[]): string =>
  listed(
    problems
      .flatMap((problem) => problem.split("\n"))
      .filter((line) => line.trim() !== "")
      .map(inert),
    4_000,
  ).join("\n");

/** Those about one thing together, in a list below it. */
function sentenceLines(sentences: readonly Sentence[]): readonly string[] {
  return [...Map.groupBy(sentences, ({ about }) => about)].flatMap(([about, group]) => {
    const [first, ...others] = group.map(({ text }) => inert(text));
    if (others.length === 0) return [`- **${inert(about)}** ${first}`];
    return [`- **${inert(about)}**`, ...[first, ...others].map((text) => `  - ${text}`)];
  });
}

function findings(lines: readonly string[], title: string): readonly Part[] {
  return lines.length === 0 ? [] : [`**${title}**\n\n${listed(lines, room.findings).join("\n")}`];
}

const isMandatory = ({ level }: ToldPolicy): boolean => level === "mandatory";
const isAdvisory = (policy: ToldPolicy): boolean => !isMandatory(policy);

const remarkLine = ({ path, problem, remedy }: Finding): string =>
  `**remark** ${inert(path)}: ${inert(problem)} _${inert(remedy)}_`;

function policyLine({ level, rule, about, problem, remedy }: ToldPolicy): string {
  const where = about === "" ? "" : `, ${inert(about)}`;
  const sign = level === "mandatory" ? "❌ " : "";
  return `${sign}**${level}** ${inert(rule)}${where}: ${inert(problem)} _${inert(remedy)}_`;
}

function cost({ cost: { items, total, ratesAsOf, assumptions }, comparison }: StackReport): readonly Part[] {
  const before = comparison?.cost;
  const rows =
    before === undefined
      ? []
      : [
          "| | before | now | difference |",
          "|---|--:|--:|--:|",
          ...(["gross", "net"] as const).map((side) => {
            const [was, is, more] = [before.before[side], before.after[side], before.difference[side]];
            const name = side === "gross" ? "gross" : "with the free tier";
            return `| ${name} | ${dollars(was)} | ${dollars(is)} | ${inert(signed(more))} |`;
          }),
          "",
        ];
  const each = [
    "| | | | gross | with the free tier |",
    "|---|--:|---|--:|--:|",
    ...items.map(
      ({ what, quantity, unit, gross, net }) =>
        `| ${inert(what)} | ${Math.round(quantity).toLocaleString("en")} | ${inert(unit)} | ${dollars(gross)} | ${dollars(net)} |`,
    ),
    `| **total** | | | ${dollars(total.gross)} | ${dollars(total.net)} |`,
  ];
  const how = `Rates of ${inert(ratesAsOf)}, US dollars. ${assumptions.map(inert).join(" ")}`;
  return [
    [
      "**Cost of an average month**",
      "",
      ...rows,
      "<details><summary>What it is made of</summary>",
      "",
      ...each,
      "",
      how,
      "",
      "</details>",
    ].join("\n"),
  ];
}

const dollars = (amount: number): string => inert(formatDollars(amount));

/** Every change, resource by resource: whole ones, as many as fit. */
function allChanges({ resources, base }: Comparison, stack: string, left: number): string {
  if (resources.length === 0) return "";
  const rest = (amount: number) =>
    `… and ${count(amount, "more resource")}. All of them: ${inert(`npm run preview -- --stack ${stack} --base ${base.ref}`)}`;
  const around = 600 + rest(resources.length).length; // the fold, the fences, and what is said of those left out
  const shown = fitting(resources, left - around, (change) => changeLines(change).join("\n"));
  return [
    `<details><summary>${count(resources.length, "resource")} that ${resources.length === 1 ? "differs" : "differ"}</summary>`,
    "",
    ...(shown.texts.length === 0 ? [] : [diffBlock(shown.texts.flatMap((text) => text.split("\n")))]),
    ...(shown.left > 0 ? ["", rest(shown.left)] : []),
    "",
    "</details>",
  ].join("\n");
}

/** A line of a diff is never empty, and begins with a sign of ours: nothing in it can end the block. */
function changeLines(change: ResourceChange): readonly string[] {
  return [
    cut(`@@ ${headline(change)} @@`, 400),
    ...diffOf(change).map(({ sign, text }) => cut(`${sign}   ${text}`, 700)),
  ];
}

const listed = (lines: readonly string[], most: number): readonly string[] =>
  fits(
    lines.map((line) => `- ${line}`),
    most,
  );

function fits(lines: readonly string[], most: number): readonly string[] {
  const shown = fitting(lines, most, (line) => line);
  return shown.left === 0 ? shown.texts : [...shown.texts, `- … ${shown.left} more`];
}

/** The first of some things, as many as fit into so many characters, with a line end each. */
function fitting<T>(all: readonly T[], most: number, written: (one: T) => string) {
  const texts: string[] = [];
  let length = 0;
  for (const one of all) {
    const text = written(one);
    length += text.length + 1;
    if (length > most) break;
    texts.push(text);
  }
  return { texts, left: all.length - texts.length };
}
