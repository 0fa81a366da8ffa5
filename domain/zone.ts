import { distance } from "fastest-levenshtein";
import { Temporal } from "temporal-polyfill";
import type { Seconds } from "./duration.ts";
import { quoted } from "./findings.ts";
import { DAY, type Minutes, type Weekday } from "./week.ts";

/** Milliseconds since 1970, UTC. */
export type Instant = number;

/**
 * The years that calendars are worked out for, first and last included.
 *
 * Constant, so that an alert's query does not change from day to day (a query that changes is a change in every preview).
 */
export const HORIZON = { first: 2026, last: 2028 } as const;

export const HORIZON_START: Instant = Date.UTC(HORIZON.first, 0, 1);
export const HORIZON_END: Instant = Date.UTC(HORIZON.last + 1, 0, 1);

/** What is wrong with a time zone's name, or `undefined`. */
export function zoneProblem(name: string): string | undefined {
  if (name === "UTC") return undefined;
  if (/^[A-Z]{2,5}(\d[A-Z]{3})?$/.test(name)) {
    return `${quoted(name)} is an abbreviation, not a place: it ignores summer time, or means several zones.`;
  }
  if (!/^[A-Z][A-Za-z]+\/[A-Za-z_+\-0-9/]+$/.test(name)) return unknownZone(name);
  try {
    const id = new Temporal.ZonedDateTime(0n, name).timeZoneId;
    return id === name ? undefined : `${quoted(name)} is spelled ${id}.`;
  } catch {
    return unknownZone(name);
  }
}

/** Names the nearest zone, by its whole name or by its city alone, unless none is near. */
function unknownZone(name: string): string {
  const given = name.toLowerCase().replaceAll(" ", "_");
  const off = (zone: string) => distance(given, zone.toLowerCase());
  const nearest = Intl.supportedValuesOf("timeZone")
    .map((zone) => ({ zone, off: Math.min(off(zone), off(zone.slice(zone.lastIndexOf("/") + 1))) }))
    .sort((a, b) => a.off - b.off)[0];
  const near = nearest !== undefined && nearest.off <= 2 ? ` Did you mean ${nearest.zone}?` : "";
  return `${quoted(name)} is not a time zone.${near}`;
}

/** A change of a zone's offset. */
export interface ZoneChange {
  readonly at: Instant;
  /** Offset from UTC before and after. */
  readonly before: Seconds;
  readonly after: Seconds;
}

/** The changes of a zone's offset within the horizon, in order. */
export function zoneChanges(zone: string): readonly ZoneChange[] {
  const known = changesOf.get(zone);
  if (known !== undefined) return known;
  const changes: ZoneChange[] = [];
  let moment: Temporal.ZonedDateTime | null = new Temporal.ZonedDateTime(BigInt(HORIZON_START) * 1_000_000n, zone);
  let before = moment.offsetNanoseconds / 1e9;
  for (;;) {
    moment = moment.getTimeZoneTransition("next");
    if (moment === null || moment.epochMilliseconds >= HORIZON_END) break;
    const after = moment.offsetNanoseconds / 1e9;
    if (after !== before) changes.push({ at: moment.epochMilliseconds, before, after });
    before = after;
  }
  changesOf.set(zone, changes);
  return changes;
}
const changesOf = new Map<string, readonly ZoneChange[]>();

/** The zone's offset from UTC at an instant within the horizon. */
export function offsetAt(zone: string, at: Instant): Seconds {
  const changes = zoneChanges(zone);
  const last = changes.filter((change) => change.at <= at).at(-1);
  if (last !== undefined) return last.after;
  const first = changes[0];
  return first?.before ?? new Temporal.ZonedDateTime(BigInt(at) * 1_000_000n, zone).offsetNanoseconds / 1e9;
}

/**
 * The instant of a local time. A local time that the zone repeats is taken at its first occurrence, one that it skips at
 * the end of the gap: nobody's clock shows it, and the next thing that any clock shows is the end of the gap.
 *
 * @param minutes since the date's midnight; below 0 is the day before, over 1,440 a day after
 */
export function instantOf(zone: string, date: Temporal.PlainDate, minutes: Minutes): Instant {
  const days = Math.floor(minutes / DAY);
  const inDay = minutes - days * DAY;
  const [hour, minute] = [Math.floor(inDay / 60), inDay % 60];
  const moment = (days === 0 ? date : date.add({ days })).toZonedDateTime({
    timeZone: zone,
    plainTime: new Temporal.PlainTime(hour, minute),
  });
  if (moment.hour === hour && moment.minute === minute) return moment.epochMilliseconds;
  // Temporal puts a skipped time as far behind the gap as it is inside. The nanosecond: "previous" leaves out the moment itself.
  const gap = moment.add({ nanoseconds: 1 }).getTimeZoneTransition("previous");
  return (gap ?? moment).epochMilliseconds;
}

/** The local date at an instant. */
export function dateAt(zone: string, at: Instant): Temporal.PlainDate {
  return new Temporal.ZonedDateTime(BigInt(Math.floor(at)) * 1_000_000n, zone).toPlainDate();
}

/** The local time of day at an instant. */
export function timeAt(zone: string, at: Instant): Minutes {
  const { hour, minute } = new Temporal.ZonedDateTime(BigInt(Math.floor(at)) * 1_000_000n, zone);
  return hour * 60 + minute;
}

export function weekdayOf(date: Temporal.PlainDate): Weekday {
  return date.dayOfWeek as Weekday;
}

/** A local time of day that a zone change makes happen twice, or not at all. */
export interface ClockTrouble {
  readonly date: string;
  readonly kind: "skipped" | "repeated";
}

/**
 * The dates on which a local time, on some weekdays, is skipped or repeated within the horizon.
 *
 * @param time since the midnight of the day in `days`; from 1,440 on a day after
 */
export function clockTroubles(zone: string, time: Minutes, days: readonly Weekday[]): readonly ClockTrouble[] {
  return zoneChanges(zone).flatMap(({ at, before, after }): ClockTrouble[] => {
    // The wall clock, read as if it were UTC, just before a gap, or just after a repeat begins: the local times from
    // there on, for as long as the clock is moved, are the ones that happen never or twice.
    const wall = new Temporal.ZonedDateTime(BigInt(at + Math.min(before, after) * 1000) * 1_000_000n, "UTC");
    const from = wall.hour * 60 + wall.minute;
    const to = from + Math.abs(after - before) / 60;
    const clock = time % DAY;
    if (clock < from || clock >= to) return [];
    const date = wall.toPlainDate();
    const opened = date.subtract({ days: Math.floor(time / DAY) });
    if (!days.includes(weekdayOf(opened))) return [];
    return [{ date: date.toString(), kind: after > before ? "skipped" : "repeated" }];
  });
}

/** What is wrong with a local date, or `undefined`. */
export function dateProblem(text: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${quoted(text)} is not a date.`;
  try {
    Temporal.PlainDate.from(text, { overflow: "reject" });
    return undefined;
  } catch {
    return `${quoted(text)} is not a date: no calendar has it.`;
  }
}
