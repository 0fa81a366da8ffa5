import { describe, expect, test } from "vitest";
import { gate, type Part } from "../../../domain/alerts/gate.ts";
import type { OfficeHours, Window } from "../../../domain/hours.ts";
import type { Weekday } from "../../../domain/week.ts";

/**
 * Says at which instants a gate is open, by reading its PromQL as JavaScript: it is arithmetic on `time()`, and both
 * languages rank its operators alike. A real Prometheus confirms it minute by minute in test/promql.
 */
function openAt(hours: OfficeHours, part: Part = { after: 0 }): (instant: string) => boolean {
  const expression = (gate(hours, part) ?? "0").replaceAll("time()", "t").replaceAll("bool ", "");
  const evaluate = new Function("t", `return ${expression}`) as (t: number) => number;
  return (instant) => evaluate(Date.parse(instant) / 1000) > 0;
}

function window(days: readonly Weekday[], open: number, close: number): Window {
  return { name: "window", days, open: open * 60, close: close * 60 };
}

const weekdays: readonly Weekday[] = [1, 2, 3, 4, 5];
const everyDay: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];

function clinic(timeZone: string, windows: readonly Window[], holidays: readonly string[] = []): OfficeHours {
  return { timeZone, windows, holidays };
}

const karachi = clinic("Asia/Karachi", [window(weekdays, 9, 17), window([6], 10, 14)], ["2026-12-25"]);
const newYork = clinic("America/New_York", [window(weekdays, 9, 17)]);
const nights = clinic("America/New_York", [window([7, 1, 2, 3, 4], 22, 30)], ["2027-07-05"]);

const rows: readonly {
  title: string;
  hours: OfficeHours;
  part?: Part;
  open: readonly string[];
  closed: readonly string[];
}[] = [
  {
    title: "opens and closes on the second, in the clinic's time",
    hours: karachi,
    open: ["2026-11-23T09:00:00+05:00", "2026-11-23T16:59:59+05:00", "2026-11-28T10:00:00+05:00"],
    closed: [
      "2026-11-23T08:59:59+05:00",
      "2026-11-23T17:00:00+05:00",
      "2026-11-28T14:00:00+05:00",
      "2026-11-29T12:00:00+05:00",
    ],
  },
  {
    title: "stays closed on a local holiday, and opens the next morning",
    hours: karachi,
    open: ["2026-12-24T12:00:00+05:00", "2026-12-26T10:00:00+05:00"],
    closed: ["2026-12-25T09:00:00+05:00", "2026-12-25T16:59:00+05:00"],
  },
  {
    title: "keeps local time in summer and in winter",
    hours: newYork,
    open: ["2026-07-01T09:00:00-04:00", "2026-12-01T09:00:00-05:00", "2028-07-03T09:00:00-04:00"],
    closed: [
      "2026-07-01T08:59:00-04:00",
      "2026-12-01T08:59:00-05:00",
      "2028-07-03T08:59:00-04:00",
      "2026-07-01T17:00:00-04:00",
    ],
  },
  {
    title: "runs on over midnight, and over the end of the week",
    hours: nights,
    open: ["2026-11-22T22:00:00-05:00", "2026-11-23T05:59:00-05:00"],
    closed: ["2026-11-22T21:59:00-05:00", "2026-11-23T06:00:00-05:00", "2026-11-20T23:00:00-05:00"],
  },
  {
    title: "lets the night before a holiday run on into it, and closes the holiday's own night",
    hours: nights,
    open: ["2027-07-04T23:00:00-04:00", "2027-07-05T05:59:00-04:00", "2027-07-06T22:00:00-04:00"],
    closed: ["2027-07-05T22:00:00-04:00", "2027-07-06T05:00:00-04:00"],
  },
  {
    title: "keeps closing in local time in a night in which the clocks change",
    hours: clinic("America/New_York", [window(everyDay, 22, 30)]),
    open: ["2026-11-01T05:59:00-05:00", "2027-03-14T05:59:00-04:00"],
    closed: ["2026-11-01T06:00:00-05:00", "2027-03-14T06:00:00-04:00"],
  },
  {
    title: "counts the wait after opening in real time, also when the clocks change meanwhile",
    hours: clinic("America/New_York", [window(everyDay, 1, 6)]),
    part: { after: 2 * 3600 },
    open: ["2026-11-01T02:00:00-05:00", "2027-03-14T04:00:00-04:00"],
    closed: ["2026-11-01T01:59:00-05:00", "2027-03-14T03:59:00-04:00"],
  },
  {
    title: "is open for the whole of days that follow each other",
    hours: clinic("Asia/Karachi", [window([1, 2], 0, 24)]),
    open: ["2026-11-23T00:00:00+05:00", "2026-11-24T00:00:00+05:00", "2026-11-24T23:59:59+05:00"],
    closed: ["2026-11-22T23:59:59+05:00", "2026-11-25T00:00:00+05:00"],
  },
];

describe("a calendar's gate", () => {
  test.for(rows)("$title", ({ hours, part, open, closed }) => {
    const isOpen = openAt(hours, part);
    expect(open.filter((instant) => !isOpen(instant))).toEqual([]);
    expect(closed.filter(isOpen)).toEqual([]);
  });

  test("there is none when the windows are over before they are watched", () => {
    expect(gate(karachi, { after: 8 * 3600 })).toBeUndefined();
  });

  test("two holidays with only closed hours between them take one term, so that a query stays short", () => {
    const christmas = clinic(
      "Asia/Karachi",
      [window(weekdays, 9, 12), window(weekdays, 13, 17)],
      ["2026-12-24", "2026-12-25"],
    );
    expect(gate(christmas, { after: 0 })?.match(/time\(\)>=/g)).toHaveLength(1);
  });

  test("knows the clocks' changes until the horizon's end, so that it stays the same from day to day", () => {
    expect(gate(newYork, { after: 0 })).toContain(String(Date.UTC(2028, 10, 5, 6) / 1000));
  });
});
