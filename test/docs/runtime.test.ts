import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { event } from "../../domain/contract.ts";
import { timingOf } from "../../runtime/lease/timing.ts";
import { withRuntime } from "../../scripts/runtime-page.ts";
import { repository } from "../support/stack-previews.ts";

const page = readFileSync(resolve(repository, "docs/runtime.md"), "utf8");

test("the page's tables are what the code decides by (npm run docs)", () => {
  expect(page).toBe(withRuntime(page));
});

test("each event has a row, so that no line at night is without a word", () => {
  for (const name of Object.values(event)) expect(page).toContain(`| \`${name}\` |`);
});

test("the times that the page promises are those of the defaults and of the shortest settings", () => {
  const longest = (interval: number, orphanAfter: number) =>
    timingOf(interval, orphanAfter).observe / 1000 + 1.5 * interval;
  expect(page).toContain(
    `within ${Math.round(longest(30, 120))} s of its last heartbeat at the defaults (30 s, 120 s)`,
  );
  expect(page.replace(/\s+/g, " ")).toContain("within 62 s at the shortest settings (5 s, 51 s)");
  expect(longest(5, 51)).toBeLessThanOrEqual(62);
});
