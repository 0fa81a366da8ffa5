import { expect, test } from "vitest";
import { formatDollars, freeTier, jobRates, rates } from "../../domain/prices.ts";

test("a job's second costs what jobs cost, not what services that are billed by request do", () => {
  expect(jobRates("us-central1")).toEqual({ vcpuSecond: 0.000018, gibSecond: 0.000002 });
});

test("a dearer region has its own rates, and an unknown one has none rather than wrong ones", () => {
  expect(jobRates("europe-west3")).toEqual({ vcpuSecond: 0.0000216, gibSecond: 0.0000024 });
  expect(jobRates("moon-central1")).toBeUndefined();
});

test("ten thousand accesses of a secret cost three cents, and as many are free", () => {
  expect(rates.secretAccess * 10_000).toBeCloseTo(0.03);
  expect(freeTier.secretAccesses).toBe(10_000);
});

test.each<[number, string]>([
  [0, "$0.00"],
  [38.016, "$38.02"],
  [0.004, "<$0.01"],
  [0.005, "$0.01"],
  [1234567.8, "$1,234,567.80"],
  [-5.22, "-$5.22"],
])("dollars are rounded only where they are shown: %d", (amount, shown) => {
  expect(formatDollars(amount)).toBe(shown);
});
