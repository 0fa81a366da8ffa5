import { describe, expect, test } from "vitest";
import { type Coverage, weekOf } from "../../domain/coverage.ts";
import { formatDays, formatTime, type Weekday } from "../../domain/week.ts";
import { dentalWorker, stack } from "./clinic.ts";

function week(
  hours: Record<string, { days: string; open: string; close: string }>,
  other: Record<string, unknown> = {},
) {
  const officeHours = { timeZone: "America/New_York", week: hours };
  const [worker] = stack({ workers: { w: { ...dentalWorker, officeHours, ...other } } }).workers;
  if (worker === undefined) throw new Error("no worker");
  return weekOf(worker);
}

/** A day's segments as `kind from-to window`. */
function drawn({ days }: Coverage, day: Weekday): readonly string[] {
  const segments = days.find((other) => other.day === day)?.segments ?? [];
  return segments.map(({ kind, from, to, window }) =>
    `${kind} ${formatTime(from)}-${formatTime(to)} ${window ?? ""}`.trim(),
  );
}

describe("a worker's week", () => {
  const night = { night: { days: "sun", open: "20:00", close: "06:00" } };

  test("has lead, office hours and drain on a working day, and nothing on a free one", () => {
    const coverage = week({ day: { days: "mon-fri", open: "09:00", close: "17:00" } }, { lead: "10m", drain: "15m" });
    expect(drawn(coverage, 1)).toEqual([
      "closed 00:00-08:50",
      "lead 08:50-09:00",
      "open 09:00-17:00 day",
      "drain 17:00-17:15",
      "closed 17:15-24:00",
    ]);
    expect(drawn(coverage, 6)).toEqual(["closed 00:00-24:00"]);
  });

  test("draws Sunday's night into Monday", () => {
    const coverage = week(night, { drain: "15m" });
    expect(drawn(coverage, 7)).toEqual(["closed 00:00-20:00", "open 20:00-24:00 night"]);
    expect(drawn(coverage, 1)).toEqual(["open 00:00-06:00 night", "drain 06:00-06:15", "closed 06:15-24:00"]);
  });

  test("draws Monday's lead into Sunday", () => {
    const coverage = week({ early: { days: "mon", open: "00:30", close: "08:00" } }, { lead: "1h" });
    expect(drawn(coverage, 7)).toEqual(["closed 00:00-23:30", "lead 23:30-24:00"]);
    expect(drawn(coverage, 1).slice(0, 2)).toEqual(["lead 00:00-00:30", "open 00:30-08:00 early"]);
  });

  test("shows what lies between two windows of one shift as paid, and not as open", () => {
    const coverage = week({
      morning: { days: "mon", open: "09:00", close: "12:00" },
      afternoon: { days: "mon", open: "12:20", close: "17:00" },
    });
    expect(drawn(coverage, 1).slice(1, 4)).toEqual([
      "open 09:00-12:00 morning",
      "between 12:00-12:20",
      "open 12:20-17:00 afternoon",
    ]);
    expect(coverage.hoursOpen).toBeCloseTo(7 + 40 / 60);
    expect(coverage.hoursPaid).toBeCloseTo(8 + 15 / 60);
  });

  test("keeps windows that touch apart, by their names", () => {
    const coverage = week({ ...night, day: { days: "mon", open: "06:00", close: "14:00" } }, { drain: "0s" });
    expect(drawn(coverage, 1)).toEqual(["open 00:00-06:00 night", "open 06:00-14:00 day", "closed 14:00-24:00"]);
  });

  test("covers each day from midnight to midnight without a gap", () => {
    const coverage = week(
      { ...night, day: { days: "tue-sat", open: "06:45", close: "24:00" } },
      { lead: "5m", drain: "7m" },
    );
    expect(coverage.days.map(({ day }) => formatDays([day])).join()).toBe("mon,tue,wed,thu,fri,sat,sun");
    for (const { segments } of coverage.days) {
      expect(segments[0]?.from).toBe(0);
      expect(segments.at(-1)?.to).toBe(1440);
      for (const [index, { from, to }] of segments.entries()) {
        expect(from).toBeLessThan(to);
        if (index > 0) expect(from).toBe(segments[index - 1]?.to);
      }
    }
  });

  test("adds up to the hours of source 001: 44 open, and a quarter of an hour of drain on each of six days", () => {
    const [worker] = stack({ workers: { w: dentalWorker } }).workers;
    expect(worker && weekOf(worker)).toMatchObject({ hoursOpen: 44, hoursPaid: 45.5 });
  });

  test("is paid until the timeout without the runtime, which alone ends a shift", () => {
    const coverage = week(
      { day: { days: "mon", open: "09:00", close: "17:00" } },
      { command: undefined, supervise: false, timeout: "10h" },
    );
    expect(drawn(coverage, 1).slice(1)).toEqual(["open 09:00-17:00 day", "drain 17:00-19:00", "closed 19:00-24:00"]);
    expect(coverage.hoursPaid).toBe(10);
  });
});
