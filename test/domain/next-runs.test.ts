import { Cron } from "croner";
import { describe, expect, test } from "vitest";
import { type Calendar, shiftSpans } from "../../domain/calendar.ts";
import { shiftsOfWeek, startsOfWeek } from "../../domain/hours.ts";
import { type Firing, nextRuns, runAfterChange } from "../../domain/next-runs.ts";
import { cronAt, parseTime, type Weekday, weekdays } from "../../domain/week.ts";
import { calendar, dental, utc, window } from "./clinic.ts";

function daily(timeZone: string, time: string, days: readonly Weekday[] = weekdays): Firing {
  const at = parseTime(time) ?? Number.NaN;
  return { timeZone, at, days };
}

function starts(hours: Calendar): readonly Firing[] {
  const shifts = shiftsOfWeek(hours.windows, hours);
  if (shifts === "endless") throw new Error("endless");
  return startsOfWeek(shifts, hours.lead).map((start) => ({ ...start, timeZone: hours.timeZone }));
}

describe("the next runs of a job", () => {
  test("are given in the clinic's zone and in UTC", () => {
    const runs = nextRuns(daily("America/New_York", "08:15"), utc("2027-03-13 00:00"), 3);
    expect(runs.map(({ local, utc }) => `${local} = ${utc}`)).toEqual([
      "2027-03-13 08:15 = 2027-03-13 13:15",
      "2027-03-14 08:15 = 2027-03-14 12:15",
      "2027-03-15 08:15 = 2027-03-15 12:15",
    ]);
  });

  test.each<[string, string]>([
    ["2026-11-23 04:00:00", "2026-11-23 09:00"],
    ["2026-11-23 03:59:59.999", "2026-11-23 09:00"],
    ["2026-11-23 04:00:00.001", "2026-11-24 09:00"],
  ])("begin with one that is due at this very moment: from %s", (from, local) => {
    expect(nextRuns(daily("Asia/Karachi", "09:00"), utc(from), 1)[0]?.local).toBe(local);
  });

  test("keep to their weekdays, of which a cron counts Sunday first", () => {
    const runs = nextRuns(daily("Asia/Karachi", "10:00", [6, 7]), utc("2026-11-23 00:00"), 3);
    expect(runs.map(({ local }) => local.slice(0, 10))).toEqual(["2026-11-28", "2026-11-29", "2026-12-05"]);
  });

  test("a start on a holiday fires for nothing, and the next does not", () => {
    const hours = calendar(dental, { holidays: ["2026-12-25"] });
    const [weekday] = starts(hours);
    const runs = weekday === undefined ? [] : nextRuns(weekday, utc("2026-12-24 00:00"), 3, hours);
    expect(runs.map(({ local, suppressed }) => [local.slice(0, 10), suppressed])).toEqual([
      ["2026-12-24", undefined],
      ["2026-12-25", "holiday"],
      ["2026-12-28", undefined],
    ]);
  });

  test("a start that fires the day before, for its lead, is stopped by the holiday that it is early for", () => {
    const hours = calendar([window("early", "mon-fri 00:30-08:00")], { lead: 3600, holidays: ["2026-12-25"] });
    const [early] = starts(hours);
    const runs = early === undefined ? [] : nextRuns(early, utc("2026-12-23 00:00"), 3, hours);
    expect(runs.map(({ local, suppressed }) => [local, suppressed])).toEqual([
      ["2026-12-23 23:30", undefined],
      ["2026-12-24 23:30", "holiday"],
      ["2026-12-27 23:30", undefined],
    ]);
  });

  test("a round goes on through the holidays of a clinic", () => {
    expect(nextRuns(daily("Asia/Karachi", "09:00"), utc("2026-12-25 00:00"), 1)[0]).not.toHaveProperty("suppressed");
  });

  test("a time that is skipped runs at the end of the gap, one that is repeated runs once: both are marked", () => {
    const around = (time: string, from: string) =>
      nextRuns(daily("America/New_York", time), utc(from), 2).map(({ local, utc, clock }) => [local, utc, clock]);
    expect(around("02:30", "2027-03-14 00:00")).toEqual([
      ["2027-03-14 03:00", "2027-03-14 07:00", "skipped"],
      ["2027-03-15 02:30", "2027-03-15 06:30", undefined],
    ]);
    expect(around("01:30", "2027-11-07 00:00")).toEqual([
      ["2027-11-07 01:30", "2027-11-07 05:30", "repeated"],
      ["2027-11-08 01:30", "2027-11-08 06:30", undefined],
    ]);
  });
});

describe.each(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Karachi"])(
  "two years of runs in %s are those of a cron library that was written by others:",
  (timeZone) => {
    test.each<[string, readonly Weekday[]]>([
      ["09:00", [1, 2, 3, 4, 5]],
      ["00:00", weekdays],
      ["23:45", [6, 7]],
      ["01:30", weekdays],
      ["02:00", weekdays],
      ["02:15", [7]],
      ["03:00", weekdays],
    ])("%s", (time, days) => {
      const job = daily(timeZone, time, days);
      const from = utc("2026-11-01 05:20");
      const count = days.length * 104;
      const cron = new Cron(cronAt(job.at, days), { timezone: timeZone });
      const expected = cron.nextRuns(count, new Date(from - 1000)).map((run) => run.getTime());
      expect(nextRuns(job, from, count).map(({ at }) => at)).toEqual(expected);
    });
  },
);

describe("the first run after a zone change", () => {
  test("says from when on the round has another time in UTC", () => {
    expect(runAfterChange(daily("America/New_York", "08:15"), utc("2026-11-22 00:00"))?.run).toMatchObject({
      local: "2027-03-14 08:15",
      utc: "2027-03-14 12:15",
    });
  });

  test("may be days after it", () => {
    const weekday = daily("America/New_York", "09:00", [1, 2, 3, 4, 5]);
    expect(runAfterChange(weekday, utc("2026-11-22 00:00"))?.run.utc).toBe("2027-03-15 13:00");
  });

  test("is nothing where no clock changes", () => {
    expect(runAfterChange(daily("Asia/Karachi", "09:00"), utc("2026-11-22 00:00"))).toBeUndefined();
  });
});

/** Calendars whose crons and shifts are derived by different code, and must say the same. */
const calendars: Record<string, Partial<Calendar> & Pick<Calendar, "windows">> = {
  "a clinic's days": { windows: dental, lead: 600, drain: 900 },
  "nights, over the autumn change": { windows: [window("night", "mon-sun 20:00-06:00")], lead: 900, drain: 900 },
  "an early Sunday, its lead across the change": { windows: [window("early", "sat,sun 03:30-09:00")], lead: 7200 },
  "a lead across midnight": { windows: [window("early", "mon-sun 00:30-08:00")], lead: 3600 },
  "an opening in the hour that is skipped or repeated": { windows: [window("early", "mon-sun 02:15-08:00")] },
  "a start in the hour that is skipped or repeated": { windows: [window("early", "mon-sun 02:30-08:00")], lead: 1800 },
  "windows that share a shift over the week's end": {
    windows: [window("night", "sun 20:00-06:00"), window("day", "mon-fri 06:00-14:00")],
    drain: 900,
  },
};

describe.each(["Asia/Karachi", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])(
  "in two years in %s every start finds its shift, and every shift its start:",
  (timeZone) => {
    test.each(Object.entries(calendars))("%s", (_, hours) => {
      const found = calendar(hours.windows, {
        ...hours,
        timeZone,
        holidays: ["2026-12-25", "2027-03-13", "2028-01-01"],
      });
      const [from, to] = [utc("2026-11-01 12:00"), utc("2028-11-01 12:00")];
      const fired = starts(found)
        .flatMap((start) => nextRuns(start, from, 740, found))
        .filter(({ at, suppressed }) => at < to && suppressed === undefined)
        .map(({ at }) => at)
        .sort((a, b) => a - b);
      const begun = shiftSpans(found, from, to + 86_400_000)
        .map((shift) => shift.starts)
        .filter((at) => at >= from && at < to);
      expect(fired).toEqual(begun);
    });
  },
);
