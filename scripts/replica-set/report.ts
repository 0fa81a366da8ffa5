/** The passes so far, as people read them. Pure. */
import { faults } from "./faults.ts";
import type { PassResult, Tally } from "./pass.ts";
import { rules, type Violation } from "./rules.ts";

export interface Total {
  readonly faults: ReadonlyMap<string, Tally>;
  readonly violations: readonly Violation[];
  readonly stories: PassResult["stories"];
  readonly seen: PassResult["seen"];
  readonly seconds: number;
}

/** With a row for each fault: one that is never brought about is missed, and not forgotten. */
export const nothing: Total = {
  faults: new Map(faults.map((name) => [name, { rounds: 0, bitten: 0 }])),
  violations: [],
  stories: new Map(),
  seen: { campaigns: 0, effects: 0, writes: 0, claims: 0, takeovers: 0 },
  seconds: 0,
};

export function plus(total: Total, { faults, violations, stories, seen, seconds }: PassResult): Total {
  const names = new Set([...total.faults.keys(), ...faults.keys()]);
  return {
    faults: new Map([...names].map((name) => [name, both(total.faults.get(name), faults.get(name))])),
    violations: [...total.violations, ...violations],
    stories: new Map([...total.stories, ...stories]),
    seen: {
      campaigns: total.seen.campaigns + seen.campaigns,
      effects: total.seen.effects + seen.effects,
      writes: total.seen.writes + seen.writes,
      claims: total.seen.claims + seen.claims,
      takeovers: total.seen.takeovers + seen.takeovers,
    },
    seconds: total.seconds + seconds,
  };
}

function both(a: Tally = { rounds: 0, bitten: 0 }, b: Tally = { rounds: 0, bitten: 0 }): Tally {
  return { rounds: a.rounds + b.rounds, bitten: a.bitten + b.bitten };
}

/** Faults that never did what they are for: with them nothing was proven. */
export function toothless({ faults }: Pick<Total, "faults">): readonly string[] {
  return [...faults].filter(([, { bitten }]) => bitten === 0).map(([name]) => name);
}

export function table({ faults, violations, stories, seen, seconds }: Total): readonly string[] {
  const width = Math.max(...[...faults.keys()].map(({ length }) => length), 0);
  const found = (Object.keys(rules) as (keyof typeof rules)[]).map((rule) => {
    const count = violations.filter((violation) => violation.rule === rule).length;
    return `  ${String(count).padStart(6)}  ${rules[rule]}`;
  });
  return [
    `  ${"fault".padEnd(width)}  rounds  bitten`,
    ...[...faults]
      .sort()
      .map(
        ([name, { rounds, bitten }]) =>
          `  ${name.padEnd(width)}  ${String(rounds).padStart(6)}  ${String(bitten).padStart(6)}`,
      ),
    "",
    `  ${seen.campaigns} campaigns, ${seen.effects} calls, ${seen.writes} writes, ${seen.claims} claims, ` +
      `${seen.takeovers} of them takeovers, in ${Math.round(seconds)} s`,
    "",
    ...found,
    ...violations.slice(0, 20).map(({ of, what }) => `          ${of}: ${what}`),
    ...[...stories].flatMap(([campaign, lines]) => ["", `  ${campaign}, in seconds:`, ...lines]),
  ];
}
