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
