import * as z from "zod/mini";
import type { Calendar } from "./calendar.ts";
import type { Seconds } from "./duration.ts";
import { type Finding, FindingsError, join, quoted } from "./findings.ts";
import { DAY, formatDays, formatTime, parseDays, parseTime } from "./week.ts";

/**
 * The calendar as the Job carries it: JSON, in the words of the settings, so that an operator can read it.
 */
export function encodeCalendar(calendar: Calendar): string {
  return JSON.stringify({
    timeZone: calendar.timeZone,
    week: calendar.windows.map(({ name, days, open, close }) => ({
      name,
      days: formatDays(days),
      open: formatTime(open),
      close: formatTime(close),
    })),
    holidays: calendar.holidays,
    lead: calendar.lead,
    drain: calendar.drain,
  });
}

/** What is wrong with a value that is none of this kind. */
const must = (kind: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `${kindOf(input)}, and must be ${kind}.`,
});

const text = z.string(must("a text"));

/** A text that means something. */
function parsed<T>(parse: (text: string) => T | undefined, what: string) {
  const read = z.transform((given: string, { issues }) => {
    const value = parse(given);
    if (value !== undefined) return value;
    issues.push({ code: "custom", input: given, message: `${quoted(given)} ${what}.` });
    return z.NEVER;
  });
  return z.pipe(text, read);
}

function seconds(step: number, kind: string) {
  const fits = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) % step === 0;
  return z.custom<Seconds>(fits, must(`${kind}, 0 or more`));
}

const timeOfDay = parsed(parseTime, "is not a time of day");

const written = z.strictObject(
  {
    timeZone: text,
    week: z.array(
      z.strictObject(
        { name: text, days: parsed(parseDays, "names no weekdays"), open: timeOfDay, close: timeOfDay },
        must("a map in JSON"),
      ),
      must("a list"),
    ),
    holidays: z.array(text, must("a list")),
    lead: seconds(60, "a multiple of 60 seconds"),
    drain: seconds(1, "a whole number of seconds"),
  },
  must("a map in JSON"),
);

/**
 * Reads what `encodeCalendar` wrote.
 *
 * @throws FindingsError with everything that is wrong, when the text is not a calendar of this contract
 */
export function decodeCalendar(text: string): Calendar {
  const { data, error } = z.safeParse(written, jsonOf(text), { reportInput: true });
  if (error !== undefined) throw new FindingsError(error.issues.flatMap(findingsOf));
  const { week, ...calendar } = data;
  const windows = week.map((window) => ({ ...window, close: window.close + (window.close <= window.open ? DAY : 0) }));
  return { ...calendar, windows };
}

function findingsOf(issue: z.core.$ZodIssue): readonly Finding[] {
  const at = (path: readonly PropertyKey[], problem: string) => ({ path: join(...path.map(String)), problem, remedy });
  if (issue.code !== "unrecognized_keys") return [at(issue.path, issue.message)];
  return issue.keys.map((key) => at([...issue.path, key], "is not known to this version of the contract."));
}

const remedy =
  "The program writes the calendar from officeHours, lead and drain: do not write it by hand, and deploy with the version of agent-worker that is in the image.";

/** What is no JSON is read as the text that it is, and refused as a text. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return "is missing";
  if (value === null) return "is null";
  if (Array.isArray(value)) return "is a list";
  if (typeof value === "object") return "is a map";
  if (typeof value === "string") return "is a text";
  return `is ${value}`;
}
