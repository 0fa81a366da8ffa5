/** The production sources with one line that is wrong, as they are bundled: what the checks must find. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "esbuild";
import { type Mutant, mutatedSource } from "../mutant.ts";

/** Without what keeps two owners apart. */
export const withoutEpochs: readonly Mutant[] = [
  {
    name: "the store does not look at epochs",
    file: "runtime/store/mongo/records.ts",
    find: "const filter = filterOf(layout, write.expect);",
    replace: `const others = Object.entries(write.expect).filter(([path]) => !path.startsWith("lease."));
      const filter = filterOf(layout, Object.fromEntries(others));`,
  },
  {
    name: "an owner's writes do not say whose they are",
    file: "runtime/lease/writes.ts",
    find: `return { status: "running", "lease.epoch": epoch, "lease.claimId": claimId };`,
    replace: `return { status: "running" };`,
  },
];

/** The simulation has it without the pause. Real ticks are 0.1 s apart, and what lies between two of them has no order. */
export const writtenDownLate: Mutant = {
  name: "a call begins 0.3 s before it is written down",
  file: "runtime/lease/progress.ts",
  find: "if (claim.open?.attemptId !== attempt) await this.#recordEffect(claim, cursor, attempt, effect);",
  replace: `if (claim.open?.attemptId !== attempt)
      setTimeout(() => void this.#recordEffect(claim, cursor, attempt, effect).catch(() => {}), 300);`,
};

export const trustsTooLong: Mutant = {
  name: "an owner trusts itself for longer than others watch it",
  file: "runtime/lease/timing.ts",
  find: "const TRUST_MARGIN: Millis = 15_000;",
  replace: "const TRUST_MARGIN: Millis = -30_000;",
};

/** Reads the sources so. @throws Error as `mutatedSource` */
export function mutated(root: string, mutants: readonly Mutant[]): Plugin {
  return {
    name: "mutants",
    setup(build) {
      for (const file of new Set(mutants.map(({ file }) => file))) {
        const path = resolve(root, file);
        build.onLoad({ filter: new RegExp(`^${path.replaceAll(/[.\\/]/g, "\\$&")}$`) }, () => ({
          contents: mutants.filter((mutant) => mutant.file === file).reduce(mutatedSource, readFileSync(path, "utf8")),
          loader: "ts",
        }));
      }
    },
  };
}
