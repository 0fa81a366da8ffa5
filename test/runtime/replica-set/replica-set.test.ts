/**
 * The runtime as it is shipped, on three real servers that are killed, stopped, cut off and put wrong. And the same with
 * a line of it broken: what finds nothing there would find nothing anywhere.
 */
import { afterAll, describe, expect, test } from "vitest";
import { trustsTooLong, withoutEpochs, writtenDownLate } from "../../../scripts/replica-set/mutants.ts";
import { networkMissing } from "../../../scripts/replica-set/network.ts";
import { CONTAINERS, pass, ROUNDS_AT_ONCE } from "../../../scripts/replica-set/pass.ts";
import { nothing, plus, type Total, table, toothless } from "../../../scripts/replica-set/report.ts";
import { wallClockMissing } from "../../../scripts/replica-set/wall-clock.ts";
import { World, type WorldOptions } from "../../../scripts/replica-set/world.ts";
import { ownMongod } from "../../support/mongod.ts";
import { pythonMissing } from "../../support/socket/example-worker.ts";
import { tier } from "../../support/tier.ts";

const mongod = await ownMongod();
/** As many as one asks for, three at a time. */
const ROUNDS = Number(process.env.ROUNDS ?? ROUNDS_AT_ONCE);
if (!Number.isInteger(ROUNDS) || ROUNDS < 1) throw new Error("ROUNDS is a whole number from 1: none proves nothing");
/** One pass takes 165 s on a machine of its own (2 cores), and waits twice as long at most for what does not come. */
const PASS = 400_000;

tier("real replica set", mongod.missing ?? networkMissing() ?? wallClockMissing() ?? pythonMissing(), () => {
  const worlds: World[] = [];
  afterAll(() => Promise.all(worlds.map((world) => world.close())));

  /** @param rounds none: one pass without a fault */
  async function hurt(rounds: number, setFaults: boolean, options: Omit<WorldOptions, "mongod">): Promise<Total> {
    if (mongod.missing !== undefined) throw new Error(mongod.missing);
    const world = await World.start({ ...options, mongod: mongod.path });
    worlds.push(world);
    let total = nothing;
    for (let done = 0; done === 0 || done < rounds; done += ROUNDS_AT_ONCE) {
      const now = Math.min(ROUNDS_AT_ONCE, rounds - done);
      total = plus(total, await pass(world, { rounds: now, name: `from-${done}`, setFaults, say: () => {} }));
    }
    await world.close();
    return total;
  }

  describe.concurrent("under every fault", () => {
    test("no campaign has two owners, no step is lost, and nobody is called twice", {
      timeout: PASS * (ROUNDS / 3 + 1),
    }, async () => {
      const total = await hurt(ROUNDS, true, { containers: CONTAINERS });
      console.log(table(total).join("\n"));
      expect(total.violations).toEqual([]);
      expect(toothless(total)).toEqual([]);
      expect(total.seen.takeovers).toBeGreaterThanOrEqual(ROUNDS);
    });

    test.each([
      ...withoutEpochs.map((mutant) => ({ mutant, rule: "stale", rounds: 2, containers: 8 })),
      { mutant: trustsTooLong, rule: "late", rounds: 1, containers: 7 },
      // Without a fault: a few seconds of work are enough.
      { mutant: writtenDownLate, rule: "unwritten", rounds: 0, containers: 3 },
    ])("goes red when $mutant.name", { timeout: PASS }, async ({ mutant, rule, rounds, containers }) => {
      const { violations } = await hurt(rounds, false, { containers, mutants: [mutant] });
      expect(new Set(violations.map((violation) => violation.rule))).toContain(rule);
    });
  });
});
