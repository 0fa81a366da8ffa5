import type { Seconds } from "./duration.ts";
import { cronAt, DAY, formatDays, formatTime, type Minutes, shiftDay, WEEK, type Weekday } from "./week.ts";

/** A span of office hours that repeats on some weekdays, in the clinic's local time. */
export interface Window {
  /** The key in `officeHours.week`; part of the scheduler job's name. */
  readonly name: string;
  /** The weekdays on which it opens. */
  readonly days: readonly Weekday[];
  readonly open: Minutes;
  /** Since the midnight of the opening day: over 1,440 when the window crosses midnight. */
  readonly close: Minutes;
}

/** When the clinic is open. */
export interface OfficeHours {
  /** IANA name. */
  readonly timeZone: string;
  readonly windows: readonly Window[];
  /** Local dates (`2026-12-25`) whose windows stay closed. */
  readonly holidays: readonly string[];
}

/** How far a task runs beyond the office hours. */
export interface Margins {
  /** Before opening. */
  readonly lead: Seconds;
  /** After closing. */
  readonly drain: Seconds;
}

/**
 * Time between the end of the drain and the task's timeout, for start-up, shutdown and a scheduler that fires late.
 * A task that reaches its timeout counts as failed and pages somebody, so it must never come close.
 */
export const TIMEOUT_MARGIN: Seconds = 600;

/**
 * Cloud Run's longest task: 168 hours.
 * https://docs.cloud.google.com/run/docs/configuring/task-timeout (November 2026)
 */
export const MAX_TASK_TIMEOUT: Seconds = 168 * 3600;

/** https://docs.cloud.google.com/run/docs/configuring/max-retries (November 2026) */
export const MOST_TASK_RETRIES = 10;

/** Windows that one execution serves without a break, at one place in the week. */
export interface Shift {
  /** The window that opens it. */
  readonly window: Window;
  readonly day: Weekday;
  readonly open: Minutes;
  /** Since the midnight of the opening day. */
  readonly close: Minutes;
}

/** One window on one weekday. */
interface Occurrence {
  readonly window: Window;
  readonly day: Weekday;
  /** Minutes since Monday's midnight. */
  readonly from: Minutes;
  readonly to: Minutes;
}

export function occurrences(windows: readonly Window[]): readonly Occurrence[] {
  return windows
    .flatMap((window) =>
      window.days.map((day) => ({
        window,
        day,
        from: (day - 1) * DAY + window.open,
        to: (day - 1) * DAY + window.close,
      })),
    )
    .sort((a, b) => a.from - b.from || a.to - b.to);
}

/** Pairs of windows that are open at the same time somewhere in the week. */
export function overlaps(windows: readonly Window[]): readonly (readonly [Window, Window, Weekday])[] {
  const all = occurrences(windows);
  const found = new Map<string, readonly [Window, Window, Weekday]>();
  for (const [index, earlier] of all.entries()) {
    const later = [...all.slice(index + 1), ...all.map((next) => ({ ...next, from: next.from + WEEK }))];
    for (const next of later) {
      if (next.from >= earlier.to) break;
      if (next.from - WEEK === earlier.from && next.window === earlier.window) continue;
      const key = `${earlier.window.name}\n${next.window.name}`;
      if (!found.has(key)) found.set(key, [earlier.window, next.window, next.day]);
    }
  }
  return [...found.values()];
}

/**
 * The shifts of a week: windows that follow so closely that the second would start
 * before the first has drained are served by one execution.
 *
 * @returns shifts in the week's order, or `"endless"` when the windows leave no gap at all in the week
 */
export function shiftsOfWeek(windows: readonly Window[], margins: Margins): readonly Shift[] | "endless" {
  const gap = mergeGap(margins) / 60;
  const all = occurrences(windows);
  if (all.length === 0) return [];

  const first = all.findIndex(({ from }, index) => from - previousEnd(all, index) >= gap);
  if (first < 0) return "endless";

  const shifts: (Shift & { readonly to: Minutes })[] = [];
  // From the first opening that follows a gap once around the week, so that a shift over the week's end stays whole.
  for (const { window, day, from, to } of [...all.slice(first), ...all.slice(0, first).map(nextWeek)]) {
    const current = shifts.at(-1);
    if (current === undefined || from - current.to >= gap) {
      shifts.push({ window, day, open: window.open, close: window.close, to });
    } else {
      shifts[shifts.length - 1] = { ...current, close: current.close + to - current.to, to };
    }
  }
  return shifts.map(({ to: _, ...shift }) => shift).sort((a, b) => a.day - b.day || a.open - b.open);
}

function previousEnd(all: readonly Occurrence[], index: number): Minutes {
  const before = all[index - 1];
  return before === undefined ? (all.at(-1)?.to ?? 0) - WEEK : before.to;
}

function nextWeek(occurrence: Occurrence): Occurrence {
  return { ...occurrence, from: occurrence.from + WEEK, to: occurrence.to + WEEK };
}

/** Windows with less than this between them share an execution. */
export function mergeGap({ lead, drain }: Margins): Seconds {
  return lead + drain + TIMEOUT_MARGIN;
}

/** A scheduler job that starts shifts: one for each window that opens any. */
export interface Start {
  readonly window: Window;
  /** Local weekdays on which it fires, in the week's order; the day before the opening when the lead crosses midnight. */
  readonly days: readonly Weekday[];
  /** Local time at which it fires. */
  readonly at: Minutes;
  /** Five-field unix cron, local to the clinic. */
  readonly cron: string;
}

/**
 * The scheduler jobs for the shifts of a week.
 *
 * @param lead whole minutes: Cloud Scheduler fires on the minute
 */
export function startsOfWeek(shifts: readonly Shift[], lead: Seconds): readonly Start[] {
  const byWindow = new Map<Window, Weekday[]>();
  for (const { window, day } of shifts) byWindow.set(window, [...(byWindow.get(window) ?? []), day]);
  return [...byWindow].map(([window, days]) => {
    const at = window.open - lead / 60;
    const fires = days.map((day) => shiftDay(day, Math.floor(at / DAY))).sort((a, b) => a - b);
    const time = at - Math.floor(at / DAY) * DAY;
    return { window, days: fires, at: time, cron: cronAt(time, fires) };
  });
}

/** `mon-fri 09:00-17:00`. */
export function formatWindow({ days, open, close }: Pick<Window, "days" | "open" | "close">): string {
  return `${formatDays(days)} ${formatTime(open)}-${formatTime(close)}`;
}

/** Shifts that a fixed timeout ends too soon. */
export interface Shortfall {
  /** Weekdays of the opening. */
  readonly days: readonly Weekday[];
  readonly close: Minutes;
  /** When the task is stopped, since the midnight of the opening day: before closing nobody answers from then on, after it calls are cut. */
  readonly stops: Minutes;
  /** The latest closing that the timeout would serve, or `undefined` when it serves none. */
  readonly closeBy: Minutes | undefined;
}

/** The shifts of an ordinary week that a fixed timeout would end before they have closed and drained. */
export function uncovered(timeout: Seconds, shifts: readonly Shift[], { lead, drain }: Margins): readonly Shortfall[] {
  const reach = Math.floor((timeout - lead) / 60);
  const usable = Math.floor((timeout - lead - drain - TIMEOUT_MARGIN) / 60);
  const found = new Map<string, { days: Weekday[] } & Omit<Shortfall, "days">>();
  for (const { open, close, day } of shifts) {
    if (open + usable >= close) continue;
    const known = found.get(`${open}-${close}`);
    if (known !== undefined) known.days.push(day);
    else {
      const closeBy = usable > 0 ? open + usable : undefined;
      found.set(`${open}-${close}`, { days: [day], close, stops: open + Math.max(0, reach), closeBy });
    }
  }
  return [...found.values()];
}
