import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { parseTime, weekdays } from "../../domain/week.ts";
import {
  clockTroubles,
  dateAt,
  dateProblem,
  HORIZON_END,
  HORIZON_START,
  instantOf,
  offsetAt,
  timeAt,
  zoneChanges,
  zoneProblem,
} from "../../domain/zone.ts";
import { shown, utc } from "./clinic.ts";

const at = (zone: string, date: string, time: string, days = 0) =>
  shown(instantOf(zone, Temporal.PlainDate.from(date), (parseTime(time) ?? Number.NaN) + days * 1440));

describe("the name of a zone", () => {
  test.each(["Asia/Karachi", "America/New_York", "America/Argentina/Buenos_Aires", "UTC"])("%s is taken", (name) => {
    expect(zoneProblem(name)).toBeUndefined();
  });

  test.each<[string, string]>([
    ["EST", "abbreviation"],
    ["PKT", "abbreviation"],
    ["+05:00", "is not a time zone"],
    ["Asia/Karatchi", "Did you mean Asia/Karachi?"],
    ["America/New_york", "America/New_York"],
    ["", "is not a time zone"],
  ])("%j, by which the clinic would open at another hour, is refused", (name, said) => {
    expect(zoneProblem(name)).toContain(said);
  });
});

describe("the changes of a zone", () => {
  test.each<[string, string, readonly string[]]>([
    ["an hour in spring and autumn", "America/New_York", ["2027-03-14 07:00 +60", "2027-11-07 06:00 -60"]],
    ["all of Europe at one moment", "Europe/London", ["2027-03-28 01:00 +60", "2027-10-31 01:00 -60"]],
    ["half an hour on Lord Howe", "Australia/Lord_Howe", ["2027-04-03 15:00 -30", "2027-10-02 15:30 +30"]],
    ["none in Pakistan", "Asia/Karachi", []],
    ["none in Brazil since 2019", "America/Sao_Paulo", []],
  ])("%s", (_, zone, changes) => {
    const year = zoneChanges(zone).filter(({ at }) => shown(at).startsWith("2027"));
    expect(
      year.map(({ at, before, after }) => `${shown(at)} ${after > before ? "+" : ""}${(after - before) / 60}`),
    ).toEqual(changes);
  });

  test("are those that Morocco makes for Ramadan, too", () => {
    // As long as it did: newer time zone data end the rule in September 2026.
    const spring = zoneChanges("Africa/Casablanca").filter(({ at }) => at < utc("2026-06-01 00:00"));
    expect(spring.map(({ at, after }) => [shown(at), after])).toEqual([
      ["2026-02-15 02:00", 0],
      ["2026-03-22 02:00", 3600],
    ]);
  });

  test("stay within the horizon, so that a query does not change from day to day", () => {
    const times = zoneChanges("America/New_York").map(({ at }) => at);
    expect(times).toHaveLength(6);
    expect(Math.min(...times)).toBeGreaterThan(HORIZON_START);
    expect(Math.max(...times)).toBeLessThan(HORIZON_END);
  });

  test("give the offset before, between and after them", () => {
    const hours = (zone: string, time: string) => offsetAt(zone, utc(time)) / 3600;
    expect(hours("America/New_York", "2026-01-01 00:00")).toBe(-5);
    expect(hours("America/New_York", "2027-03-14 06:59")).toBe(-5);
    expect(hours("America/New_York", "2027-03-14 07:00")).toBe(-4);
    expect(hours("America/New_York", "2028-12-31 00:00")).toBe(-5);
    expect(hours("Asia/Karachi", "2027-06-01 00:00")).toBe(5);
  });
});

describe("the instant of a local time", () => {
  test.each<[string, string, string, string]>([
    ["Asia/Karachi", "2027-01-04", "09:00", "2027-01-04 04:00"],
    ["America/New_York", "2027-01-04", "08:15", "2027-01-04 13:15"],
    ["America/New_York", "2027-07-05", "08:15", "2027-07-05 12:15"],
    ["America/New_York", "2027-07-05", "24:00", "2027-07-06 04:00"],
  ])("%s %s %s", (zone, date, time, expected) => {
    expect(at(zone, date, time)).toBe(expected);
  });

  test("is the end of the gap for a time that the zone skips, as any clock shows it", () => {
    expect(at("America/New_York", "2027-03-14", "02:00")).toBe("2027-03-14 07:00");
    expect(at("America/New_York", "2027-03-14", "02:59")).toBe("2027-03-14 07:00");
    expect(at("America/New_York", "2027-03-14", "03:00")).toBe("2027-03-14 07:00");
    expect(at("Australia/Lord_Howe", "2027-10-03", "02:15")).toBe("2027-10-02 15:30");
  });

  test("is the first of the two for a time that the zone repeats", () => {
    expect(at("America/New_York", "2027-11-07", "01:30")).toBe("2027-11-07 05:30");
    expect(at("Australia/Lord_Howe", "2027-04-04", "01:45")).toBe("2027-04-03 14:45");
  });

  test("may be the day before, or days after", () => {
    expect(at("Asia/Karachi", "2027-01-04", "23:30", -1)).toBe("2027-01-03 18:30");
    expect(at("America/New_York", "2027-03-13", "06:00", 1)).toBe("2027-03-14 10:00");
  });
});

test("a date and a time of day are read back in the zone", () => {
  expect(dateAt("Asia/Karachi", utc("2027-01-03 19:00")).toString()).toBe("2027-01-04");
  expect(timeAt("Asia/Karachi", utc("2027-01-03 19:05"))).toBe(5);
  expect(dateAt("America/New_York", utc("2027-01-04 04:59")).toString()).toBe("2027-01-03");
});

describe("a local time that a zone change makes happen never or twice", () => {
  const on = (zone: string, time: string, days = weekdays) =>
    clockTroubles(zone, parseTime(time) ?? Number.NaN, days)
      .filter(({ date }) => date.startsWith("2027"))
      .map(({ date, kind }) => `${date} ${kind}`);

  test.each<[string, string, readonly string[]]>([
    ["America/New_York", "01:59", ["2027-11-07 repeated"]],
    ["America/New_York", "02:00", ["2027-03-14 skipped"]],
    ["America/New_York", "02:59", ["2027-03-14 skipped"]],
    ["America/New_York", "03:00", []],
    ["America/New_York", "00:59", []],
    ["Australia/Lord_Howe", "01:45", ["2027-04-04 repeated"]],
    ["Australia/Lord_Howe", "02:15", ["2027-10-03 skipped"]],
    ["Australia/Lord_Howe", "02:30", []],
    ["Asia/Karachi", "02:30", []],
    ["America/Sao_Paulo", "00:00", []],
    // Beirut skips the first hour of a day and repeats the last of one, Nuuk does both with the last.
    ["Asia/Beirut", "00:30", ["2027-03-28 skipped"]],
    ["Asia/Beirut", "23:30", ["2027-10-30 repeated"]],
    ["America/Nuuk", "23:30", ["2027-03-27 skipped", "2027-10-30 repeated"]],
  ])("%s %s", (zone, time, expected) => {
    expect(on(zone, time)).toEqual(expected);
  });

  test("matters only on the days asked for", () => {
    expect(on("America/New_York", "02:30", [1, 2, 3, 4, 5, 6])).toEqual([]);
    expect(on("America/New_York", "02:30", [7])).toEqual(["2027-03-14 skipped"]);
  });

  test("may belong to the day before, as the closing of a night does", () => {
    const closings = clockTroubles("America/New_York", 1440 + 150, [6]);
    expect(closings.map(({ date }) => date)).toContain("2027-03-14");
    expect(clockTroubles("America/New_York", 1440 + 150, [7])).toEqual([]);
  });
});

test.each<[string, boolean]>([
  ["2026-12-25", true],
  ["2028-02-29", true],
  ["2027-02-29", false],
  ["2026-13-01", false],
  ["25.12.2026", false],
  ["2026-1-1", false],
])("a holiday is a date that exists: %s", (text, right) => {
  expect(dateProblem(text) === undefined).toBe(right);
});
