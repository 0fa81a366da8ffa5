import { expect, test } from "vitest";
import { simulateShift } from "./shifts.ts";

/** SEEDS=100000 for a long look; SEED=17 for one of them, with all that happened. */
const seeds = Number(process.env.SEEDS ?? 400);
const one = process.env.SEED === undefined ? undefined : Number(process.env.SEED);

test(`no shift is without a worker for long, and nobody leaves for one who is not there, in ${seeds} days of faults`, async () => {
  const sums = { takeovers: 0, duplicates: 0, losses: 0 };
  for (let seed = one ?? 1; seed <= (one ?? seeds); seed++) {
    const { violations, told, takeovers, duplicates, losses } = await simulateShift(seed);
    if (one !== undefined) console.log(told.join("\n"));
    expect(violations, `seed ${seed}`).toEqual([]);
    sums.takeovers += takeovers;
    sums.duplicates += duplicates;
    sums.losses += losses;
  }
  // Nothing is proved by days on which nothing happens.
  if (one !== undefined) return;
  for (const sum of Object.values(sums)) expect(sum).toBeGreaterThan(seeds * 0.3);
}, 3_600_000);

test("the same seed is the same day, to the last event", async () => {
  expect(await simulateShift(4)).toEqual(await simulateShift(4));
});
