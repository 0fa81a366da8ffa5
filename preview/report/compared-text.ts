import { formatDollars } from "../../domain/prices.ts";
import type { Comparison, CostChange } from "../compare/comparison.ts";
import type { ResourceChange } from "../compare/resources.ts";
import { diffOf, signs } from "./diff.ts";
import { columns, heading, type Paper, paint, wrap } from "./layout.ts";
import { allVisible } from "./visible.ts";

const colours = {
  create: "green",
  update: "yellow",
  replace: "magenta",
  delete: "red",
  rename: "cyan",
} as const;

/** How a stack differs from another revision, as text for people. */
export function comparedText(given: Comparison, paper: Paper): readonly string[] {
  const comparison = allVisible(given);
  const { state, problems, notInWords, dangers, sentences } = comparison;
  return [
    ...heading(paper, comparedWith(comparison)),
    ...wrap(`  ${countsInWords(comparison)}`, paper.width, 4),
    ...(state === "failed" ? ["", ...problems.flatMap((problem) => wrap(`  ${problem}`, paper.width, 4))] : []),
    ...dangers.flatMap(({ text }, index) => [
      ...(index === 0 ? [""] : []),
      ...wrap(`  ! ${text}`, paper.width, 4).map((line) => paint(paper, "red", line)),
    ]),
    ...(sentences.length === 0 ? [] : [...heading(paper, "What changes"), ...inWords(comparison, paper)]),
    ...notInWords.flatMap((problem) =>
      wrap(`  Not compared in words: the settings at ${given.base.ref} cannot be read, ${problem}`, paper.width, 4),
    ),
    // Of a stack whose file is gone nothing differs at Google.
    ...(given.resources.length === 0 || state === "removed" ? [] : resources(given.resources, paper)),
  ];
}

/** `Compared with main (0123abc)`. */
export function comparedWith({ base: { ref, commit }, state }: Comparison): string {
  const short = commit.slice(0, 7);
  const name = ref === commit ? short : `${ref} (${short})`;
  return state === "failed" ? `Not compared with ${name}` : `Compared with ${name}`;
}

/** What has become of a resource, in a word. */
export const nouns = {
  replace: "replaced",
  delete: "deleted",
  create: "created",
  update: "changed",
  rename: "renamed",
} as const;

/** `1 replaced, 2 deleted, 70 unchanged`: the gravest first. */
export function countsInWords({ state, counts, base }: Comparison): string {
  if (state === "failed") return `the program at ${base.ref} could not be run to its end`;
  const steps = (Object.keys(nouns) as (keyof typeof nouns)[]).filter((step) => counts[step] > 0);
  const said = steps.map((step) => `${counts[step]} ${nouns[step]}`);
  if (state === "new") return `a new stack: ${base.ref} has none of this name; ${said.join(", ")}`;
  if (state === "removed") return `the stack's file is gone: only ${base.ref} has it`;
  return steps.length === 0 ? "nothing changes" : [...said, `${counts.same} unchanged`].join(", ");
}

function inWords({ sentences, cost }: Comparison, paper: Paper): readonly string[] {
  const rows = sentences.map(({ about, text }, index) => [about === sentences[index - 1]?.about ? "" : about, text]);
  return columns([...rows, ...(cost === undefined ? [] : [["cost", costInWords(cost)]])], paper);
}

/** `$32.10 → $57.56 (+$25.46) a month gross, $26.22 → $51.68 (+$25.46) with the free tier`. */
export function costInWords({ before, after, difference }: CostChange): string {
  const part = (side: "gross" | "net") =>
    difference[side] === 0
      ? formatDollars(after[side])
      : `${formatDollars(before[side])} → ${formatDollars(after[side])} (${signed(difference[side])})`;
  const same = difference.gross === 0 && difference.net === 0 ? ", as before" : "";
  return `${part("gross")} a month gross, ${part("net")} with the free tier${same}`;
}

/** `+$25.46`, `-$3.00`, `±$0.00`. */
export function signed(amount: number): string {
  return amount === 0 ? "±$0.00" : `${amount > 0 ? "+" : "-"}${formatDollars(Math.abs(amount))}`;
}

function resources(changes: readonly ResourceChange[], paper: Paper): readonly string[] {
  return [
    ...heading(paper, "Resources that differ"),
    ...changes.flatMap((change) => {
      const sign = paint(paper, colours[change.step], signs[change.step]);
      const [head = "", ...more] = wrap(headline(change), paper.width - 4, 4);
      return [
        `  ${sign} ${head}`,
        ...more.map((line) => `    ${line}`),
        ...diffOf(change).flatMap(({ sign, text }) =>
          wrap(`      ${sign} ${text}`, paper.width, 10).map((line) =>
            sign === "+" ? paint(paper, "green", line) : sign === "-" ? paint(paper, "red", line) : line,
          ),
        ),
      ];
    }),
  ];
}

/** `scheduler job careflow-noon-rounds: deleted  15 12 * * * …`. */
export function headline({ step, kind, label, facts }: ResourceChange): string {
  const which = allVisible(`${kind} ${label}: ${nouns[step]}`);
  return step === "create" || step === "delete" ? `${which}  ${facts.map(allVisible).join(" · ")}`.trimEnd() : which;
}
