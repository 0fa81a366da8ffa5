import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { killsIn } from "../../../scripts/simulate/kills.ts";
import { zeros } from "../../../scripts/simulate/report.ts";
import { repository } from "../../support/stack-previews.ts";
import { guards, pairs, shiftRows } from "./coverage.ts";
import { mended } from "./mended.ts";
import { mutants } from "./mutants.ts";
import { scenarioOf } from "./scenario.ts";
import { play, type Simulated } from "./simulate.ts";
import { playAll, tellStory } from "./threads.ts";

/** SEEDS=1000000 for a long look; `npm run simulate` says more. */
const seeds = Number(process.env.SEEDS ?? 20_000);
const threads = availableParallelism();
const LONG = 3_600_000;
const KILL_WITHIN = 10_000;

/** Outside of all promises, whose turns it takes. */
function played(seed: number): Promise<Simulated> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(play(scenarioOf(seed)));
      } catch (error) {
        reject(error);
      }
    });
  });
}

test(`no campaign has two owners, no patient two calls, none is lost, and no shift is without a worker for long, in ${seeds} worlds of faults`, {
  timeout: LONG,
}, async () => {
  const all = await playAll({ from: 1, seeds, threads });
  expect(all.failures).toEqual([]);
  // Nothing is proved by worlds in which nothing happens.
  expect(zeros(all, [...shiftRows, ...guards, ...pairs])).toEqual([]);
  expect(all.takeovers).toBeGreaterThan(seeds * 0.2);
  expect(all.effects).toBeGreaterThan(seeds * 3);
});

describe("what a world once showed is mended, and shows again without the cure", () => {
  for (const mistake of mended)
    for (const seed of mistake.worlds)
      test(`${mistake.name} (${seed})`, { timeout: LONG }, async () => {
        expect((await played(seed)).violations).toEqual([]);
        const { failures } = await playAll({ from: seed, seeds: 1, threads: 1, mutant: mistake });
        expect(failures.map(({ violation }) => violation.split(" ", 1)[0])).toEqual([mistake.by]);
      });
});

test("the same seed is the same world, to the last byte", async () => {
  const [once, twice] = [await played(4), await played(4)];
  expect(once.story.length).toBeGreaterThan(50);
  expect(twice).toEqual(once);
});

test("a row, a guard or a pair of faults that never occurs is found to be missing", () => {
  const nothing = { worlds: 1, failures: [], effects: 0, takeovers: 0 };
  const [row, ...others] = shiftRows;
  const counts = Object.fromEntries(others.map((other) => [other, 1]));
  expect(zeros({ ...nothing, counts }, shiftRows)).toEqual([row]);
});

describe("a mistake in the protocol does not survive", () => {
  const kills = killsIn(readFileSync(join(repository, "docs/proofs.md"), "utf8"));

  test("docs/proofs.md names all of them", () => {
    expect([...kills.keys()]).toEqual(mutants.map(({ name }) => name));
  });

  test.each(mutants)("$name", { timeout: LONG }, async (mutant) => {
    const { seed, by } = kills.get(mutant.name) ?? { seed: 1, by: "nobody" };
    const { failures } = await playAll({ from: seed, seeds: 1, threads: 1, mutant, untilFirst: true });
    const found = failures.map(({ violation }) => violation.split(" ", 1)[0]);
    expect(found, "as docs/proofs.md says; after a change of the code `npm run simulate -- --mutants --docs`").toEqual([
      by,
    ]);
    expect(seed).toBeLessThanOrEqual(KILL_WITHIN);
  });
});

test("what the code throws and nobody catches is a violation, with the seed of its world", {
  timeout: LONG,
}, async () => {
  const slip = {
    name: "a slip",
    file: "runtime/lease/acquisition.ts",
    find: "for await (const offer of this.#untouched()) {",
    replace: 'for await (const offer of (() => { throw new TypeError("a slip"); })()) {',
  };
  const { failures } = await playAll({ from: 7, seeds: 1, threads: 1, mutant: slip });
  expect(failures).toEqual([{ seed: 7, violation: "X a mistake: a slip" }]);
});

test("what fails is told as a short story, with nothing in it that it does not need", { timeout: LONG }, async () => {
  const mutant = mutants.find(({ name }) => name === "what nobody listens to is given back at once");
  const { failures } = await playAll({ from: 1, seeds: KILL_WITHIN, threads, mutant, untilFirst: true });
  const [first] = failures;
  if (first === undefined) throw new Error("it lives");
  const { violations, faults, whole, lines } = await tellStory(first.seed, mutant);
  expect(violations[0]?.slice(0, 2)).toBe(first.violation.slice(0, 2));
  expect(faults).toBeLessThanOrEqual(3);
  expect(whole).toBeGreaterThan(faults);
  expect(lines.length).toBeLessThan(60);
  expect(lines.join("\n")).toContain("VIOLATION");
});
