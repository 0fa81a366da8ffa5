import { taskTimeout } from "./calendar.ts";
import { formatDuration, type Seconds } from "./duration.ts";
import { type Margins, type Shift, type Shortfall, uncovered } from "./hours.ts";
import { DAY, formatDays, formatTime, type Minutes, shiftDay } from "./week.ts";

/** What is wrong with a fixed timeout for these shifts, or `undefined`. */
export function timeoutProblem(
  timeout: Seconds,
  timeZone: string,
  shifts: readonly Shift[],
  margins: Margins,
): { problem: string; remedy: string } | undefined {
  const needed = taskTimeout(timeZone, shifts, margins);
  const given = formatDuration(timeout);
  const derived = `Leave timeout out (${formatDuration(needed)} is derived)`;
  const short = uncovered(timeout, shifts, margins);
  if (short.length > 0) {
    const closings = short.map(({ days, closeBy }) =>
      closeBy === undefined ? undefined : `${short.length > 1 ? `${formatDays(days)} ` : ""}at ${formatTime(closeBy)}`,
    );
    const close = closings.includes(undefined) ? "" : `, or close ${and(closings as string[])}`;
    return { problem: `${given} ${and([absences(short), cuts(short)].flat())}.`, remedy: `${derived}${close}.` };
  }
  if (timeout >= needed) return undefined;
  return {
    problem: `${given} is ${formatDuration(needed - timeout)} short on a night when ${timeZone} sets its clocks back.`,
    remedy: `${derived}.`,
  };
}

function absences(short: readonly Shortfall[]): readonly string[] {
  const gaps = short.filter(({ stops, close }) => stops < close).map(formatGap);
  return gaps.length === 0 ? [] : [`leaves ${and(gaps)} without a worker`];
}

function cuts(short: readonly Shortfall[]): readonly string[] {
  const closings = short
    .filter(({ stops, close }) => stops >= close)
    .map(({ days, close }) => `${formatDays(days)} ${formatTime(close)}`);
  return closings.length === 0 ? [] : [`cuts calls that run on after ${and(closings)}`];
}

/** `mon-fri 13:00-17:00`, with the days on which it begins; the last day too when it goes on for days. */
function formatGap({ days, stops, close }: Shortfall): string {
  const later = (minutes: Minutes) => formatDays(days.map((day) => shiftDay(day, Math.floor(minutes / DAY))));
  const from = `${later(stops)} ${formatTime(stops % DAY)}`;
  return close - stops > DAY ? `${from} to ${later(close)} ${formatTime(close)}` : `${from}-${formatTime(close)}`;
}

function and(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
