import { describe } from "vitest";

/**
 * A group of tests that needs more than npm.
 *
 * Where that is missing the group is skipped and named at the end of the run; with `TIERS=all` (as in .ci/run) it fails.
 *
 * @param missing what the machine lacks and how to get it; `undefined` when the tier can run
 */
export function tier(name: string, missing: string | undefined, tests: () => void): void {
  if (missing === undefined) {
    describe(name, tests);
    return;
  }
  if (process.env.TIERS === "all") throw new Error(`the tier "${name}" must run here, and cannot: ${missing}`);
  describe.skip(`${name} (not run: ${missing})`, tests);
}
