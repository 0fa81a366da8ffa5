import { formatDays, formatTime, type Minutes, type Weekday } from "../../domain/week.ts";

/** What changes for people, in words. */
export interface Sentence {
  /** The kind of change, for whoever looks for one: stable, as the field names of the JSON. */
  readonly topic:
    | "starts"
    | "hours"
    | "timeout"
    | "size"
    | "image"
    | "retries"
    | "command"
    | "variables"
    | "secrets"
    | "heartbeat"
    | "rounds"
    | "access"
    | "protection"
    | "alerts"
    | "place"
    | "labels";
  /** The worker, round or whatever it is about, as the settings call it. */
  readonly about: string;
  /** Without `about`, and without a full stop: `timeout 8h25m → 8h55m`. */
  readonly text: string;
}

/** A value that has changed: `09:00 → 08:30`. */
export const fromTo = (before: string, after: string): string => `${before} → ${after}`;

/** `Mon–Fri`, `Mon, Wed`, `every day`. */
export function daysInWords(days: readonly Weekday[]): string {
  if (days.length === 7) return "every day";
  return formatDays(days)
    .replaceAll("-", "–")
    .replaceAll(",", ", ")
    .replace(/[a-z]+/g, (day) => day.charAt(0).toUpperCase() + day.slice(1));
}

export const timeRange = (from: Minutes, to: Minutes): string => `${formatTime(from)}–${formatTime(to)}`;

/** `a, b and c` */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** The names that are on one side alone, and those on both. */
export function sides<T>(before: Readonly<Record<string, T>>, after: Readonly<Record<string, T>>) {
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return {
    added: [...now].filter(([key]) => !old.has(key)),
    removed: [...old].filter(([key]) => !now.has(key)),
    kept: [...now].flatMap(([key, is]): [string, T, T][] => (old.has(key) ? [[key, old.get(key) as T, is]] : [])),
  };
}

/** One sentence where two texts differ, none where they do not. */
export function ifChanged(
  topic: Sentence["topic"],
  about: string,
  what: string,
  before: string,
  after: string,
  why = "",
): readonly Sentence[] {
  if (before === after) return [];
  return [{ topic, about, text: `${what} ${fromTo(before, after)}${why}` }];
}
