import { type Counts, guards, pairs, shiftRows } from "../../test/runtime/simulation/coverage.ts";
import { faultNames } from "../../test/runtime/simulation/fault-names.ts";
import type { Played, ShortStory } from "../../test/runtime/simulation/threads.ts";

/** What never happened of what has to. */
export function zeros({ counts }: Played, needed: readonly string[]): readonly string[] {
  return needed.filter((what) => (counts[what] ?? 0) === 0);
}

/** How often each row, each guard and each pair of faults occurred. */
export function coverageText({ counts, effects, takeovers }: Played): string {
  return [
    `${effects} calls, ${takeovers} campaigns taken over`,
    "",
    "what a start does (docs/runtime.md), by the row that decided",
    ...lines(counts, shiftRows),
    "",
    "what keeps an observer from taking what somebody still has",
    ...lines(counts, guards),
    "",
    "faults within a minute of each other, in so many worlds",
    ...matrix(counts),
  ].join("\n");
}

function lines(counts: Counts, of: readonly string[]): readonly string[] {
  return of.map((what) => `${String(counts[what] ?? 0).padStart(11)}  ${what}`);
}

/** A triangle: each fault with itself and with those below it. */
function matrix(counts: Counts): readonly string[] {
  const width = Math.max(3, ...pairs.map((pair) => String(counts[pair] ?? 0).length)) + 1;
  const name = Math.max(...faultNames.map(({ length }) => length));
  return faultNames.map((fault, row) => {
    const cells = faultNames
      .slice(0, row + 1)
      .map((other) => String(counts[`${other} + ${fault}`] ?? 0).padStart(width));
    return `${String(row + 1).padStart(4)} ${fault.padEnd(name)}${cells.join("")}`;
  });
}

const LEGEND = [
  "a1/0: job a, its execution 1, attempt 0. Its own log lines begin with the name of an event (docs/runtime.md), what it writes",
  "into the database stands further in; * a fault that comes upon it, ! what must not happen (docs/proofs.md).",
] as const;

/** The story of a world. */
export function storyText(seed: number, { violations, lines: told, faults, whole }: ShortStory): string {
  const size =
    violations.length === 0
      ? `seed ${seed}: no violation, in a world of ${whole} faults`
      : `seed ${seed}, with ${faults} of its ${whole} faults: what is left is needed for it to go wrong`;
  return [`\n${size}`, "", ...LEGEND, "", ...told].join("\n");
}
