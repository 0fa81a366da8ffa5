import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the program alone reads the stack's configuration: a component that did would not be testable, nor of use elsewhere", () => {
  const sources = globSync(["index.ts", "{domain,components,policies,runtime,containers}/**/*.ts"], { cwd: root });
  const reading = sources.filter((file) =>
    /\bpulumi\.Config\b|\ballConfig\b/.test(readFileSync(`${root}/${file}`, "utf8")),
  );
  expect(reading).toEqual(["index.ts"]);
});
