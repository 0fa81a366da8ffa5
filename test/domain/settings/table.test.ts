import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { settingsSchema } from "../../../domain/settings/settings.ts";
import { keysOf, schemaAt } from "../../../domain/settings/written.ts";
import { settingsTable, withTable } from "../../../scripts/settings-table.ts";

const page = readFileSync(new URL("../../../docs/settings.md", import.meta.url), "utf8");

test("the table in the docs is that of today's schema (npm run docs)", () => {
  expect(page).toBe(withTable(page));
});

test("every setting has its row, with what it means", () => {
  const rows = settingsTable(settingsSchema).split("\n");
  for (const path of leaves(settingsSchema, [])) {
    const row = rows.find((line) => line.startsWith(`| \`${path}\` |`));
    expect(row, path).toMatch(/^\|[^|]+\|[^|]+\|[^|]*\| \S[^|]*\|[^|]*\|$/);
  }
});

test("a row tells what is written, its default, its meaning and its limits", () => {
  expect(settingsTable(settingsSchema)).toContain(
    "| `rounds.retry.count` | whole number | `3` | Retries after the first attempt. | 0 to 5: Cloud Scheduler retries at most 5 times |",
  );
});

test("a bar in a description does not break the table", () => {
  const schema = z.strictObject({ a: z.string().describe("one | two") });
  expect(settingsTable(schema)).toContain("| `a` | text | **required** | one \\| two |  |");
});

test("only what is between the marks is written", () => {
  const marked =
    "mine\n<!-- table of settings: written by `npm run docs` -->yesterday<!-- end of the table of settings -->\nmine too\n";
  expect(withTable(marked)).toMatch(/^mine\n.*\nmine too\n$/s);
  expect(withTable(marked)).not.toContain("yesterday");
  expect(() => withTable("no marks")).toThrow("no marks");
});

/** The paths of all settings that have none below them. */
function leaves(schema: z.ZodType, path: readonly string[]): readonly string[] {
  const inner = schemaAt(schema, ["KEY"]);
  const keys = keysOf(schema);
  if (keys.length > 0) {
    return keys.flatMap((key) => leaves(schemaAt(schema, [key]) as z.ZodType, [...path, key]));
  }
  if (inner !== undefined && schemaAt(schema, ["0"]) === inner && isList(schema)) return [path.join(".")];
  return inner === undefined ? [path.join(".")] : leaves(inner, [...path, "KEY"]);
}

function isList(schema: z.ZodType): boolean {
  return schema.safeParse([]).error?.issues[0]?.code !== "invalid_type";
}
