/**
 * `npm run simulate`: the production code of the runtime in worlds of faults, as many as you like.
 *
 * Exit code 1: something happened that must not, or did not happen that must; a mistake was not found. 2: wrong usage.
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

/** From so many worlds on everything has to have happened, and every pair of faults to have met. */
const ALL_MEET = 10_000;
const KILL_WITHIN = 10_000;
const PAGE = new URL("../docs/proofs.md", import.meta.url);

const usage = `usage: npm run simulate -- [--seeds 20000] [--from 1] [--mutant TEXT]   plays worlds, and counts what happened in them
       npm run simulate -- --seed 17 [--mutant TEXT]                   tells the story of one, made as short as it can be
       npm run simulate -- --mutants [--only TEXT] [--seeds 10000]     plays each mistake until a world shows it; of one
                                                                       it tells the story; --docs writes docs/proofs.md

Worlds in which everything goes wrong that can, with the code that is shipped: see docs/proofs.md. --threads: as many as there are
processors. TEXT is a part of a mistake's name.
Exit code: 0 all is well; 1 something happened that must not, or never happened that must, or a mistake was not found; 2 wrong usage.`;

interface Options {
  readonly from: number;
  readonly seeds: number | undefined;
  readonly threads: number;
}

const flags = {
  help: { type: "boolean", default: false },
  seeds: { type: "string" },
  from: { type: "string" },
  threads: { type: "string" },
  seed: { type: "string" },
  mutants: { type: "boolean" },
  mutant: { type: "string" },
  only: { type: "string" },
  docs: { type: "boolean" },
} as const;

type Flag = keyof typeof flags;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: flags });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const only = (where: string, ...allowed: readonly Flag[]) => {
    const given = (Object.keys(values) as Flag[]).filter((flag) => flag !== "help" && !allowed.includes(flag));
    if (given.length > 0) throw new WrongUsage(`--${given.join(", --")}: ${where}`);
  };
  const options: Options = {
    from: whole("--from", values.from) ?? 1,
    seeds: whole("--seeds", values.seeds),
    threads: whole("--threads", values.threads) ?? availableParallelism(),
  };
  if (values.mutants) {
    only("not with --mutants", "mutants", "only", "docs", "seeds", "from", "threads");
    if (values.docs && values.only !== undefined)
      throw new WrongUsage("--docs writes all mistakes: it does not go with --only");
    return await playMutants(values.only ?? "", options, values.docs ?? false);
  }
  const mutant = values.mutant === undefined ? undefined : mutantNamed(values.mutant);
  const seed = whole("--seed", values.seed);
  if (seed !== undefined) {
    only("not with --seed", "seed", "mutant");
    return await tell(seed, mutant);
  }
  only("only with --mutants", "seeds", "from", "threads", "mutant");
  return await playWorlds(options, mutant);
}

class WrongUsage extends Error {}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new WrongUsage(`${name} is ${JSON.stringify(text)}: a whole number from 1 on is needed`);
}

function mutantNamed(text: string): Mutant {
  const found = mutants.filter(({ name }) => name.includes(text));
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  const names = (found.length === 0 ? mutants : found).map(({ name }) => `\n  ${name}`).join("");
  throw new WrongUsage(
    `${found.length} mistakes have ${JSON.stringify(text)} in their name, and one is needed of these:${names}`,
  );
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
  const missing = zeros(played, [...shiftRows, ...guards, ...pairs]);
  const isJudged = seeds >= ALL_MEET;
  if (missing.length > 0 && isJudged) console.log(`never happened, and has to:\n  ${missing.join("\n  ")}`);
  else if (missing.length > 0)
    console.log(`${missing.length} of the above never happened: from ${ALL_MEET} worlds on that is wrong`);
  for (const { seed, violation } of played.failures.slice(0, 20)) console.log(`  seed ${seed}: ${violation}`);
  const [first] = played.failures;
  if (first !== undefined) await tell(first.seed, mutant);
  return played.failures.length > 0 || (isJudged && missing.length > 0) ? 1 : 0;
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
  if (chosen.length === 0) throw new WrongUsage(`no mistake has ${JSON.stringify(only)} in its name`);
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
  console.log(`\n${chosen.length - living.length} of ${chosen.length} mistakes found within ${seeds} worlds`);
  for (const name of living) console.log(`  not found: ${name}`);
  if (docs && living.length === 0) writeFileSync(PAGE, withKills(readFileSync(PAGE, "utf8"), kills));
  return living.length > 0 ? 1 : 0;
}

function verdictOf({ failures: [first], worlds }: Played): string {
  return first === undefined
    ? `NOT FOUND in ${worlds} worlds`
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
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
