import type { Calendar } from "./calendar.ts";
import { type Finding, FindingsError, join, quoted } from "./findings.ts";
import type { Window } from "./hours.ts";
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

/**
 * Reads what `encodeCalendar` wrote. By hand: the runtime reads it too, and a library of schemas would be a third of
 * the file that is put into every worker's image.
 *
 * @throws FindingsError with everything that is wrong, when the text is not a calendar of this contract
 */
export function decodeCalendar(text: string): Calendar {
  const findings: Finding[] = [];
  const calendar = new Fields(jsonOf(text), "", findings);
  calendar.hasOnly(["timeZone", "week", "holidays", "lead", "drain"]);
  const decoded = {
    timeZone: calendar.text("timeZone"),
    windows: calendar
      .list("week")
      .flatMap((window, index) => windowOf(new Fields(window, join("week", index), findings))),
    holidays: calendar.list("holidays").map((_, index) => calendar.textIn("holidays", index)),
    lead: calendar.seconds("lead", 60),
    drain: calendar.seconds("drain", 1),
  };
  if (findings.length > 0) throw new FindingsError(findings);
  return decoded;
}

function windowOf(fields: Fields): readonly Window[] {
  fields.hasOnly(["name", "days", "open", "close"]);
  const name = fields.text("name");
  const days = fields.parsed("days", parseDays, "names no weekdays");
  const open = fields.parsed("open", parseTime, "is not a time of day");
  const close = fields.parsed("close", parseTime, "is not a time of day");
  if (days === undefined || open === undefined || close === undefined) return [];
  return [{ name, days, open, close: close + (close <= open ? DAY : 0) }];
}

/** A map whose fields are read one by one: what is wrong is noted, and the reading goes on. */
class Fields {
  readonly #map: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #findings: Finding[];
  /** Of what is not even a map nothing more is said. */
  readonly #silent: boolean;

  constructor(value: unknown, path: string, findings: Finding[]) {
    this.#path = path;
    this.#findings = findings;
    this.#silent = typeof value !== "object" || value === null || Array.isArray(value);
    this.#map = this.#silent ? {} : (value as Record<string, unknown>);
    if (this.#silent) findings.push({ path, problem: `${kindOf(value)}, and must be a map in JSON.`, remedy });
  }

  hasOnly(known: readonly string[]): void {
    for (const name of Object.keys(this.#map).filter((name) => !known.includes(name))) {
      this.#wrong([name], "is not known to this version of the contract.");
    }
  }

  text(name: string): string {
    return this.#textAt([name], this.#map[name]) ?? "";
  }

  textIn(list: string, index: number): string {
    return this.#textAt([list, index], this.list(list)[index]) ?? "";
  }

  parsed<T>(name: string, parse: (text: string) => T | undefined, what: string): T | undefined {
    const text = this.#textAt([name], this.#map[name]);
    if (text === undefined) return undefined;
    const parsed = parse(text);
    if (parsed === undefined) this.#wrong([name], `${quoted(text)} ${what}.`);
    return parsed;
  }

  list(name: string): readonly unknown[] {
    const value = this.#map[name];
    if (Array.isArray(value)) return value;
    this.#wrong([name], `${kindOf(value)}, and must be a list.`);
    return [];
  }

  seconds(name: string, step: number): number {
    const value = this.#map[name];
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value % step === 0) return value;
    const given = typeof value === "number" ? `is ${value}` : kindOf(value);
    const must = step === 1 ? "a whole number of seconds" : `a multiple of ${step} seconds`;
    this.#wrong([name], `${given}, and must be ${must}, 0 or more.`);
    return 0;
  }

  #textAt(path: readonly (string | number)[], value: unknown): string | undefined {
    if (typeof value === "string") return value;
    this.#wrong(path, `${kindOf(value)}, and must be a text.`);
    return undefined;
  }

  #wrong(path: readonly (string | number)[], problem: string): void {
    if (!this.#silent) this.#findings.push({ path: join(this.#path, ...path), problem, remedy });
  }
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
  return typeof value === "number" ? "is a number" : `is ${value}`;
}
