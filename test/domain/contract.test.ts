import { describe, expect, test } from "vitest";
import { shiftSpans } from "../../domain/calendar.ts";
import { contractVariables, decodeCalendar, encodeCalendar, variable } from "../../domain/contract.ts";
import { FindingsError } from "../../domain/findings.ts";
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
  const day = { name: "day", days: "mon-fri", open: "09:00", close: "17:00" };
  test.each<[string, unknown, readonly string[]]>([
    ["no JSON", "{", ["is a text, and must be a map in JSON."]],
    ["no map", [], ["is a list, and must be a map in JSON."]],
    [
      "days that nobody can read",
      { ...written, week: [{ ...day, days: "weekdays" }] },
      ['week.0.days "weekdays" names no weekdays.'],
    ],
    [
      "a time that nobody can read",
      { ...written, week: [day, { ...day, close: "5pm" }] },
      ['week.1.close "5pm" is not a time of day.'],
    ],
    [
      "a field of a later contract",
      { ...written, breaks: [] },
      ["breaks is not known to this version of the contract."],
    ],
    [
      "a window's field of a later contract",
      { ...written, week: [{ ...day, breaks: [] }] },
      ["week.0.breaks is not known to this version of the contract."],
    ],
    ["a window that is none", { ...written, week: ["day"] }, ["week.0 is a text, and must be a map in JSON."]],
    ["no zone", { ...written, timeZone: undefined }, ["timeZone is missing, and must be a text."]],
    ["a holiday that is none", { ...written, holidays: [1] }, ["holidays.0 is 1, and must be a text."]],
    [
      "a lead that no cron can keep",
      { ...written, lead: 90 },
      ["lead is 90, and must be a multiple of 60 seconds, 0 or more."],
    ],
    [
      "everything that is wrong with a window at once",
      { ...written, week: [{ open: "9am", close: 17, breaks: [], notes: "" }] },
      [
        "week.0.breaks is not known to this version of the contract.",
        "week.0.close is 17, and must be a text.",
        "week.0.days is missing, and must be a text.",
        "week.0.name is missing, and must be a text.",
        "week.0.notes is not known to this version of the contract.",
        'week.0.open "9am" is not a time of day.',
      ],
    ],
    [
      "everything at once",
      { timeZone: null, week: {}, lead: -60, drain: 1.5 },
      [
        "drain is 1.5, and must be a whole number of seconds, 0 or more.",
        "holidays is missing, and must be a list.",
        "lead is -60, and must be a multiple of 60 seconds, 0 or more.",
        "timeZone is null, and must be a text.",
        "week is a map, and must be a list.",
      ],
    ],
  ])("is refused rather than guessed at, and told why: %s", (_, value, told) => {
    expect(findingsOf(() => decodeCalendar(typeof value === "string" ? value : JSON.stringify(value)))).toEqual(told);
  });
});

function findingsOf(reading: () => unknown): readonly string[] {
  try {
    reading();
  } catch (error) {
    if (!(error instanceof FindingsError)) throw error;
    return error.findings.map(({ path, problem }) => `${path} ${problem}`.trim());
  }
  return [];
}

test("nobody can set by hand what the program sets", () => {
  expect(Object.keys(contractVariables).sort()).toEqual(Object.values(variable).sort());
});
