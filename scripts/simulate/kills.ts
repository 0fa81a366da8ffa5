import { table, withWritten } from "../marked.ts";

/** By which world a mistake was found. */
export interface Kill {
  readonly mutant: string;
  readonly seed: number;
  /** The invariant that was broken there. */
  readonly by: string;
}

const WHAT = "table of mutants";
const BY = "npm run simulate -- --mutants --docs";

/** The page of proofs with the mistakes and what finds them. */
export function withKills(page: string, kills: readonly Kill[]): string {
  const rows = kills.map(({ mutant, seed, by }) => [mutant, by, String(seed)]);
  return withWritten(page, WHAT, table(["a mistake", "is found by", "at seed"], rows), BY);
}

/** What the page says, by mistake. */
export function killsIn(page: string): ReadonlyMap<string, Kill> {
  const rows = page.matchAll(/^\| (?<mutant>[^|]+) \| (?<by>[A-Z]\d+) \| (?<seed>\d+) \|$/gm);
  return new Map(
    [...rows].map(({ groups: { mutant = "", by = "", seed = "" } = {} }) => [
      mutant,
      { mutant, by, seed: Number(seed) },
    ]),
  );
}
