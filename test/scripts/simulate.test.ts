import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { killsIn } from "../../scripts/simulate/kills.ts";
import { repository } from "../support/stack-previews.ts";

const script = resolve(repository, "scripts/simulate.ts");

/** As a person runs it. */
function simulate(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [script, ...args], (_, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describe("npm run simulate", () => {
  test.concurrent.each<[string, string]>([
    ["--seeds 0", '--seeds is "0": a whole number from 1 on is needed'],
    ["--only nobody", "--only: only with --mutants"],
    ["--docs --seeds 3", "--docs: only with --mutants"],
    ["--seed 3 --seeds 9 --from 2", "--seeds, --from: not with --seed"],
    ["--mutants --seed 3", "--seed: not with --mutants"],
    ["--mutants --docs --only nobody", "--docs writes all mistakes: it does not go with --only"],
    ["--mutants --only zzz", 'no mistake has "zzz" in its name'],
    ["--seed 3 --mutant zzz", '0 mistakes have "zzz" in their name, and one is needed of these:'],
    ["--worlds 3", "Unknown option '--worlds'"],
  ])("%s is wrong, says why and how it is used, and plays nothing", async (args, why) => {
    const { code, out, err } = await simulate(args.split(" "));
    expect({ code, out, why: err.split("\n", 1)[0] }).toEqual({ code: 2, out: "", why });
    expect(err).toContain("\nusage: npm run simulate");
  });

  test("--help says how it is used", async () => {
    const { code, out } = await simulate(["--help"]);
    expect({ code, line: out.split(" ", 1)[0] }).toEqual({ code: 0, line: "usage:" });
  });

  test("a few worlds are not blamed for what did not happen in them", async () => {
    const { code, out } = await simulate(["--seeds", "20", "--threads", "1"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^20 worlds \(seeds 1 to 20\) .* 0 with violations$/m);
    expect(out).toMatch(/^\d+ of the above never happened: from 10000 worlds on that is wrong$/m);
  });

  test("one world is told, with what its signs mean, and the exit code says whether it is well", async () => {
    const mistake = "what nobody listens to is given back at once";
    const { seed } = killsIn(readFileSync(resolve(repository, "docs/proofs.md"), "utf8")).get(mistake) ?? {};
    const [well, broken] = await Promise.all([
      simulate(["--seed", "17"]),
      simulate(["--seed", String(seed), "--mutant", mistake]),
    ]);
    expect(well.code).toBe(0);
    expect(well.out).toMatch(/^seed 17: no violation, in a world of \d+ faults$/m);
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/^a1\/0: job a, its execution 1, attempt 0\./m);
    expect(broken.out).toMatch(/VIOLATION I7/);
  });
});
