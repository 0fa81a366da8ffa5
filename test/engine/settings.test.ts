import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { settingsSchema } from "../../domain/settings/settings.ts";
import { withChanges } from "../../scripts/changes-table.ts";
import { findPulumi } from "../../scripts/pulumi-cli/find.ts";
import { settingsTable } from "../../scripts/settings-table.ts";
import { repository } from "../support/stack-previews.ts";
import { tier } from "../support/tier.ts";
import { scenario } from "./settings/row.ts";
import { settingRows } from "./settings/rows.ts";
import { closeDeployments, Stage } from "./stage.ts";

/** Settings as docs/settings.md lists them, with what they are. */
const listed = [...settingsTable(settingsSchema).matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(
  ([, path = "", kind]) => ({
    path,
    leaf: kind !== "map",
  }),
);

describe("the table of changes", () => {
  test("in docs/changes.md is that of today's rows (npm run docs)", () => {
    const page = readFileSync(join(repository, "docs/changes.md"), "utf8");
    expect(page).toBe(withChanges(page));
  });

  const changed = new Set(settingRows.map(({ setting }) => setting));

  test("leaves out no setting", () => {
    expect(listed.length).toBeGreaterThan(60);
    expect(listed.filter(({ path, leaf }) => leaf && !changed.has(path)).map(({ path }) => path)).toEqual([]);
  });

  test("names settings as the docs do", () => {
    const known = new Set([...listed.map(({ path }) => path), ...Object.keys(settingsSchema.shape)]);
    expect([...changed].filter((setting) => !known.has(setting))).toEqual([]);
  });
});

const cli = findPulumi();

tier("real engine", cli.missing, () => {
  if (cli.missing !== undefined) return;
  const pulumi = cli.path;
  beforeAll(async () => {
    const stage = new Stage({ pulumi });
    await Promise.all([stage.deployed("staging"), stage.deployed("prod")]);
    await stage.close();
  });
  afterAll(closeDeployments);

  for (const { name, play } of settingRows.map(scenario)) {
    it.concurrent(name, async () => {
      const stage = new Stage({ pulumi });
      try {
        await play(stage);
      } finally {
        await stage.close();
      }
    });
  }
});
