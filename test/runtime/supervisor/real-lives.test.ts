/**
 * Lives of the runtime over real processes, with signals and deaths at random times. What is judged is written down by the
 * processes themselves, and by the database at the moment of each write.
 *
 * `RUNS=1000` for so many; `SEED=4711` for the fates from that seed on. Which process the machine lets run when, no seed
 * says: a life that went wrong may have to be lived some more times (`SEED=4711 RUNS=1`).
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { budgetOf } from "../../../runtime/supervisor/budget.ts";
import { bundle } from "../../../scripts/build-runtime/bundle.ts";
import { repository } from "../../support/stack-previews.ts";
import { tier } from "../../support/tier.ts";
import { endAll, missing } from "./real.ts";
import { fateOf, GRACE } from "./real-lives/fate.ts";
import { Happenings } from "./real-lives/happenings.ts";
import { wrongIn } from "./real-lives/judgement.ts";
import { type LifeParts, live } from "./real-lives/life.ts";

const runs = Number(process.env.RUNS ?? 250);
/** Another one each time: what a machine lets happen is not the same twice in any case. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
/**
 * So many may end with a kill that was not confirmed, where something excuses it (`excuseOf`): safe, but a minute or two in
 * which nobody has their campaigns.
 */
const MOST_UNCONFIRMED = 0.03 * Math.max(runs, 100);
/** Most of a life is waiting. */
const AT_ONCE = 8;

tier("real lives", missing("python3", "--version") ?? missing("tini", "--version"), () => {
  const directory = mkdtempSync(join(tmpdir(), "lives-"));
  let parts: LifeParts;
  beforeAll(async () => {
    const { code } = await bundle(repository, "test/runtime/supervisor/real-lives/watched.ts", {
      AGENT_RUNTIME_BUILD: JSON.stringify({ version: "0.0.0", commit: "0123abc" }),
    });
    const program = join(directory, "watched.cjs");
    writeFileSync(program, code);
    // The interpreter itself: what stands in front of it on a developer's machine takes longer than it does.
    const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
    parts = { program, python };
  });
  afterAll(() => {
    endAll();
    rmSync(directory, { recursive: true });
  });

  test(`in ${runs} lives (from seed ${seed}) nothing is given back while something of the worker lives, and each gets one SIGTERM`, {
    timeout: 60_000 + runs * 2_000,
  }, async () => {
    const happenings = new Happenings();
    const wrong: string[] = [];
    let next = seed;
    const lifeAfterLife = async () => {
      while (next < seed + runs && wrong.length === 0 && happenings.unconfirmed <= MOST_UNCONFIRMED) {
        const fate = fateOf(next++);
        const lived = await live(fate, parts);
        happenings.add(lived);
        const found = wrongIn(lived);
        if (found.length > 0) wrong.push(`SEED=${fate.seed}: ${found.join("; ")}\n${happenings.told(lived)}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lifeAfterLife));
    console.log(happenings.summary());
    expect(wrong.join("\n\n")).toBe("");
    expect(happenings.unconfirmed, "lives whose kill was not confirmed").toBeLessThanOrEqual(MOST_UNCONFIRMED);
    expect(happenings.lives).toBe(runs);
    // Of one life nobody can say what the machine added; of many, half is what the product takes. Where most of them had no
    // CPU the machine alone is measured.
    if (happenings.calm >= 20)
      expect(happenings.half, "ms from SIGTERM to the end").toBeLessThanOrEqual(budgetOf(GRACE).exit);
    if (runs >= 200) expect(happenings.missing(), "what has not happened in all these lives").toEqual([]);
  });
});
