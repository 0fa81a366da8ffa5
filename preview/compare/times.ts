import type { NextRun } from "../../domain/next-runs.ts";
import type { SchedulerJobPlan } from "../../domain/scheduler.ts";
import { formatTime } from "../../domain/week.ts";
import { daysInWords, fromTo } from "./sentence.ts";

/** When a scheduler job fires. */
export type Fires = Pick<SchedulerJobPlan, "days" | "at" | "timeZone">;

/** `Mon–Fri 09:00 Asia/Karachi`; with another that follows it, only what differs twice: `Mon–Fri 09:00 → 08:30 Asia/Karachi`. */
export function firesInWords(was: Fires, is: Fires = was): string {
  const parts = (fires: Fires) => [daysInWords(fires.days), formatTime(fires.at), fires.timeZone];
  const [old, now] = [parts(was), parts(is)];
  const differ = now.map((part, index) => part !== old[index]);
  const [first, last] = [differ.indexOf(true), differ.lastIndexOf(true) + 1];
  if (first < 0) return now.join(" ");
  const middle = fromTo(old.slice(first, last).join(" "), now.slice(first, last).join(" "));
  return [...now.slice(0, first), middle, ...now.slice(last)].join(" ");
}

/** `next three Mon 2026-11-30 08:30, Tue … and … (03:30 UTC)`, in the job's own zone. */
export function nextThree(runs: readonly NextRun[], timeZone: string): string {
  return nextThreeOf(runs.map((run) => ({ ...run, timeZone })));
}

/**
 * The same of several jobs, each run in its own zone.
 *
 * @param naming whether the zones are said: where they are not all one
 */
export function nextThreeOf(runs: readonly (NextRun & { readonly timeZone: string })[], naming = false): string {
  const weekday = (at: number, timeZone: string) =>
    new Intl.DateTimeFormat("en", { weekday: "short", timeZone }).format(at);
  const shown = runs.map(({ at, local, suppressed, clock, timeZone }) => {
    const note = suppressed === undefined ? (clock === undefined ? "" : ` (${clock})`) : " (holiday)";
    return `${weekday(at, timeZone)} ${local}${naming ? ` ${timeZone}` : ""}${note}`;
  });
  const utc = [...new Set(runs.map(({ utc }) => utc.slice(-5)))];
  return `next three ${shown.join(", ")}${utc.length === 1 ? ` (${utc[0]} UTC)` : ""}`;
}
