/**
 * `npm run simulate`: the production code of the runtime in worlds of faults, as many as you like.
 *
 *   npm run simulate -- --seeds 20000 [--from 1] [--threads 2]   plays worlds, and counts what happened in them
 *   npm run simulate -- --seed 17 [--mutant TEXT]                tells the story of one, made as short as it can be
 *   npm run simulate -- --mutants [--only TEXT] [--seeds 10000]  plays each mistake in the protocol until a world shows it;
 *                                                                of one it tells the story; with --docs the result goes into
 *                                                                docs/proofs.md
 *
 * Exit code 1: something happened that must not, or did not happen that must; a mutant lived. 2: wrong usage.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { guards, pairs, shiftRows } from "../test/runtime/simulation/coverage.ts";
import { mutants } from "../test/runtime/simulation/mutants.ts";
import { type Played, playAll, tellStory } from "../test/runtime/simulation/threads.ts";
import type { Mutant } from "./mutant.ts";
import { type Kill, withKills } from "./simulate/kills.ts";
import { coverageText, storyText, zeros } from "./simulate/report.ts";

/** From so many worlds on every pair of faults has to have met. */
const ALL_MEET = 5_000;
const KILL_WITHIN = 10_000;
const PAGE = new URL("../docs/proofs.md", import.meta.url);

interface Options {
  readonly from: number;
  readonly seeds: number | undefined;
  readonly threads: number;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      from: { type: "string", default: "1" },
      threads: { type: "string", default: String(availableParallelism()) },
      seed: { type: "string" },
      mutants: { type: "boolean", default: false },
      mutant: { type: "string" },
      only: { type: "string", default: "" },
      docs: { type: "boolean", default: false },
    },
  });
  const options: Options = {
    from: whole("--from", values.from),
    seeds: values.seeds === undefined ? undefined : whole("--seeds", values.seeds),
    threads: whole("--threads", values.threads),
  };
  if (values.mutants) {
    if (values.docs && values.only !== "")
      throw new WrongUsage("--docs writes all mutants: it does not go with --only");
    return await playMutants(values.only, options, values.docs);
  }
  const mutant = values.mutant === undefined ? undefined : mutantNamed(values.mutant);
  if (values.seed !== undefined) return await tell(whole("--seed", values.seed), mutant);
  return await playWorlds(options, mutant);
}

class WrongUsage extends Error {}

function whole(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new WrongUsage(`${name} is ${JSON.stringify(text)}: a whole number from 1 on is needed`);
}

function mutantNamed(text: string): Mutant {
  const found = mutants.filter(({ name }) => name.includes(text));
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  throw new WrongUsage(`${found.length} mutants have ${JSON.stringify(text)} in their name: exactly one is needed`);
}

async function playWorlds({ from, seeds = 20_000, threads }: Options, mutant: Mutant | undefined): Promise<number> {
  const began = performance.now();
  const bar = progress(seeds, "worlds");
  const played = await playAll({ from, seeds, threads, mutant, progress: bar.show });
  bar.stop();
  const seconds = (performance.now() - began) / 1000;
  console.log(coverageText(played));
  const rate = (played.worlds / seconds).toFixed(0);
  console.log(
    `\n${played.worlds} worlds (seeds ${from} to ${from + seeds - 1}) in ${seconds.toFixed(0)} s on ${threads} threads, ${rate} a second: ` +
      `${played.failures.length} with violations`,
  );
  const missing = zeros(played, seeds >= ALL_MEET ? [...shiftRows, ...guards, ...pairs] : [...shiftRows, ...guards]);
  if (missing.length > 0) console.log(`never happened:\n  ${missing.join("\n  ")}`);
  for (const { seed, violation } of played.failures.slice(0, 20)) console.log(`  seed ${seed}: ${violation}`);
  const [first] = played.failures;
  if (first !== undefined) await tell(first.seed, mutant);
  return played.failures.length > 0 || missing.length > 0 ? 1 : 0;
}

async function tell(seed: number, mutant: Mutant | undefined): Promise<number> {
  const story = await tellStory(seed, mutant);
  console.log(storyText(seed, story));
  return story.violations.length > 0 ? 1 : 0;
}

async function playMutants(
  only: string,
  { from, seeds = KILL_WITHIN, threads }: Options,
  docs: boolean,
): Promise<number> {
  const chosen = mutants.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) throw new WrongUsage(`no mutant has ${JSON.stringify(only)} in its name`);
  const width = Math.max(...chosen.map(({ name }) => name.length));
  const living: string[] = [];
  const kills: Kill[] = [];
  for (const mutant of chosen) {
    const bar = progress(seeds, mutant.name);
    const played = await playAll({ from, seeds, threads, mutant, untilFirst: true, progress: bar.show });
    bar.stop();
    const [first] = played.failures;
    if (first === undefined) living.push(mutant.name);
    else kills.push({ mutant: mutant.name, seed: first.seed, by: first.violation.split(" ", 1)[0] ?? "" });
    console.log(`${mutant.name.padEnd(width)}  ${verdictOf(played)}`);
    if (first !== undefined && chosen.length === 1) await tell(first.seed, mutant);
  }
  console.log(`\n${chosen.length - living.length} of ${chosen.length} mutants killed within ${seeds} worlds`);
  for (const name of living) console.log(`  alive: ${name}`);
  if (docs && living.length === 0) writeFileSync(PAGE, withKills(readFileSync(PAGE, "utf8"), kills));
  return living.length > 0 ? 1 : 0;
}

function verdictOf({ failures: [first], worlds }: Played): string {
  return first === undefined
    ? `ALIVE after ${worlds} worlds`
    : `seed ${String(first.seed).padStart(5)}  ${first.violation}`;
}

/** On a terminal only: a log keeps what it is told. */
function progress(total: number, what: string): { show: (played: Played) => void; stop: () => void } {
  const bar = new SingleBar({
    format: `{bar} {value} of {total} worlds, {failed} with violations, {eta_formatted} left  ${what}`,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(total, 0, { failed: 0 });
  return {
    show: ({ worlds, failures }) => bar.update(worlds, { failed: failures.length }),
    stop: () => bar.stop(),
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof WrongUsage || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS")))
    throw error;
  console.error((error as Error).message);
  process.exitCode = 2;
}
