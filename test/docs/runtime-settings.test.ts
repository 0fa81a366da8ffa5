import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contractVariables } from "../../domain/contract.ts";
import { exitCode } from "../../runtime/exit-codes.ts";
import { othersVariables, sections, type Variable, variables } from "../../runtime/settings/variables.ts";
import { withRuntimeSettings } from "../../scripts/runtime-settings-table.ts";
import { repository } from "../support/stack-previews.ts";

const page = readFileSync(join(repository, "docs/runtime-settings.md"), "utf8");
const all = sections.flatMap((section) => section.variables);

describe("docs/runtime-settings.md", () => {
  test("says what the runtime reads today: run `npm run docs`", () => {
    expect(withRuntimeSettings(page)).toBe(page);
  });

  test("is missed when a variable changes", () => {
    const changed = [{ title: "One", variables: [{ ...(all[0] as Variable), meaning: "Something | else." }] }];
    expect(withRuntimeSettings(page, changed)).toContain("Something \\| else.");
    expect(withRuntimeSettings(page, changed)).not.toBe(page);
  });

  test("has every variable that is read, once", () => {
    const names = Object.values<Variable>(variables).map(({ name }) => name);
    expect(all.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
  });

  test("has every variable that the program sets, except what is not the runtime's to read", () => {
    const names = all.map(({ name }) => name);
    const lacking = Object.keys(contractVariables).filter((name) => !names.includes(name));
    expect(lacking.sort()).toEqual([...othersVariables].sort());
  });

  test("names the exit codes", () => {
    for (const code of [exitCode.ok, exitCode.usage, exitCode.settings, exitCode.unavailable]) {
      expect(page).toContain(`\n| ${code} | `);
    }
  });
});

describe("each variable", () => {
  test.each(all.map((variable) => [variable.name, variable] as const))(
    "%s has an example and a default that it takes",
    (_, { form, example, fallback }) => {
      if (!example.includes("`")) expect(form.read(example)).toHaveProperty("value");
      if (fallback !== undefined) expect(form.read(fallback)).toHaveProperty("value");
    },
  );
});
