import { Temporal } from "temporal-polyfill";
import type { Seconds } from "./duration.ts";
import { MAX_TASK_TIMEOUT, type Margins, mergeGap, type OfficeHours, type Shift, TIMEOUT_MARGIN } from "./hours.ts";
import { DAY, type Minutes } from "./week.ts";
import { dateAt, type Instant, instantOf, weekdayOf, zoneChanges } from "./zone.ts";

/** The office hours on the line of time, with what surrounds them: what both the program and the runtime decide from. */
export interface Calendar extends OfficeHours, Margins {}

/** A span of time with the window that opened it. */
export interface Span {
  readonly window: string;
  readonly opens: Instant;
  readonly closes: Instant;
}

/** A shift on the line of time. */
export interface ShiftSpan extends Span {
  /**
   * When its start fires: at the opening's local time less the lead, since a cron is local.
   * Where the zone changes in between, that is not `lead` before `opens`.
   */
  readonly starts: Instant;
  /** The latest end of its calls: closing and drain. */
  readonly ends: Instant;
}

/** A window on a date. */
interface Opening extends Span {
  readonly date: Temporal.PlainDate;
  readonly open: Minutes;
  /** Local minutes from some midnight before them all: what windows merge by, as in a week. */
  readonly from: Minutes;
  readonly to: Minutes;
}

function openings({ timeZone, windows, holidays }: OfficeHours, from: Instant, to: Instant): readonly Opening[] {
  const found: Opening[] = [];
  // A window belongs to the date it opens on, and may have opened the day before.
  const first = dateAt(timeZone, from).subtract({ days: 1 });
  const last = dateAt(timeZone, to);
  for (let days = 0, date = first; Temporal.PlainDate.compare(date, last) <= 0; days++, date = first.add({ days })) {
    if (holidays.includes(date.toString())) continue;
    for (const { name, days: weekdays, open, close } of windows) {
      if (!weekdays.includes(weekdayOf(date))) continue;
      const opens = instantOf(timeZone, date, open);
      const closes = instantOf(timeZone, date, close);
      if (opens >= closes || closes <= from || opens >= to) continue;
      found.push({ window: name, opens, closes, date, open, from: days * DAY + open, to: days * DAY + close });
    }
  }
  return found.sort((a, b) => a.opens - b.opens);
}

/** The windows that are open at some time in `[from, to)`, holidays left out, in order. */
export function officeSpans(hours: OfficeHours, from: Instant, to: Instant): readonly Span[] {
  return openings(hours, from, to).map(({ window, opens, closes }) => ({ window, opens, closes }));
}

/**
 * The shifts that serve the office hours in `[from, to)`: windows that follow closely share one, as in `shiftsOfWeek`
 * and by local time as there, so that a zone change between two windows neither joins nor parts them.
 */
export function shiftSpans(calendar: Calendar, from: Instant, to: Instant): readonly ShiftSpan[] {
  const { timeZone, lead, drain } = calendar;
  const gap = mergeGap(calendar) / 60;
  const shifts: { first: Opening; last: Opening }[] = [];
  // Enough before `from` to see where a merged shift began.
  for (const next of openings(calendar, from - MAX_TASK_TIMEOUT * 1000, to)) {
    const shift = shifts.at(-1);
    if (shift !== undefined && next.from - shift.last.to < gap) shift.last = next;
    else shifts.push({ first: next, last: next });
  }
  return shifts
    .filter(({ last }) => last.closes > from)
    .map(({ first, last }) => ({
      window: first.window,
      opens: first.opens,
      closes: last.closes,
      starts: instantOf(timeZone, first.date, first.open - lead / 60),
      ends: last.closes + drain * 1000,
    }));
}

/** The longest that one shift takes in absolute time: an overnight window on the autumn change is an hour longer. */
export function longestShift(timeZone: string, shifts: readonly Shift[]): Seconds {
  const usual = shifts.map(({ open, close }) => (close - open) * 60);
  const aroundChanges = zoneChanges(timeZone).flatMap(({ at }) => {
    const changeDate = dateAt(timeZone, at);
    // A shift opens at most seven days before it closes; one day more on each side for the lead.
    return Array.from({ length: 10 }, (_, index) => changeDate.subtract({ days: 8 - index })).flatMap((date) =>
      shifts
        .filter(({ day }) => day === weekdayOf(date))
        .map(({ open, close }) => (instantOf(timeZone, date, close) - instantOf(timeZone, date, open)) / 1000),
    );
  });
  return Math.max(0, ...usual, ...aroundChanges);
}

/**
 * How long one task may run: the longest shift in absolute time, with lead, drain and margin.
 *
 * A task that reaches its timeout counts as failed and pages somebody, so a shift must never end this way;
 * the worker leaves by itself at closing.
 */
export function taskTimeout(timeZone: string, shifts: readonly Shift[], { lead, drain }: Margins): Seconds {
  // From the start on, whose time is local: the zone may change between it and the opening.
  const runs = shifts.map((shift) => ({ ...shift, open: shift.open - lead / 60 }));
  return longestShift(timeZone, runs) + drain + TIMEOUT_MARGIN;
}

/** Whether the clinic is open. Always, without a calendar. */
export function isOpenAt(now: Instant, calendar: Calendar | undefined): boolean {
  return calendar === undefined || officeSpans(calendar, now, now + 1).length > 0;
}
