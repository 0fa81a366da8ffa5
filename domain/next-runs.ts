import { type Calendar, shiftSpans } from "./calendar.ts";
import type { SchedulerJobPlan } from "./scheduler.ts";
import { formatTime } from "./week.ts";
import { clockTroubles, dateAt, type Instant, instantOf, timeAt, weekdayOf, zoneChanges } from "./zone.ts";

/** One firing of a scheduler job. */
export interface NextRun {
  readonly at: Instant;
  /** `2026-11-23 09:00`, in the job's zone. */
  readonly local: string;
  /** `2026-11-23 04:00`. */
  readonly utc: string;
  /** Why it does nothing: the start fires, and the worker finds the clinic closed and leaves at once. */
  readonly suppressed?: "holiday";
  /** The local time happens never or twice on this day: Cloud Scheduler documents no rule for either. */
  readonly clock?: "skipped" | "repeated";
}

/** The part of a scheduler job that says when it fires. */
export type Firing = Pick<SchedulerJobPlan, "timeZone" | "at" | "days">;

/**
 * The next runs of a scheduler job from a moment on (that moment included).
 *
 * A local time that the zone skips is shown at the end of the gap, one that it repeats at its first occurrence, as
 * `instantOf` has it: at best Cloud Scheduler does the same. Such runs are marked.
 *
 * @param calendar of the worker that the job starts; left out for a round, which no holiday stops
 */
export function nextRuns(job: Firing, from: Instant, count: number, calendar?: Calendar): readonly NextRun[] {
  const runs = firings(job, from, count);
  const troubles = new Map(clockTroubles(job.timeZone, job.at, job.days).map(({ date, kind }) => [date, kind]));
  const starts = calendar === undefined ? new Set(runs) : startsAmong(runs, calendar);
  return runs.map((at) => {
    const clock = troubles.get(dateAt(job.timeZone, at).toString());
    return {
      at,
      local: localTime(job.timeZone, at),
      utc: localTime("UTC", at),
      ...(starts.has(at) ? {} : { suppressed: "holiday" as const }),
      ...(clock === undefined ? {} : { clock }),
    };
  });
}

function firings({ timeZone, at, days }: Firing, from: Instant, count: number): readonly Instant[] {
  const found: Instant[] = [];
  for (let date = dateAt(timeZone, from); found.length < count; date = date.add({ days: 1 })) {
    if (!days.includes(weekdayOf(date))) continue;
    const fires = instantOf(timeZone, date, at);
    if (fires >= from) found.push(fires);
  }
  return found;
}

/** When shifts start, about the time of some runs. */
function startsAmong(runs: readonly Instant[], calendar: Calendar): ReadonlySet<Instant> {
  const [first = 0, last = first] = [runs.at(0), runs.at(-1)];
  const day = 86_400_000;
  return new Set(shiftSpans(calendar, first, last + day).map(({ starts }) => starts));
}

/** A run whose time in UTC differs from those before it, because the zone has changed. */
export interface ShiftedRun {
  readonly change: Instant;
  readonly run: NextRun;
}

/** The first run after the zone's next change, or `undefined` when it changes no more. */
export function runAfterChange(job: Firing, from: Instant, calendar?: Calendar): ShiftedRun | undefined {
  const change = zoneChanges(job.timeZone).find(({ at }) => at > from)?.at;
  if (change === undefined) return undefined;
  const [run] = nextRuns(job, change, 1, calendar);
  return run && { change, run };
}

/** `2026-11-23 09:00`. */
export function localTime(zone: string, at: Instant): string {
  return `${dateAt(zone, at)} ${formatTime(timeAt(zone, at))}`;
}
