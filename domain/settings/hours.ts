import { z } from "zod";
import { longestShift, taskTimeout } from "../calendar.ts";
import { formatDuration, type Seconds } from "../duration.ts";
import {
  formatWindow,
  MAX_TASK_TIMEOUT,
  type OfficeHours,
  overlaps,
  shiftsOfWeek,
  TIMEOUT_MARGIN,
  type Window,
} from "../hours.ts";
import { timeoutProblem } from "../timeout.ts";
import { DAY, formatTime } from "../week.ts";
import { date, days, distinct, key, mapOf, problem, time, timeZone } from "./fields.ts";
import { inspect, rightEntries } from "./inspect.ts";
import { written } from "./written.ts";

const windowSchema = z
  .strictObject({
    days: days.describe("Weekdays on which it opens."),
    open: time.describe("Local opening time."),
    close: time.describe("Local closing time; before `open` it is the next day's."),
  })
  .check(
    inspect(["open", "close"], (context) => {
      const { open, close } = context.value;
      if (open !== close && open !== DAY) return;
      problem(
        context,
        `${formatTime(open)} to ${formatTime(close)} is not a span of time: hours cannot end when they begin.`,
        'Correct one of the two; a whole day is open: "00:00", close: "24:00".',
        ["close"],
      );
    }),
  )
  .transform(({ days, open, close }) => ({ days, open, close: close > open ? close : close + DAY }))
  .register(written, { kind: "a map", example: '{ days: mon-fri, open: "09:00", close: "17:00" }' });

type Week = Readonly<Record<string, z.output<typeof windowSchema>>>;

/** A clinic's office hours, as written. */
export const officeHoursSchema = z
  .strictObject({
    timeZone: timeZone.describe("The clinic's time zone."),
    week: mapOf(key, windowSchema).describe("The windows of a week. Their keys are part of the scheduler jobs' names."),
    holidays: distinct(date)
      .default([])
      .describe("Local dates that stay closed: the windows that open on them, to their end."),
  })
  .check(
    inspect([], (context) => {
      for (const [earlier, later] of overlaps(windowsOf(rightEntries(context, ["week"], context.value.week)))) {
        problem(
          context,
          `${formatWindow(later)} overlaps ${earlier.name} (${formatWindow(earlier)}): a call would have two workers.`,
          "Join the two windows, or close the earlier one sooner.",
          ["week", later.name],
        );
      }
    }),
    inspect(["week"], (context) => {
      if (Object.keys(context.value.week).length > 0) return;
      problem(context, "no window is given: the worker would never start.", "Give at least one window.", ["week"]);
    }),
  );

function windowsOf(week: readonly (readonly [string, Week[string]])[]): readonly Window[] {
  return week.map(([name, window]) => ({ name, ...window }));
}

/** Office hours as everything else takes them. */
export function officeHoursOf({ timeZone, week, holidays }: z.output<typeof officeHoursSchema>): OfficeHours {
  return { timeZone, windows: windowsOf(Object.entries(week)), holidays: [...holidays].sort() };
}

interface WithHours {
  readonly officeHours: z.output<typeof officeHoursSchema>;
  readonly lead: Seconds;
  readonly drain: Seconds;
  readonly timeout?: Seconds | undefined;
}

const pools = "Use a Cloud Run worker pool: it is made for workers that never stop, a job is not.";

/** Whether the hours end at all: a shift without end fits no task. */
export const endingHours = inspect<WithHours>(["officeHours.week", "lead", "drain"], (context) => {
  const { officeHours, ...margins } = context.value;
  if (shiftsOfWeek(officeHoursOf(officeHours).windows, margins) !== "endless") return;
  problem(context, "the windows leave no gap in the week, so that a shift would never end.", pools, [
    "officeHours",
    "week",
  ]);
});

/** Whether a Cloud Run task can be as long as the hours need, and a fixed timeout is. */
export const fittingHours = inspect<WithHours>(
  ["officeHours.week", "officeHours.timeZone", "lead", "drain", "timeout"],
  (context) => {
    const { officeHours, timeout, ...margins } = context.value;
    const { timeZone, windows } = officeHoursOf(officeHours);
    const shifts = shiftsOfWeek(windows, margins);
    if (shifts === "endless") return;
    // Following a zone through its changes takes a while, and they add no day: most hours are far from the limit.
    const [longest = 0] = shifts.map(({ open, close }) => close - open).sort((a, b) => b - a);
    if (timeout === undefined && longest + 2 * DAY < MAX_TASK_TIMEOUT / 60) return;
    const needed = taskTimeout(timeZone, shifts, margins);
    if (needed > MAX_TASK_TIMEOUT) {
      problem(
        context,
        `the longest shift (${formatDuration(longestShift(timeZone, shifts))}) with lead, drain and ${formatDuration(TIMEOUT_MARGIN)} needs ${formatDuration(needed)}, over the ${formatDuration(MAX_TASK_TIMEOUT)} of a Cloud Run task.`,
        pools,
        ["officeHours", "week"],
      );
    }
    const found = timeout === undefined ? undefined : timeoutProblem(timeout, timeZone, shifts, margins);
    if (found !== undefined) problem(context, found.problem, found.remedy, ["timeout"]);
  },
);
