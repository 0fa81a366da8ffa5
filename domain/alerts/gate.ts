import { Temporal } from "temporal-polyfill";
import { officeSpans } from "../calendar.ts";
import { DAY_SECONDS, type Seconds } from "../duration.ts";
import type { OfficeHours } from "../hours.ts";
import { nextDay, type Weekday } from "../week.ts";
import { HORIZON_END, HORIZON_START, type Instant, instantOf, offsetAt, zoneChanges } from "../zone.ts";

/** Which part of every window is watched. */
export interface Part {
  /** From so long past the opening. */
  readonly after: Seconds;
  /** For so long; left out, until closing. */
  readonly lasts?: Seconds;
}

/** A stretch of time, the end excluded. */
interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
}

/** A window's watched part, in seconds since the local midnight of its opening day. */
interface Repeat {
  readonly days: readonly Weekday[];
  readonly from: Seconds;
  readonly lasts: Seconds;
}

const WEEK_SECONDS: Seconds = 7 * DAY_SECONDS;
/** Seconds between 1970-01-01, a Thursday, and the Monday before it: PromQL's `time()` counts from the Thursday. */
const THURSDAY: Seconds = 3 * DAY_SECONDS;
/** Farther than a window and an offset reach: what a zone change or a holiday can alter lies this near to it. */
const REACH = 3 * DAY_SECONDS * 1000;

/**
 * The office hours as PromQL: a number that is 1 in the watched part of every window, and 0 elsewhere.
 *
 * Cloud Monitoring's clock knows UTC only. So the zone's own clock is made of it, with the times between which each
 * offset holds, and compared with one pattern of the local week. What that gets wrong against the calendar itself
 * (a window that the clocks change in, a holiday) is listed as stretches that are added or taken out.
 *
 * @returns undefined when nothing of any window is left to watch
 */
export function gate(hours: OfficeHours, part: Part): string | undefined {
  const repeats = hours.windows
    .map(({ days, open, close }) => ({
      days,
      from: open * 60 + part.after,
      lasts: part.lasts ?? (close - open) * 60 - part.after,
    }))
    .filter(({ lasts }) => lasts > 0);
  if (repeats.length === 0) return undefined;
  const regimes = regimesOf(hours.timeZone);
  const { added, removed } = corrections(hours, part, repeats, regimes);
  const clock = clockOf(regimes);
  const usual = regimes[0]?.offset ?? 0;
  const weekly = repeats.flatMap(({ days, from, lasts }) =>
    runsOf(days).map((run) => pattern(clock, run, from - usual, lasts)),
  );
  const open = [...weekly, ...added.map(within)].join("+");
  return removed.length === 0 ? open : `(${open})*(1-${removed.map(within).join("-")})`;
}

/** A time during which a zone keeps one offset. The first began, and the last ends, outside the horizon. */
interface Regime extends Stretch {
  readonly offset: Seconds;
}

function regimesOf(zone: string): readonly Regime[] {
  const changes = zoneChanges(zone);
  const edges = [Number.NEGATIVE_INFINITY, ...changes.map(({ at }) => at), Number.POSITIVE_INFINITY];
  const offsets = [changes[0]?.before ?? offsetAt(zone, HORIZON_START), ...changes.map(({ after }) => after)];
  return offsets.map((offset, index) => ({ offset, from: edges[index] as Instant, to: edges[index + 1] as Instant }));
}

/** A clock that shows, under every offset, the UTC of the same local time under the first. */
function clockOf(regimes: readonly Regime[]): string {
  const usual = regimes[0]?.offset ?? 0;
  const others = [...new Set(regimes.map(({ offset }) => offset))].filter((offset) => offset !== usual);
  const shifts = others.map((offset) => {
    const times = regimes.filter((regime) => regime.offset === offset).map(within);
    return `+${offset - usual}*(${times.join("+")})`;
  });
  return `time()${shifts.join("").replaceAll("+-", "-")}`;
}

/** One window on days that follow each other: near enough to the first opening of the week, and to one of the day. */
function pattern(clock: string, { first, days }: Run, from: Seconds, lasts: Seconds): string {
  const ofWeek = `((${clock}-${modulo((first - 1) * DAY_SECONDS + from - THURSDAY, WEEK_SECONDS)})%${WEEK_SECONDS}<bool ${(days - 1) * DAY_SECONDS + lasts})`;
  const ofDay = `((${clock}-${modulo(from, DAY_SECONDS)})%${DAY_SECONDS}<bool ${lasts})`;
  if (days === 1 || lasts === DAY_SECONDS) return ofWeek;
  return days === 7 ? ofDay : `${ofWeek}*${ofDay}`;
}

/** Days that follow each other, also over the week's end. */
interface Run {
  readonly first: Weekday;
  readonly days: number;
}

function runsOf(days: readonly Weekday[]): readonly Run[] {
  if (days.length === 7) return [{ first: 1, days: 7 }];
  const starts = days.filter((day) => !days.some((other) => nextDay(other) === day));
  return starts.map((first) => {
    let length = 1;
    for (let day = nextDay(first); days.includes(day); day = nextDay(day)) length++;
    return { first, days: length };
  });
}

function modulo(value: Seconds, by: Seconds): Seconds {
  return ((value % by) + by) % by;
}

function within({ from, to }: Stretch): string {
  const after = from === Number.NEGATIVE_INFINITY ? [] : [`(time()>=bool ${from / 1000})`];
  const before = to === Number.POSITIVE_INFINITY ? [] : [`(time()<bool ${to / 1000})`];
  return [...after, ...before].join("*");
}

/** Where the patterns and the calendar differ within the horizon. */
function corrections(hours: OfficeHours, part: Part, repeats: readonly Repeat[], regimes: readonly Regime[]) {
  const holidays = hours.holidays.map((date) => instantOf(hours.timeZone, Temporal.PlainDate.from(date), 0));
  const doubtful = [...zoneChanges(hours.timeZone).map(({ at }) => at), ...holidays.filter(inHorizon)];
  const around = union(doubtful.map((at) => ({ from: at - REACH, to: at + REACH })));
  const added: Stretch[] = [];
  const removed: Stretch[] = [];
  for (const near of around) {
    const wanted = watched(hours, part, near);
    const drawn = union(regimes.flatMap((regime) => repeated(repeats, regime, near)));
    added.push(...minus(wanted, drawn));
    for (const gone of minus(drawn, wanted)) {
      // Two stretches with nothing open between them are one: a holiday in the morning and in the afternoon.
      const last = removed.at(-1);
      const between = (open: Stretch) => last !== undefined && open.from < gone.from && open.to > last.to;
      if (last !== undefined && last.to > near.from && !wanted.some(between)) {
        removed[removed.length - 1] = { from: last.from, to: gone.to };
      } else removed.push(gone);
    }
  }
  return { added, removed };
}

/** What the calendar itself says. */
function watched(hours: OfficeHours, { after, lasts }: Part, near: Stretch): readonly Stretch[] {
  return union(
    officeSpans(hours, near.from - REACH, near.to + REACH).map(({ opens, closes }) => {
      const from = opens + after * 1000;
      return { from, to: lasts === undefined ? closes : from + lasts * 1000 };
    }),
  ).flatMap((stretch) => clip(stretch, near));
}

/** What the pattern of a regime says. */
function repeated(repeats: readonly Repeat[], regime: Regime, near: Stretch): readonly Stretch[] {
  const here = clip(regime, near)[0];
  if (here === undefined) return [];
  return repeats.flatMap(({ days, from, lasts }) => {
    const found: Stretch[] = [];
    for (const day of days) {
      const inWeek = (day - 1) * DAY_SECONDS + from - regime.offset - THURSDAY;
      const week = Math.floor((here.from / 1000 - inWeek) / WEEK_SECONDS);
      for (let opens = inWeek + week * WEEK_SECONDS; opens * 1000 < here.to; opens += WEEK_SECONDS) {
        found.push(...clip({ from: opens * 1000, to: (opens + lasts) * 1000 }, here));
      }
    }
    return found;
  });
}

function inHorizon(at: Instant): boolean {
  return at >= HORIZON_START && at < HORIZON_END;
}

function clip(stretch: Stretch, bounds: Stretch): readonly Stretch[] {
  const clipped = { from: Math.max(stretch.from, bounds.from), to: Math.min(stretch.to, bounds.to) };
  return clipped.from < clipped.to ? [clipped] : [];
}

/** Stretches in order, those that touch joined. */
function union(stretches: readonly Stretch[]): readonly Stretch[] {
  const joined: Stretch[] = [];
  for (const { from, to } of stretches.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to)
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else joined.push({ from, to });
  }
  return joined;
}

/** What of `all` is not in `less`; both in order. */
function minus(all: readonly Stretch[], less: readonly Stretch[]): readonly Stretch[] {
  return all.flatMap((stretch) => {
    const left: Stretch[] = [];
    let from = stretch.from;
    for (const gone of less) {
      if (gone.to <= from || gone.from >= stretch.to) continue;
      if (gone.from > from) left.push({ from, to: gone.from });
      from = gone.to;
    }
    if (from < stretch.to) left.push({ from, to: stretch.to });
    return left;
  });
}
