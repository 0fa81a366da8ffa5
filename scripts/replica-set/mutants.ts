/** The production sources with one line that is wrong, as they are bundled: what the checks must find. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "esbuild";

export interface Mutant {
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  /** Stands there once. */
  readonly line: string;
  readonly instead: string;
}

/** Without what keeps two owners apart. */
export const withoutEpochs: readonly Mutant[] = [
  {
    name: "the store does not look at epochs",
    file: "runtime/store/mongo/records.ts",
    line: "const filter = filterOf(layout, write.expect);",
    instead: `const others = Object.entries(write.expect).filter(([path]) => !path.startsWith("lease."));
      const filter = filterOf(layout, Object.fromEntries(others));`,
  },
  {
    name: "an owner's writes do not say whose they are",
    file: "runtime/lease/writes.ts",
    line: `return { status: "running", "lease.epoch": epoch, "lease.claimId": claimId };`,
    instead: `return { status: "running" };`,
  },
];

/** @throws where a line is not there any more, or is there twice: a mutant that changes nothing proves nothing */
export function mutated(root: string, mutants: readonly Mutant[]): Plugin {
  return {
    name: "mutants",
    setup(build) {
      for (const file of new Set(mutants.map(({ file }) => file))) {
        const path = resolve(root, file);
        build.onLoad({ filter: new RegExp(`^${path.replaceAll(/[.\\/]/g, "\\$&")}$`) }, () => ({
          contents: mutants.filter((mutant) => mutant.file === file).reduce(replaced, readFileSync(path, "utf8")),
          loader: "ts",
        }));
      }
    },
  };
}

function replaced(source: string, { name, file, line, instead }: Mutant): string {
  const parts = source.split(line);
  if (parts.length !== 2)
    throw new Error(`${name}: its line is ${parts.length - 1} times in ${file}, not once: ${line}`);
  return parts.join(instead);
}
