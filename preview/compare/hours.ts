/** When a worker runs: its starts, its open hours, and the timeout that has to reach over them. */
import { longestShift } from "../../domain/calendar.ts";
import { type Segment, weekOf } from "../../domain/coverage.ts";
import { formatDuration } from "../../domain/duration.ts";
import { TIMEOUT_MARGIN } from "../../domain/hours.ts";
import { nextRuns } from "../../domain/next-runs.ts";
import type { Minutes, Weekday } from "../../domain/week.ts";
import type { StartPlan, WorkerPlan } from "../../domain/worker.ts";
import { dateAt, type Instant } from "../../domain/zone.ts";
import { daysInWords, fromTo, ifChanged, listed, type Sentence, sides, timeRange } from "./sentence.ts";
import { type Fires, firesInWords, nextThree } from "./times.ts";

export function hoursSentences(before: WorkerPlan, after: WorkerPlan, now: Instant): readonly Sentence[] {
  return [...starts(before, after, now), ...openHours(before, after, now), ...timeout(before, after)];
}

function starts(before: WorkerPlan, after: WorkerPlan, now: Instant): readonly Sentence[] {
  const { added, removed, kept } = sides(byWindow(before), byWindow(after));
  const next = (start: StartPlan) => nextThree(nextRuns(start, now, 3, after.calendar), start.timeZone);
  const about = after.key;
  // A prepared worker gets all of its starts at once, and its image says so.
  if (before.prepared !== after.prepared) {
    return added.map(([, start]) => ({
      topic: "starts",
      about,
      text: `starts ${firesInWords(start)}; ${next(start)}`,
    }));
  }
  return [
    ...kept.flatMap(([, was, is]): Sentence[] =>
      firesInWords(was) === firesInWords(is)
        ? []
        : [{ topic: "starts", about, text: `starts ${firesInWords(was, is)}; ${next(is)}` }],
    ),
    ...added.map(
      ([window, start]): Sentence => ({
        topic: "starts",
        about,
        text: `new start ${window}: ${firesInWords(start)}; ${next(start)}`,
      }),
    ),
    ...removed.map(
      ([window, start]): Sentence => ({
        topic: "starts",
        about,
        text: `no start ${window} any more: it was ${firesInWords(start)}`,
      }),
    ),
  ];
}

const byWindow = ({ starts }: WorkerPlan): Readonly<Record<string, StartPlan & Fires>> =>
  Object.fromEntries(starts.map((start) => [start.window, start]));

/** What callers notice: hours in which somebody answers, gained or lost. */
function openHours(before: WorkerPlan, after: WorkerPlan, now: Instant): readonly Sentence[] {
  const about = after.key;
  const [was, is] = [before.calendar, after.calendar];
  const [old, fresh] = [weekOf(before), weekOf(after)];
  const zone = was.timeZone === is.timeZone ? is.timeZone : undefined;
  const [gained, lost] = [minutesWithout(fresh.days, old.days), minutesWithout(old.days, fresh.days)];
  const moved = [
    ...(gained.length === 0 ? [] : [`gains ${listed(gained)}`]),
    ...(lost.length === 0 ? [] : [`loses ${listed(lost)}`]),
  ];
  const hours = (amount: number) => Number(amount.toFixed(2));
  const week =
    old.hoursOpen === fresh.hoursOpen
      ? `${hours(fresh.hoursOpen)} h a week as before`
      : `${fromTo(String(hours(old.hoursOpen)), String(hours(fresh.hoursOpen)))} h a week`;
  return [
    ...(zone === undefined
      ? [{ topic: "hours" as const, about, text: `the hours are those of ${fromTo(was.timeZone, is.timeZone)}` }]
      : []),
    ...(moved.length === 0
      ? []
      : [{ topic: "hours" as const, about, text: `open ${week}: ${moved.join(", ")} ${is.timeZone}` }]),
    ...holidays(about, was, is, now),
    ...ifChanged("hours", about, "starts before opening by", formatDuration(was.lead), formatDuration(is.lead)),
    ...ifChanged(
      "hours",
      about,
      "calls may run on after closing for",
      formatDuration(was.drain),
      formatDuration(is.drain),
    ),
  ];
}

/** Dates still to come alone: nobody is closed in the past. */
function holidays(
  about: string,
  was: WorkerPlan["calendar"],
  is: WorkerPlan["calendar"],
  now: Instant,
): readonly Sentence[] {
  const today = dateAt(is.timeZone, now).toString();
  const missing = (dates: readonly string[], from: readonly string[]) =>
    from.filter((date) => !dates.includes(date) && date >= today).sort();
  const [closed, opened] = [missing(was.holidays, is.holidays), missing(is.holidays, was.holidays)];
  return [
    ...(closed.length === 0 ? [] : [{ topic: "hours" as const, about, text: `also closed on ${listed(closed)}` }]),
    ...(opened.length === 0 ? [] : [{ topic: "hours" as const, about, text: `open again on ${listed(opened)}` }]),
  ];
}

type Days = readonly { readonly day: Weekday; readonly segments: readonly Segment[] }[];

/** The open hours of one week that another lacks, days with the same hours together: `Mon–Fri 08:30–09:00`. */
function minutesWithout(week: Days, other: Days): readonly string[] {
  const byHours = new Map<string, Weekday[]>();
  for (const { day, segments } of week) {
    const open = (days: Days) =>
      days.find((candidate) => candidate.day === day)?.segments.filter(({ kind }) => kind === "open") ?? [];
    for (const [from, to] of without(
      segments.filter(({ kind }) => kind === "open"),
      open(other),
    )) {
      const hours = timeRange(from, to);
      byHours.set(hours, [...(byHours.get(hours) ?? []), day]);
    }
  }
  return [...byHours].map(([hours, days]) => `${daysInWords(days)} ${hours}`);
}

function without(spans: readonly Segment[], others: readonly Segment[]): readonly (readonly [Minutes, Minutes])[] {
  const cut = others.reduce<readonly (readonly [Minutes, Minutes])[]>(
    (left, { from, to }) =>
      left.flatMap(([start, end]) =>
        [[start, Math.min(end, from)] as const, [Math.max(start, to), end] as const].filter(([a, b]) => a < b),
      ),
    spans.map(({ from, to }) => [from, to] as const),
  );
  // Two windows that touch are one span of time.
  const joined: (readonly [Minutes, Minutes])[] = [];
  for (const [from, to] of cut) {
    const last = joined.at(-1);
    if (last?.[1] === from) joined[joined.length - 1] = [last[0], to];
    else joined.push([from, to]);
  }
  return joined;
}

function timeout(before: WorkerPlan, after: WorkerPlan): readonly Sentence[] {
  const { calendar, shifts, timeoutGiven } = after;
  const longest = formatDuration(longestShift(calendar.timeZone, shifts));
  const margins = `${formatDuration(calendar.drain)} of drain and ${formatDuration(TIMEOUT_MARGIN)} of margin`;
  const lead = calendar.lead === 0 ? "" : `${formatDuration(calendar.lead)} of lead, `;
  const why = timeoutGiven
    ? `, given in the settings; the longest shift is ${longest}`
    : `: the longest shift is ${longest}, with ${lead}${margins}`;
  const was = formatDuration(before.timeout);
  return ifChanged("timeout", after.key, "timeout", was, formatDuration(after.timeout), why);
}
