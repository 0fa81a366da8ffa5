import { describe, expect, test } from "vitest";
import type { Calendar } from "../../../domain/calendar.ts";
import { closedMessage, planAt, shiftRecordId } from "../../../runtime/supervisor/shift-clock.ts";
import { calendar, dental, shown, utc, window } from "../../domain/clinic.ts";

/** What the calendar says at a UTC time, in one line. */
function said(now: string, hours: Calendar | undefined, runFor?: number): string {
  const plan = planAt(utc(now), hours, runFor);
  if (plan.do === "leave") return `${plan.why}, next ${plan.next === undefined ? "never" : shown(plan.next.starts)}`;
  if (plan.do === "wait") return `wait until ${shown(plan.shift.starts)}`;
  const shift = plan.shift === undefined ? "no record" : shiftRecordId("job", hours as Calendar, plan.shift);
  if (plan.end === undefined) return `work, ${shift}`;
  return `work until ${shown(plan.end.at)} (${plan.end.reason}), drained ${shown(plan.end.drained)}, ${shift}`;
}

// Karachi is five hours ahead of UTC all year: 09:00 there is 04:00.
const karachi = calendar(dental, { lead: 300, drain: 900, holidays: ["2027-06-09"] });

describe("a start finds the clinic open or leaves: 2027-06-07 is a Monday", () => {
  const monday = "work until 2027-06-07 12:00 (closing), drained 2027-06-07 12:15, job/2027-06-07/weekday";
  test.each([
    ["long before", "2027-06-07 03:00", "closed, next 2027-06-07 03:55"],
    ["a minute more than a slow clock is given", "2027-06-07 03:44", "closed, next 2027-06-07 03:55"],
    ["as early as a slow clock may be", "2027-06-07 03:45", "wait until 2027-06-07 03:55"],
    ["a minute early", "2027-06-07 03:54", "wait until 2027-06-07 03:55"],
    ["on the minute, five before the opening", "2027-06-07 03:55", monday],
    ["in the middle of the day: a retry", "2027-06-07 08:30", monday],
    ["in the last minute", "2027-06-07 11:59", monday],
    ["at closing: a retry does not run into the drain", "2027-06-07 12:00", "closed, next 2027-06-08 03:55"],
    ["while the one before drains", "2027-06-07 12:10", "closed, next 2027-06-08 03:55"],
    ["on a holiday", "2027-06-09 04:00", "holiday, next 2027-06-10 03:55"],
    ["on a holiday, out of hours", "2027-06-09 14:00", "closed, next 2027-06-10 03:55"],
    ["on a Sunday", "2027-06-13 04:00", "closed, next 2027-06-14 03:55"],
  ])("%s", (_, now, what) => expect(said(now, karachi)).toBe(what));
});

test("a night belongs to the date it opens on, also after midnight, and so does a holiday", () => {
  const night = calendar([window("night", "mon,tue 20:00-06:00")], { holidays: ["2027-06-08"] });
  const work = "work until 2027-06-08 01:00 (closing), drained 2027-06-08 01:00, job/2027-06-07/night";
  expect(said("2027-06-07 15:00", night)).toBe(work);
  // 02:00 on the 8th, which is a holiday: the window of the 7th goes on.
  expect(said("2027-06-07 21:00", night)).toBe(work);
  expect(said("2027-06-08 15:00", night)).toBe("holiday, next 2027-06-14 15:00");
  expect(said("2027-06-08 21:00", night)).toBe("holiday, next 2027-06-14 15:00");
});

test("a lead that begins before midnight does not change the shift's record", () => {
  const early = calendar([window("early", "mon 00:00-05:00")], { lead: 600 });
  const record = "job/2027-06-07/early";
  expect(said("2027-06-06 18:50", early)).toContain(record);
  expect(said("2027-06-06 18:41", early)).toBe("wait until 2027-06-06 18:50");
  expect(said("2027-06-06 20:00", early)).toContain(record);
});

test("windows that follow closely are one shift with one record: nobody leaves at the first one's closing", () => {
  const split = calendar([window("morning", "mon 09:00-12:00"), window("afternoon", "mon 12:15-17:00")], {
    drain: 900,
  });
  const work = "work until 2027-06-07 12:00 (closing), drained 2027-06-07 12:15, job/2027-06-07/morning";
  for (const time of ["04:00", "06:59", "07:00", "07:10", "08:00"])
    expect(said(`2027-06-07 ${time}`, split)).toBe(work);
});

test("around a change of the clock the shift keeps local time, and a night its real length", () => {
  const night = calendar([window("night", "sat 20:00-06:00")], { timeZone: "America/New_York", lead: 300 });
  // Autumn, 2026-11-01 02:00: 20:00 is UTC-4, 06:00 is UTC-5: eleven hours.
  expect(said("2026-11-01 00:00", night)).toMatch(/^work until 2026-11-01 11:00 /);
  // Spring, 2027-03-14 02:00: nine hours.
  expect(said("2027-03-14 01:00", night)).toMatch(/^work until 2027-03-14 10:00 /);
  // The repeated hour, both times.
  expect(said("2026-11-01 05:30", night)).toContain("job/2026-10-31/night");
  expect(said("2026-11-01 06:30", night)).toContain("job/2026-10-31/night");
  // A start at 01:55, five minutes before an opening that the zone skips.
  const skipped = calendar([window("early", "sun 02:00-06:00")], { timeZone: "America/New_York", lead: 300 });
  expect(said("2027-03-14 06:55", skipped)).toMatch(/^work until 2027-03-14 10:00 .*job\/2027-03-14\/early$/);
});

describe("AGENT_RUN_FOR runs whatever the calendar says", () => {
  test.each([
    [
      "on a holiday, without a record",
      "2027-06-09 04:00",
      "work until 2027-06-09 06:00 (runOver), drained 2027-06-09 06:15, no record",
    ],
    ["at night", "2027-06-07 20:00", "work until 2027-06-07 22:00 (runOver), drained 2027-06-07 22:15, no record"],
    [
      "early, when nobody has the shift yet",
      "2027-06-07 03:50",
      "work until 2027-06-07 05:50 (runOver), drained 2027-06-07 06:05, no record",
    ],
    [
      "inside a window, where somebody may have it",
      "2027-06-07 11:00",
      "work until 2027-06-07 13:00 (runOver), drained 2027-06-07 13:15, job/2027-06-07/weekday",
    ],
  ])("%s", (_, now, what) => expect(said(now, karachi, 7200)).toBe(what));

  test("also without a calendar", () => {
    expect(said("2027-06-07 04:00", undefined, 60)).toBe(
      "work until 2027-06-07 04:01 (runOver), drained 2027-06-07 04:01, no record",
    );
  });
});

test("without a calendar it works until it is told to end", () => {
  expect(said("2027-06-07 04:00", undefined)).toBe("work, no record");
});

test("a clinic that never opens again does not keep a start looking for long", () => {
  const over = calendar([window("once", "mon 09:00-17:00")], {
    holidays: Array.from({ length: 120 }, (_, week) =>
      new Date(utc("2027-06-07 00:00") + week * 604_800_000).toISOString().slice(0, 10),
    ),
  });
  const began = performance.now();
  expect(said("2027-06-08 04:00", over)).toBe("closed, next never");
  expect(performance.now() - began).toBeLessThan(1000);
});

test("an operator reads in the clinic's own time why nobody works, and when somebody will", () => {
  const now = utc("2027-06-09 04:30");
  const plan = planAt(now, karachi, undefined);
  if (plan.do !== "leave") throw new Error("open");
  expect(closedMessage(now, plan, karachi)).toBe(
    "2027-06-09 09:30 (Asia/Karachi) is a holiday. The next shift starts 2027-06-10 08:55. AGENT_RUN_FOR=2h runs a worker now.",
  );
});
