import { describe, expect, test } from "vitest";
import { type Calendar, isOpenAt, longestShift, officeSpans, shiftSpans, taskTimeout } from "../../domain/calendar.ts";
import { MAX_TASK_TIMEOUT, type Shift, shiftsOfWeek, TIMEOUT_MARGIN, type Window } from "../../domain/hours.ts";
import { HORIZON_END, HORIZON_START, zoneChanges } from "../../domain/zone.ts";
import { calendar, dental, shown, utc, window } from "./clinic.ts";
import { openings, wallClock } from "./wall-clock.ts";

const DAY = 86_400_000;
const zones = [
  "Asia/Karachi",
  "America/New_York",
  "Europe/London",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Africa/Casablanca",
];

const week: Record<string, readonly Window[]> = {
  "a clinic's days": dental,
  "nights over the weekend": [window("night", "fri,sat,sun 20:00-06:00")],
  "days that begin at midnight": [window("early", "mon,sat,sun 00:00-05:00"), window("late", "sat,sun 05:10-24:00")],
};

function weekly({ windows, ...margins }: Calendar): readonly Shift[] {
  const shifts = shiftsOfWeek(windows, margins);
  if (shifts === "endless") throw new Error("endless");
  return shifts;
}

/** The edges of spans, joined where they touch, within a time. */
function edges(hours: Calendar, from: number, to: number): readonly string[] {
  const found: string[] = [];
  for (const { opens, closes } of officeSpans(hours, from - 1, to)) {
    if (found.at(-1) === `-${shown(opens).replace(" ", "T")}`) found.pop();
    else found.push(`+${shown(opens).replace(" ", "T")}`);
    found.push(`-${shown(closes).replace(" ", "T")}`);
  }
  const inside = (edge: string) => Date.parse(`${edge.slice(1)}Z`) >= from && Date.parse(`${edge.slice(1)}Z`) < to;
  return found.filter(inside);
}

describe("office hours, against the wall clock minute by minute", () => {
  const ordinary = utc("2027-06-07 00:00");
  for (const zone of zones) {
    const clock = wallClock(zone);
    const changes = zoneChanges(zone).filter(({ at }) => at > utc("2026-01-10 00:00") && at < utc("2027-06-01 00:00"));
    for (const [name, windows] of Object.entries(week)) {
      test(`${name} in ${zone}, also around every change of its clock`, () => {
        const dates = [ordinary, ...changes.map(({ at }) => at)].map((at) =>
          new Date(at + DAY).toISOString().slice(0, 10),
        );
        const hours = calendar(windows, { timeZone: zone, holidays: dates });
        for (const middle of [ordinary, ...changes.map(({ at }) => at)]) {
          const [from, to] = [middle - 2 * DAY, middle + 2 * DAY];
          for (const holidays of [[], hours.holidays]) {
            expect(edges({ ...hours, holidays }, from, to)).toEqual(openings({ ...hours, holidays }, clock, from, to));
          }
        }
      });
    }
    test(`hours that open inside the hour that ${zone} skips in spring`, () => {
      const hours = calendar([window("a", "mon-sun 02:15-02:20"), window("b", "mon-sun 02:25-08:00")], {
        timeZone: zone,
      });
      for (const { at } of changes.filter(({ before, after }) => after > before)) {
        expect(edges(hours, at - DAY, at + DAY)).toEqual(openings(hours, clock, at - DAY, at + DAY));
      }
    });
  }
});

describe("office hours", () => {
  const night = calendar([window("night", "fri 20:00-06:00")]);

  test("a holiday closes the windows that open on it, to their end in the next morning", () => {
    const spans = (holiday: string) =>
      officeSpans({ ...night, holidays: [holiday] }, utc("2026-12-24 00:00"), utc("2026-12-31 00:00"));
    expect(spans("2026-12-25")).toEqual([]);
    expect(spans("2026-12-26")).toHaveLength(1);
  });

  test("a window that is open at the beginning of a time belongs to it, one that just closed does not", () => {
    const open = (from: string) => officeSpans(night, utc(from), utc(from) + 60_000).length;
    // Friday 20:00 to Saturday 06:00 in Karachi is 15:00 to 01:00 UTC.
    expect([
      open("2026-12-25 14:59"),
      open("2026-12-25 15:00"),
      open("2026-12-26 00:59"),
      open("2026-12-26 01:00"),
    ]).toEqual([0, 1, 1, 0]);
  });

  test("an hour that occurs twice counts the first time, when a window opens or closes in it", () => {
    const hours = calendar([window("bar", "sat 20:00-01:30")], { timeZone: "America/New_York" });
    const [span] = officeSpans(hours, utc("2026-10-31 12:00"), utc("2026-11-02 00:00"));
    expect(span && shown(span.closes)).toBe("2026-11-01 05:30");
  });
});

describe("shifts", () => {
  const spans = (hours: Calendar, from: string, to: string) =>
    shiftSpans(hours, utc(from), utc(to)).map(
      ({ window, opens, closes }) => `${window} ${shown(opens)} ${shown(closes)}`,
    );

  for (const zone of zones) {
    for (const [name, windows] of Object.entries(week)) {
      test(`of ${name} in ${zone} are those of every week, whatever the clock does`, () => {
        const hours = calendar(windows, { timeZone: zone, lead: 600, drain: 900 });
        const [from, to] = [utc("2026-11-01 00:00"), utc("2028-11-01 00:00")];
        const found = shiftSpans(hours, from, to);
        const shifts = weekly(hours);
        expect(Math.abs(found.length - (shifts.length * (to - from)) / (7 * DAY))).toBeLessThan(2);
        for (const { opens, closes, window } of found) {
          const usual = shifts.find((shift) => shift.window.name === window);
          const off = (closes - opens) / 60_000 - ((usual?.close ?? 0) - (usual?.open ?? 0));
          expect([-60, -30, 0, 30, 60]).toContain(off);
        }
        // Every minute of the office hours lies in a shift.
        const times = found.values();
        let shift = times.next().value;
        for (const { opens, closes } of officeSpans(hours, from, to)) {
          while (shift !== undefined && shift.closes <= opens) shift = times.next().value;
          expect(shift !== undefined && shift.opens <= opens && closes <= shift.closes).toBe(true);
        }
      });
    }
  }

  test("close windows share one, also over the week's end", () => {
    const hours = calendar([window("night", "sun 20:00-06:00"), window("day", "mon 06:00-14:00")]);
    expect(spans(hours, "2026-12-20 00:00", "2026-12-23 00:00")).toEqual(["night 2026-12-20 15:00 2026-12-21 09:00"]);
  });

  test("a shift that began long before is found with its beginning", () => {
    const hours = calendar([window("day", "mon-fri 00:00-24:00")]);
    expect(spans(hours, "2026-12-25 12:00", "2026-12-25 13:00")).toEqual(["day 2026-12-20 19:00 2026-12-25 19:00"]);
  });

  test("a holiday in the middle parts a shift, and one at its beginning makes it begin later", () => {
    const hours = (holiday: string) => calendar([window("day", "mon-fri 00:00-24:00")], { holidays: [holiday] });
    expect(spans(hours("2026-12-23"), "2026-12-21 00:00", "2026-12-27 00:00")).toEqual([
      "day 2026-12-20 19:00 2026-12-22 19:00",
      "day 2026-12-23 19:00 2026-12-25 19:00",
    ]);
    expect(spans(hours("2026-12-21"), "2026-12-21 00:00", "2026-12-27 00:00")).toEqual([
      "day 2026-12-21 19:00 2026-12-25 19:00",
    ]);
  });

  test("windows that share a start in every week share it when the clock is set back between them", () => {
    // The gap of 15 minutes by the clock takes 75 that night; no start fires for the second window.
    const hours = calendar([window("bar", "sat 20:00-01:45"), window("morning", "sun 02:00-06:00")], {
      timeZone: "America/New_York",
      drain: 900,
    });
    expect(spans(hours, "2026-10-31 12:00", "2026-11-02 00:00")).toEqual(["bar 2026-11-01 00:00 2026-11-01 11:00"]);
  });

  test("windows that start apart in every week start apart when the clock is set forward between them", () => {
    const hours = calendar([window("bar", "sat 20:00-01:45"), window("morning", "sun 03:00-06:00")], {
      timeZone: "America/New_York",
      drain: 900,
    });
    expect(spans(hours, "2027-03-13 12:00", "2027-03-15 00:00")).toHaveLength(2);
  });

  test("start by the clock, so that a change between start and opening makes the lead longer or shorter", () => {
    const hours = calendar([window("early", "sun 03:00-08:00")], {
      timeZone: "America/New_York",
      lead: 7200,
      drain: 900,
    });
    const lead = (from: string) => {
      const [shift] = shiftSpans(hours, utc(from), utc(from) + 2 * DAY);
      return shift && (shift.opens - shift.starts) / 60_000;
    };
    expect([lead("2026-10-24 12:00"), lead("2026-10-31 12:00"), lead("2027-03-13 12:00")]).toEqual([120, 180, 60]);
  });

  test("end when the last call may have ended", () => {
    const [shift] = shiftSpans(calendar(dental, { drain: 900 }), utc("2026-11-23 00:00"), utc("2026-11-24 00:00"));
    expect(shift && shift.ends - shift.closes).toBe(900_000);
  });
});

describe("the task timeout", () => {
  const timeout = (hours: Calendar) => taskTimeout(hours.timeZone, weekly(hours), hours) / 60;

  test.each<[string, Calendar, number]>([
    ["is the longest shift, with drain and margin", calendar(dental, { drain: 900 }), 8 * 60 + 15 + 10],
    ["and with the lead", calendar(dental, { lead: 600, drain: 900 }), 10 + 8 * 60 + 15 + 10],
    [
      "has the hour more that a night takes in autumn",
      calendar([window("night", "sat 20:00-06:00")], { timeZone: "America/New_York" }),
      11 * 60 + 10,
    ],
    [
      "or the half hour",
      calendar([window("night", "sat 20:00-06:00")], { timeZone: "Australia/Lord_Howe" }),
      10 * 60 + 30 + 10,
    ],
    [
      "has none on nights when the clock is left alone",
      calendar([window("night", "fri 20:00-06:00")], { timeZone: "America/New_York" }),
      10 * 60 + 10,
    ],
    [
      "has it for a change between start and opening",
      calendar([window("early", "sun 03:00-08:00")], { timeZone: "America/New_York", lead: 7200 }),
      3 * 60 + 5 * 60 + 10,
    ],
    [
      "has it for a weekend that is one shift",
      calendar([window("weekend", "fri-sun 00:00-24:00")], { timeZone: "Europe/London" }),
      73 * 60 + 10,
    ],
  ])("%s", (_, hours, minutes) => {
    expect(timeout(hours)).toBe(minutes);
  });

  test("of a week with one gap of ten minutes is Cloud Run's longest", () => {
    const hours = calendar([window("day", "mon-sat 00:00-24:00"), window("sunday", "sun 00:00-23:50")]);
    expect(timeout(hours) * 60).toBe(MAX_TASK_TIMEOUT);
    expect(longestShift(hours.timeZone, weekly(hours))).toBe(MAX_TASK_TIMEOUT - TIMEOUT_MARGIN);
  });

  test.each(zones)(
    "leaves the margin on every day of the horizon in %s, so that no closing is a failed task",
    (timeZone) => {
      for (const windows of Object.values(week)) {
        const hours = calendar(windows, { timeZone, lead: 3600, drain: 900 });
        const runs = shiftSpans(hours, HORIZON_START, HORIZON_END).map(({ starts, ends }) => (ends - starts) / 1000);
        expect(Math.max(...runs) + TIMEOUT_MARGIN).toBeLessThanOrEqual(timeout(hours) * 60);
      }
    },
  );
});

test("a campaign that is only to be resumed in hours is not resumed in the lead, at closing or on a holiday", () => {
  const karachi = calendar(dental, { lead: 300, drain: 900, holidays: ["2027-06-09"] });
  const open = (now: string) => isOpenAt(utc(now), karachi);
  expect([open("2027-06-07 03:59"), open("2027-06-07 04:00"), open("2027-06-07 11:59")]).toEqual([false, true, true]);
  expect([open("2027-06-07 12:00"), open("2027-06-09 05:00")]).toEqual([false, false]);
  expect(isOpenAt(utc("2027-06-09 05:00"), undefined)).toBe(true);
});
