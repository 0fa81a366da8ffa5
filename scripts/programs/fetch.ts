/** How a machine that has none of a program comes by one. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../domain/findings.ts";
import { Failure, type Waiting } from "./child.ts";
import type { Program } from "./found.ts";

export interface Way<Fetched> {
  readonly name: string;
  /** What a person can do where this way fails. */
  readonly remedy: string;
  /** Puts the program somewhere below `directory`. @throws Failure */
  readonly fetch: (directory: string, waiting: Waiting) => Promise<Fetched>;
}

/**
 * Fetches a program into its cache, by the first way that succeeds. The cache never holds half of one: it is made
 * beside, and tried and moved there by `keep`, also by several at once.
 *
 * @param keep throws Failure where what was fetched is not what was wanted
 * @returns why each way failed; none when one did not
 * @throws the reason of `waiting.stop`
 */
export async function fetchBy<Fetched>(
  ways: readonly Way<Fetched>[],
  cache: string,
  keep: (fetched: Fetched, directory: string) => void,
  waiting: Waiting,
): Promise<readonly Finding[]> {
  const failures: Finding[] = [];
  for (const { name, remedy, fetch } of ways) {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const directory = mkdtempSync(join(cache, "unfinished-"));
    try {
      keep(await fetch(directory, waiting), directory);
      return [];
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push({ path: name, problem: error.message, remedy });
      waiting.say(`${name} ${error.message}`);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  return failures;
}

/** This machine's program, fetched where there is none. @throws the reason of `waiting.stop` */
export async function have(
  find: () => Program,
  fetch: (waiting: Waiting) => Promise<readonly Finding[]>,
  waiting: Waiting,
): Promise<Program> {
  const here = find();
  if (here.missing === undefined) return here;
  const failures = await fetch(waiting);
  const now = find();
  return now.missing === undefined ? now : { ...now, looked: [...now.looked, ...failures] };
}
