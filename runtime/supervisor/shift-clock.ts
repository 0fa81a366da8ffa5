import { type Calendar, type ShiftSpan, shiftSpans } from "../../domain/calendar.ts";
import type { Seconds } from "../../domain/duration.ts";
import { MAX_TASK_TIMEOUT } from "../../domain/hours.ts";
import { localTime } from "../../domain/next-runs.ts";
import { dateAt, type Instant } from "../../domain/zone.ts";
import type { Millis } from "../ports.ts";

/**
 * How much earlier than its start a container may find itself, and wait: its clock may be slow. Anything earlier was not
 * started for this shift. Ours.
 */
const EARLY: Millis = 600_000;

/** When a container stops taking calls, by the calendar or by AGENT_RUN_FOR. */
export interface End {
  readonly reason: "closing" | "runOver";
  readonly at: Instant;
  /** When calls that still run are cut. */
  readonly drained: Instant;
}

/** What the calendar says to a container that starts. */
export type Plan =
  | {
      readonly do: "leave";
      readonly why: "closed" | "holiday";
      /** The next shift, if there is one in the year ahead. */
      readonly next: ShiftSpan | undefined;
    }
  | { readonly do: "wait"; readonly shift: ShiftSpan }
  | {
      readonly do: "work";
      /** The shift whose record this container takes. None outside every window: then nobody else is in its way. */
      readonly shift: ShiftSpan | undefined;
      /** None without a calendar: it works until the worker ends, or it is told to. */
      readonly end: End | undefined;
    };

/**
 * @param runFor AGENT_RUN_FOR: works for this long from now on, whatever the calendar says
 */
export function planAt(now: Instant, calendar: Calendar | undefined, runFor: Seconds | undefined): Plan {
  const shift = calendar === undefined ? undefined : shiftAt(now, calendar);
  if (runFor !== undefined) {
    const at = now + runFor * 1000;
    const end: End = { reason: "runOver", at, drained: at + (calendar?.drain ?? 0) * 1000 };
    return { do: "work", shift: shift !== undefined && shift.starts <= now ? shift : undefined, end };
  }
  if (calendar === undefined) return { do: "work", shift: undefined, end: undefined };
  if (shift === undefined) {
    const holiday = shiftAt(now, { ...calendar, holidays: [] }) !== undefined;
    return { do: "leave", why: holiday ? "holiday" : "closed", next: nextShift(now, calendar) };
  }
  if (now < shift.starts) return { do: "wait", shift };
  return { do: "work", shift, end: { reason: "closing", at: shift.closes, drained: shift.ends } };
}

/** The shift that a container which starts now is for: not over yet, and not to start in more than ten minutes. */
function shiftAt(now: Instant, calendar: Calendar): ShiftSpan | undefined {
  // As far as the longest shift: a window that follows closely belongs to it, and it closes when that one does.
  return shiftSpans(calendar, now, now + MAX_TASK_TIMEOUT * 1000).find(({ starts }) => starts - EARLY <= now);
}

const DAY: Millis = 86_400_000;

function nextShift(now: Instant, calendar: Calendar): ShiftSpan | undefined {
  // Mostly it is in the week ahead; a clinic may also close for months.
  for (const days of [8, 60, 366]) {
    const next = shiftSpans(calendar, now, now + days * DAY).find(({ starts }) => starts > now);
    if (next !== undefined) return next;
  }
  return undefined;
}

/** Why nobody works now, and when somebody will: for the operator who started it, in the clinic's own time. */
export function closedMessage(
  now: Instant,
  { why, next }: Extract<Plan, { do: "leave" }>,
  { timeZone }: Calendar,
): string {
  const reason = why === "holiday" ? "a holiday" : "outside office hours";
  const opening =
    next === undefined
      ? "No shift starts in the year ahead."
      : `The next shift starts ${localTime(timeZone, next.starts)}.`;
  return `${localTime(timeZone, now)} (${timeZone}) is ${reason}. ${opening} AGENT_RUN_FOR=2h runs a worker now.`;
}

/**
 * The id of a shift's record: one for each job and opening, whoever serves it.
 *
 * @param job the Job's full name, AGENT_JOB
 */
export function shiftRecordId(job: string, { timeZone }: Calendar, { opens, window }: ShiftSpan): string {
  return `${job}/${dateAt(timeZone, opens)}/${window}`;
}
