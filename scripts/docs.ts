/** `npm run docs`: writes the tables of the pages from what they tell of. */
import { readFileSync, writeFileSync } from "node:fs";
import { withChanges } from "./changes-table.ts";
import { withPolicies } from "./policies-page.ts";
import { withRuntime } from "./runtime-page.ts";
import { withRuntimeSettings } from "./runtime-settings-table.ts";
import { withTable } from "./settings-table.ts";

const pages = {
  "settings.md": withTable,
  "changes.md": withChanges,
  "policies.md": withPolicies,
  "runtime.md": withRuntime,
  "runtime-settings.md": withRuntimeSettings,
} as const;

for (const [name, written] of Object.entries(pages)) {
  const file = new URL(`../docs/${name}`, import.meta.url);
  writeFileSync(file, written(readFileSync(file, "utf8")));
}
