import { resolve } from "node:path";
import { expect, test } from "vitest";
import { bundle } from "../../../scripts/build-runtime/bundle.ts";
import type { Mutant } from "../../../scripts/mutant.ts";
import { mutated, trustsTooLong, withoutEpochs, writtenDownLate } from "../../../scripts/replica-set/mutants.ts";

const root = resolve(import.meta.dirname, "../../..");
const build = { AGENT_RUNTIME_BUILD: JSON.stringify({ version: "0.0.0", commit: "test" }) };
const made = (mutants: readonly Mutant[]) => bundle(root, "runtime/cli.ts", build, [mutated(root, mutants)]);

test.each([...withoutEpochs, writtenDownLate, trustsTooLong])(
  "is another runtime than the one that is shipped: $name",
  async (mutant) => {
    const [shipped, changed] = await Promise.all([bundle(root, "runtime/cli.ts", build), made([mutant])]);
    expect(changed.sha256).not.toBe(shipped.sha256);
  },
);

test("a mutant whose text is gone is no mutant: its proof would be of the shipped code", async () => {
  const gone = { name: "gone", file: "runtime/lease/writes.ts", find: "nobody wrote this", replace: "" };
  await expect(made([gone])).rejects.toThrow("gone: its text is 0 times in runtime/lease/writes.ts");
});
