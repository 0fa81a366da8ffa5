import { Temporal } from "temporal-polyfill";
import type { Seconds } from "../../duration.ts";
import type { SchedulerJobPlan } from "../../scheduler.ts";
import type { StartPlan, WorkerPlan } from "../../worker.ts";
import { clockTroubles } from "../../zone.ts";
import { groups } from "../calendars.ts";
import { gate } from "../gate.ts";
import { grown, named, VISIBLE_AFTER } from "../promql.ts";

/** How long after the time limit a missed start is looked for. */
const LOOKED_FOR: Seconds = 900;

/** A scheduler job that should fire, except on some local dates. */
export interface Expected {
  readonly job: SchedulerJobPlan;
  readonly except: readonly string[];
}

/**
 * Jobs of which no attempt was seen within a time limit of their schedule.
 *
 * Looks back to just before the schedule, so that neither yesterday's attempt counts nor, for longer than a quarter of
 * an hour, one that somebody forced shortly before.
 */
export function missed(expected: readonly Expected[], attempts: string, within: Seconds): string {
  const due = groups(expected, ({ job: { timeZone, at, days }, except }) => ({ timeZone, at, days, except })).map(
    ({ by: { timeZone, at, days, except }, members }) => {
      // The shortest window that the calendar knows: what counts is when it opens.
      const windows = [{ name: "", days, open: at, close: at + 1 }];
      const holidays = [...except, ...clockTroubles(timeZone, at, days).map(({ date }) => date)];
      const open = gate({ timeZone, windows, holidays }, { after: within + VISIBLE_AFTER, lasts: LOOKED_FOR });
      return `${named(
        "job_id",
        members.map(({ job }) => job.name),
      )} and on() (vector(${open})>0)`;
    },
  );
  const seen = grown(attempts, within + VISIBLE_AFTER + LOOKED_FOR + 60, "job_id");
  return `(${due.join(" or ")}) unless on(job_id) ${seen}>0.5`;
}

/** A worker's starts. On a holiday nobody misses one: the worker would leave at once. */
export function expectedStarts({ calendar, starts }: WorkerPlan): readonly Expected[] {
  return starts.map((job) => ({ job, except: calendar.holidays.map((date) => firesOn(date, job, calendar)) }));
}

/** The date on which a start fires for a window that opens on `date`: the day before, when the lead crosses midnight. */
function firesOn(date: string, { at, window }: StartPlan, { windows }: WorkerPlan["calendar"]): string {
  const opens = windows.find(({ name }) => name === window)?.open ?? at;
  return at <= opens ? date : Temporal.PlainDate.from(date).subtract({ days: 1 }).toString();
}
