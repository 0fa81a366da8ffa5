import { describe, expect, test } from "vitest";
import { shiftSpans } from "../../domain/calendar.ts";
import { contractVariables, decodeCalendar, encodeCalendar, variable } from "../../domain/contract.ts";
import { calendar, dental, utc, window } from "./clinic.ts";

describe("the calendar that a Job carries", () => {
  test.each([
    ["the hours of source 001", calendar(dental, { drain: 900, holidays: ["2026-12-25"] })],
    ["a night", calendar([window("night", "sun 20:00-06:00")])],
    ["a whole day", calendar([window("day", "mon,wed 00:00-24:00")])],
    ["an evening to midnight", calendar([window("evening", "fri-sun 18:00-24:00")])],
    ["lead and drain", calendar(dental, { lead: 600, drain: 1234 })],
    ["a clock that changes", calendar([window("night", "sat 20:00-06:00")], { timeZone: "America/New_York" })],
  ])("is read back as it was: %s", (_, hours) => {
    const read = decodeCalendar(encodeCalendar(hours));
    expect(read).toEqual(hours);
    const year = [utc("2026-11-01 00:00"), utc("2027-11-01 00:00")] as const;
    expect(shiftSpans(read, ...year)).toEqual(shiftSpans(hours, ...year));
  });

  test("is written in the words of the settings, for the operator who reads it", () => {
    expect(JSON.parse(encodeCalendar(calendar([window("night", "fri-sun 20:00-06:00")])))).toEqual({
      timeZone: "Asia/Karachi",
      week: [{ name: "night", days: "fri-sun", open: "20:00", close: "06:00" }],
      holidays: [],
      lead: 0,
      drain: 0,
    });
  });

  const written = JSON.parse(encodeCalendar(calendar(dental))) as Record<string, unknown>;
  const week = [{ name: "day", days: "mon-fri", open: "09:00", close: "17:00" }];
  test.each<[string, unknown]>([
    ["no JSON", "{"],
    ["days that nobody can read", { ...written, week: [{ ...week[0], days: "weekdays" }] }],
    ["a time that nobody can read", { ...written, week: [{ ...week[0], close: "5pm" }] }],
    ["a field of a later contract", { ...written, breaks: [] }],
    ["no zone", { ...written, timeZone: undefined }],
    ["a lead that no cron can keep", { ...written, lead: 90 }],
  ])("is refused rather than guessed at: %s", (_, value) => {
    expect(() => decodeCalendar(typeof value === "string" ? value : JSON.stringify(value))).toThrow();
  });
});

test("nobody can set by hand what the program sets", () => {
  expect(Object.keys(contractVariables).sort()).toEqual(Object.values(variable).sort());
});
