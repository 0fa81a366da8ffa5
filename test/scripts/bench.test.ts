/** What the bench says must be true: a bar that was missed, or never measured, does not count as held. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Bar, type Measure, type MeasureName, measures } from "../../scripts/bench/runtime/measures.ts";
import { imageFlags } from "../../scripts/bench/runtime/node-flags.ts";
import { allHeld, markdownOf, rowOf, rowsOf, textOf, verdictOf } from "../../scripts/bench/runtime/report.ts";
import { median, percentile } from "../../scripts/bench/statistics.ts";
import { findMongod } from "../../scripts/mongod/find.ts";
import { tier } from "../support/tier.ts";

const bench = resolve(import.meta.dirname, "../../scripts/bench.ts");

describe("repeats", () => {
  test.each<[number[], number]>([
    [[3], 3],
    [[9, 1, 2], 2],
    [[4, 1, 3, 2], 3],
    [[], Number.NaN],
  ])("of %j have the median %d", (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  test.each<[number, number]>([
    [0, 1],
    [50, 6],
    [90, 10],
    [100, 10],
  ])("of 1 to 10: the %dth percentile is %d", (percent, value) => {
    expect(percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent)).toBe(value);
  });
});

describe("a bar", () => {
  test.each<[string, number[], Bar, string]>([
    ["is held at the limit", [100], { most: 100, of: "median" }, "held"],
    ["is missed above it", [100.1], { most: 100, of: "median" }, "missed"],
    ["of a rate is missed below it", [89.9], { least: 90, of: "median" }, "missed"],
    ["of a rate is held at the limit", [90], { least: 90, of: "median" }, "held"],
    ["of the median forgives a slow one", [1, 1, 500], { most: 100, of: "median" }, "held"],
    ["of the worst forgives none", [1, 1, 500], { most: 100, of: "worst" }, "missed"],
    ["of the worst rate forgives none", [99, 99, 1], { least: 90, of: "worst" }, "missed"],
    ["is not held by nothing", [], { most: 100, of: "median" }, "not measured"],
    ["is not held by what is no number", [Number.NaN], { most: 100, of: "worst" }, "missed"],
  ])("%s", (_, repeats, bar, verdict) => {
    expect(verdictOf(repeats, bar)).toBe(verdict);
  });
});

const time: Measure = { what: "a sweep", unit: "ms", bar: { most: 150, of: "median" } };

describe("the report", () => {
  test("says what was measured, how far the repeats are apart, and the bar", () => {
    expect(rowOf(time, [30, 10, 20.04])).toEqual({
      what: "a sweep",
      measured: "20 ms (10 to 30, 3)",
      bar: "at most 150 ms",
      verdict: "held",
    });
  });

  test("of what could not be measured says why, and that is not held", () => {
    const row = rowOf(time, { missing: "no mongod" });
    expect(row).toMatchObject({ measured: "no mongod", verdict: "not measured" });
    expect(allHeld([row])).toBe(false);
  });

  test("judges nothing that has no bar, and nothing of tiny sizes", () => {
    expect(rowOf({ what: "a rate", unit: "/s" }, [1_234.5]).verdict).toBeUndefined();
    expect(rowOf(time, [1_000], false).verdict).toBeUndefined();
  });

  test("one bar that is missed among many is not overlooked", () => {
    const rows = rowsOf({ claimAloneRatio: [95], beatBulk: [101], exitIdle: [10] });
    expect(rows.map(({ verdict }) => verdict)).toEqual(["held", "missed", "held"]);
    expect(allHeld(rows)).toBe(false);
    expect(allHeld(rows.filter(({ verdict }) => verdict === "held"))).toBe(true);
    expect(markdownOf(rows)).toContain("| **missed** |");
    expect(textOf(rows)).toMatch(/101 ms +at most 100 ms +missed$/m);
  });
});

test("sweeps and starts are measured with the flags that the image has", () => {
  expect(imageFlags()).toContain("--max-old-space-size=64");
  expect(() => imageFlags("execv(node)")).toThrow("launcher.c");
});

test("a wrong command line is told so, and measures nothing", async () => {
  const ended = promisify(execFile)(process.execPath, [bench, "everything"]);
  await expect(ended).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("usage: npm run bench") });
});

const mongod = findMongod();

tier("real MongoDB", mongod.missing, () => {
  test("the bench of the runtime runs, and has a number for everything", { timeout: 240_000 }, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [bench, "runtime", "--tiny"], {
      env: { ...process.env, NO_COLOR: "1" },
    });
    const lines = stdout.trimEnd().split("\n").slice(1);
    const numbers = lines.filter((line) => / {2}-?[\d,.]+ ?(%|ms|s|B|KiB|MB|\/s)( |$)/.test(line));
    const all = Object.keys(measures) as MeasureName[];
    expect(lines).toHaveLength(all.length);
    // Those that take a minute, and 7 s.
    expect(lines.filter((line) => !numbers.includes(line)).map((line) => /takes .*?(?= {2})/.exec(line)?.[0])).toEqual([
      "takes a minute",
      "takes 7 s",
    ]);
    expect(stdout).not.toContain("NaN");
  });
});
