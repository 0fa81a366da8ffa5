import { expect, test } from "vitest";
import { apiDuration, formatDuration, parseDuration } from "../../domain/duration.ts";

test.each<[text: string, seconds: number]>([
  ["0s", 0],
  ["30s", 30],
  ["15m", 900],
  ["8h25m", 30_300],
  ["1h1m1s", 3661],
  ["168h", 604_800],
])("%s is read, and written back", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
  expect(formatDuration(seconds)).toBe(text);
});

test("what people write otherwise means the same", () => {
  expect(parseDuration("0m")).toBe(0);
  expect(parseDuration("120s")).toBe(120);
  expect(parseDuration("2d")).toBe(172_800);
});

test.each(["", "30", "30 s", "1.5h", "-5m", "5M", "m", "30sec", "4h 30m", "30s!", "14400"])(
  "%j is not a duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test("Google's APIs count in seconds", () => {
  expect(apiDuration(30_300)).toBe("30300s");
});
