/** ISO weekday: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Minutes since a local midnight. Over 1,440 means the next day. */
export type Minutes = number;

export const DAY: Minutes = 1440;
export const WEEK: Minutes = 7 * DAY;

export const weekdays: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];
const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/**
 * Reads days as people write them: `mon-fri`, `sat`, `mon,wed,fri`, `sun-thu` (a range may pass the week's end).
 *
 * @returns distinct days in the week's order, or `undefined` when a part names no day
 */
export function parseDays(text: string): readonly Weekday[] | undefined {
  const found = new Set<Weekday>();
  for (const part of text.toLowerCase().split(",")) {
    const [first, last, ...rest] = part.trim().split("-");
    const from = dayNumber(first);
    const to = last === undefined ? from : dayNumber(last);
    if (from === undefined || to === undefined || rest.length > 0) return undefined;
    for (let day = from; ; day = nextDay(day)) {
      found.add(day);
      if (day === to) break;
    }
  }
  return weekdays.filter((day) => found.has(day));
}

function dayNumber(name: string | undefined): Weekday | undefined {
  const index = names.indexOf(name as (typeof names)[number]);
  return index < 0 ? undefined : weekdays[index];
}

export function nextDay(day: Weekday): Weekday {
  return day === 7 ? 1 : ((day + 1) as Weekday);
}

/** The weekday `days` after (or, negative, before) `day`. */
export function shiftDay(day: Weekday, days: number): Weekday {
  return (((((day - 1 + days) % 7) + 7) % 7) + 1) as Weekday;
}

/** `[1,2,3,4,5]` is `mon-fri`, `[1,3]` is `mon,wed`: what `parseDays` reads. Ranges of three and more only. */
export function formatDays(days: readonly Weekday[]): string {
  return ranges(days, weekdays, (day) => names[day - 1] ?? "");
}

/** The fifth field of a unix cron: Sunday is 0; `*` for every day. */
export function cronDays(days: readonly Weekday[]): string {
  if (days.length === 7) return "*";
  const sundayFirst: readonly Weekday[] = [7, 1, 2, 3, 4, 5, 6];
  return ranges(days, sundayFirst, (day) => String(day % 7));
}

function ranges(days: readonly Weekday[], order: readonly Weekday[], name: (day: Weekday) => string): string {
  const runs: Weekday[][] = [];
  for (const day of order.filter((candidate) => days.includes(candidate))) {
    const run = runs.at(-1);
    const previous = run?.at(-1);
    if (run !== undefined && previous !== undefined && nextDay(previous) === day) run.push(day);
    else runs.push([day]);
  }
  return runs
    .flatMap((run) => (run.length > 2 ? [`${name(run[0] as Weekday)}-${name(run.at(-1) as Weekday)}`] : run.map(name)))
    .join(",");
}

/**
 * Reads a local time of day, `09:00`; with `24:00` allowed for the end of the day.
 *
 * @returns minutes since midnight, or `undefined`
 */
export function parseTime(text: string): Minutes | undefined {
  const match = /^(\d{2}):(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  const minutes = hour * 60 + minute;
  return minute < 60 && minutes <= DAY ? minutes : undefined;
}

/** `540` is `09:00`; times past midnight start again: `1500` is `01:00`, but the day's own end stays `24:00`. */
export function formatTime(minutes: Minutes): string {
  const inDay = minutes === DAY ? DAY : ((minutes % DAY) + DAY) % DAY;
  return `${String(Math.floor(inDay / 60)).padStart(2, "0")}:${String(inDay % 60).padStart(2, "0")}`;
}

/** A unix cron (five fields) that fires at one local time on some days. */
export function cronAt(minutes: Minutes, days: readonly Weekday[]): string {
  return `${minutes % 60} ${Math.floor(minutes / 60)} * * ${cronDays(days)}`;
}
