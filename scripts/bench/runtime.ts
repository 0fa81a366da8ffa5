/**
 * `npm run bench -- runtime`: what the runtime costs, on the production code: its leases over a real mongod, and the
 * bundle as real processes.
 *
 * What is compared takes turns within one run, and each round gives a ratio; medians are shown, with the least and the
 * greatest of the repeats. One machine has it all, database included: rates are this machine's, ratios are the runtime's.
 */
import { builtRuntime } from "../demo/bundle.ts";
import { findMongod } from "../mongod/find.ts";
import { startMongod } from "../mongod/start.ts";
import { beats } from "./runtime/beats.ts";
import { type Bench, full, type Stage, tiny } from "./runtime/bench.ts";
import { cycles } from "./runtime/cycles.ts";
import { exit } from "./runtime/exit.ts";
import { idle } from "./runtime/idle.ts";
import type { Results } from "./runtime/measures.ts";
import { allHeld, markdownOf, rowsOf, textOf } from "./runtime/report.ts";
import { start } from "./runtime/start.ts";
import { sweep } from "./runtime/sweep.ts";
import { takeover } from "./runtime/takeover.ts";

const benches: Readonly<Record<string, Bench>> = { cycles, beats, sweep, takeover, exit, start, idle };

export interface RuntimeOptions {
  /** Names of benches; all of them where left out. */
  readonly only: readonly string[] | undefined;
  readonly tiny: boolean;
  readonly markdown: boolean;
}

/** @returns whether all bars were measured and held */
export async function benchRuntime({ only, tiny: small, markdown }: RuntimeOptions): Promise<boolean> {
  const names = only ?? Object.keys(benches);
  const unknown = names.filter((name) => benches[name] === undefined);
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(", ")} to measure.`);
  const chosen = names.flatMap((name) => benches[name] ?? []);
  const rows = rowsOf(await results(chosen, small), !small);
  console.log(markdown ? markdownOf(rows) : textOf(rows));
  if (small) return true;
  const held = allHeld(rows);
  const bad = rows.filter(({ verdict }) => verdict === "missed" || verdict === "not measured");
  console.log(held ? "\nall bars held" : `\n${bad.length} bars not held: see above`);
  return held;
}

async function results(chosen: readonly Bench[], small: boolean): Promise<Results> {
  const say = (text: string) => console.error(text);
  const mongod = process.platform === "win32" ? { missing: "a mongod is started by a POSIX shell" } : findMongod();
  if (mongod.missing !== undefined) {
    return Object.fromEntries(
      chosen.flatMap(({ measures }) => measures).map((name) => [name, { missing: mongod.missing }]),
    );
  }
  const bundle = builtRuntime(say);
  const server = await startMongod(mongod.path);
  try {
    const stage: Stage = { uri: server.uri, bundle, size: small ? tiny : full, say };
    const all: Results[] = [];
    for (const bench of chosen) all.push(await bench.run(stage));
    return Object.assign({}, ...all) as Results;
  } finally {
    await server.stop();
  }
}
