import type { OfficeHours } from "../../domain/hours.ts";
import { DAY, parseDays, type Weekday } from "../../domain/week.ts";

const MINUTE = 60_000;

/** What the clock on a wall shows. */
interface Reading {
  readonly day: Weekday;
  readonly date: string;
  readonly yesterday: string;
  readonly minute: number;
}

/** A clock on a wall somewhere, read through Intl alone: nothing of what is tested is used. */
export function wallClock(timeZone: string): (at: number) => Reading {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const known = new Map<number, Reading>();
  return (at) => {
    const reading = known.get(at) ?? read(format.formatToParts(at));
    known.set(at, reading);
    return reading;
  };
}

function read(parts: readonly Intl.DateTimeFormatPart[]): Reading {
  const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? "";
  const date = `${part("year")}-${part("month")}-${part("day")}`;
  return {
    day: parseDays(part("weekday"))?.[0] ?? 1,
    date,
    yesterday: new Date(Date.parse(`${date}T12:00Z`) - DAY * MINUTE).toISOString().slice(0, 10),
    minute: Number(part("hour")) * 60 + Number(part("minute")),
  };
}

/** When a clinic opens and closes by a clock that is looked at every minute: `+` and `-` with the first minute of each. */
export function openings(
  { windows, holidays }: OfficeHours,
  clock: (at: number) => Reading,
  from: number,
  to: number,
): readonly string[] {
  const isOpen = (at: number) => {
    const { day, date, yesterday, minute } = clock(at);
    const dayBefore = day === 1 ? 7 : day - 1;
    return windows.some(
      ({ days, open, close }) =>
        (days.includes(day) && !holidays.includes(date) && minute >= open && minute < close) ||
        (days.some((other) => other === dayBefore) && !holidays.includes(yesterday) && minute + DAY < close),
    );
  };
  const edges: string[] = [];
  let before = isOpen(from - MINUTE);
  for (let at = from; at < to; at += MINUTE) {
    const open = isOpen(at);
    if (open !== before) edges.push(`${open ? "+" : "-"}${new Date(at).toISOString().slice(0, 16)}`);
    before = open;
  }
  return edges;
}
