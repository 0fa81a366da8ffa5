import { z } from "zod";
import { formatDuration, parseDuration, type Seconds } from "../duration.ts";
import { quoted } from "../findings.ts";
import { labelForm } from "../labels.ts";
import { hasPasswordInUrl } from "../target.ts";
import { type Minutes, parseDays, parseTime, type Weekday } from "../week.ts";
import { dateProblem, zoneProblem } from "../zone.ts";
import { inspect } from "./inspect.ts";
import { type Written, written } from "./written.ts";

/** What is wrong with a text, and the way out. */
export interface Problem {
  readonly problem: string;
  readonly remedy: string;
}

/** Fails a value with its reason, and the way out. */
export function problem<T>(context: z.core.ParsePayload<T>, message: string, remedy: string, path: PropertyKey[] = []) {
  context.issues.push({ code: "custom", input: context.value, message, path, params: { remedy } });
}

/** Text that `check` finds nothing wrong with. */
export function text(how: Written, check: (value: string) => Problem | undefined) {
  return z
    .string()
    .check((context) => {
      const found = check(context.value);
      if (found !== undefined) problem(context, found.problem, found.remedy);
    })
    .register(written, how);
}

/** What is written as text, and read as something else. */
export function parsed<T>(how: Written, parse: (value: string) => T | Problem) {
  return z
    .string()
    .transform((value, context): T => {
      const found = parse(value);
      if (!isProblem(found)) return found;
      context.issues.push({ code: "custom", input: value, message: found.problem, params: { remedy: found.remedy } });
      return z.NEVER;
    })
    .register(written, how);
}

function isProblem(found: unknown): found is Problem {
  return typeof found === "object" && found !== null && "remedy" in found;
}

interface Form extends Written {
  /** What is possible, in words, with its reason. */
  readonly limits: string;
  readonly remedy: string;
  /** A text that may hold a secret, or stand where one was meant to, is not shown. */
  readonly hidden?: boolean;
}

/** Text of one form. */
export function form(pattern: RegExp, { kind, limits, remedy, example, hidden = false }: Form) {
  return text({ kind, limits, example }, (value) =>
    pattern.test(value)
      ? undefined
      : { problem: `${hidden ? "the text" : quoted(value)} is not ${kind}: ${limits}.`, remedy },
  );
}

/** A whole number within limits, both included. */
export function whole(min: number, max: number, reason: string) {
  const limits = `${min} to ${max}: ${reason}`;
  return z
    .number()
    .check((context) => {
      const { value } = context;
      if (Number.isInteger(value) && value >= min && value <= max) return;
      problem(context, `${value} is not a whole number from ${limits}.`, `Choose one from ${min} to ${max}.`);
    })
    .register(written, { kind: "a whole number", example: String(min), limits });
}

/** A duration within limits, both included. */
export function duration({ min, max, reason }: { min: Seconds; max: Seconds; reason: string }) {
  const limits = `${formatDuration(min)} to ${formatDuration(max)}: ${reason}`;
  return parsed<Seconds>({ kind: "a duration", example: "30s, 15m or 8h25m", limits }, (value) => {
    const seconds = parseDuration(value);
    if (seconds === undefined) {
      return {
        problem: `${quoted(value)} is not a duration.`,
        remedy: "Write whole numbers with their units, such as 30s, 15m or 8h25m.",
      };
    }
    if (seconds >= min && seconds <= max) return seconds;
    return {
      problem: `${quoted(value)} is not a duration from ${limits}.`,
      remedy: `Choose one from ${formatDuration(min)} to ${formatDuration(max)}.`,
    };
  });
}

/** A list in which nothing stands twice. */
export function distinct<S extends z.ZodType<string>>(item: S) {
  return z.array(item).check(
    inspect([], (context) => {
      for (const [index, entry] of context.value.entries()) {
        if (context.value.indexOf(entry) === index) continue;
        problem(context, `${quoted(entry)} is given twice.`, "Leave one of the two out.", [index]);
      }
    }),
  );
}

/** https://cloud.google.com/resource-manager/docs/creating-managing-projects (November 2026) */
export const projectId = form(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, {
  kind: "a project's id",
  limits: "6 to 30 lower-case letters, digits and hyphens, a letter first and no hyphen last",
  remedy: "Give the project's id, not its name or number.",
  example: "ortho-ai-485203",
});

export const region = form(/^[a-z]+-[a-z]+[0-9]+$/, {
  kind: "a region",
  limits: "regions are spelled like us-central1",
  remedy: "Give a region of Cloud Run, such as us-central1.",
  example: "us-central1",
});

/** A key that becomes part of physical names. The names' own limits are in `names.ts`. */
export const key = form(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, {
  kind: "a name",
  limits:
    "at most 63 lower-case letters, digits and hyphens, a letter first and no hyphen last, since it becomes part of Google's names",
  remedy: "Rename it.",
  example: "dental-agent-worker",
});

/**
 * A map whose keys are checked beside its values. zod's own leaves out the value of a key that it refuses, and with it
 * everything that is wrong inside, which would be shown only in a second round.
 */
export function mapOf<V extends z.ZodType>(name: z.ZodType<string>, value: V) {
  const names = z.check<Record<string, unknown>>((context) => {
    for (const given of Object.keys(context.value)) {
      for (const { message, ...issue } of name.safeParse(given).error?.issues ?? []) {
        const remedy = "params" in issue ? String(issue.params?.remedy) : "Rename it.";
        problem(context, message, remedy, [given]);
      }
    }
  });
  names._zod.def.when = ({ value: map }) => typeof map === "object" && map !== null && !Array.isArray(map);
  return z.record(z.string(), value).check(names as never);
}

export const timeZone = text(
  { kind: "a time zone", example: "Asia/Karachi", limits: "IANA name of a place" },
  (value) => {
    const found = zoneProblem(value);
    return found === undefined
      ? undefined
      : { problem: found, remedy: "Give the IANA name of a place, such as Asia/Karachi." };
  },
);

/** YAML reads a date without quotes as a moment, which arrives as `2026-12-25T00:00:00Z`. */
export const date = text({ kind: "a date", example: '"2026-12-25"' }, (value) => {
  const found = dateProblem(value);
  return found === undefined ? undefined : { problem: found, remedy: 'Write dates as "2026-12-25", in quotes.' };
});

/** A local time of day, as minutes since midnight. Without quotes YAML may read `0900` or `09:00` as a number. */
export const time = parsed<Minutes>(
  { kind: "a local time", example: '"09:00", in quotes', limits: '"00:00" to "24:00"' },
  (value) =>
    parseTime(value) ?? {
      problem: `${quoted(value)} is not a time of day.`,
      remedy: 'Write local times as "09:00", in quotes, from "00:00" to "24:00".',
    },
);

/** Weekdays: `mon-fri`, `sat`, `mon,wed`. */
export const days = parsed<readonly Weekday[]>(
  { kind: "weekdays", example: "mon-fri, sat or mon,wed", limits: "mon to sun, a range, or a list with commas" },
  (value) =>
    parseDays(value) ?? {
      problem: `${quoted(value)} names no weekdays.`,
      remedy: "Write mon, tue, wed, thu, fri, sat or sun, with commas or as a range such as mon-fri.",
    },
);

/** Text that people may see: in previews, states, logs and the console. */
export const openText = z.string().check((context) => {
  if (context.value.includes("\0")) {
    problem(context, "the text holds a NUL character, which no process can be given.", "Leave it out.");
  }
  if (!hasPasswordInUrl(context.value)) return;
  problem(
    context,
    "the text holds a URL with a password (not shown here): previews, states and the console would show it.",
    "Make the URL a secret in Secret Manager, and name it under secrets.",
  );
});

/** Labels of Google Cloud. */
export const labels = z
  .record(
    form(labelForm.name, {
      kind: "a label's name",
      limits: "at most 63 lower-case letters, digits, hyphens and underscores, a letter first",
      remedy: "Rename the label.",
      example: "cost-center",
    }),
    form(labelForm.value, {
      kind: "a label's value",
      limits: "at most 63 lower-case letters, digits, hyphens and underscores",
      remedy: "Shorten or respell it. Labels reach the invoice: nothing about patients.",
      example: "voice-platform",
    }),
  )
  // 64 on a resource, of which three are the stack's own: https://cloud.google.com/resource-manager/docs/labels-overview (November 2026)
  .check((context) => {
    const amount = Object.keys(context.value).length;
    if (amount > 61)
      problem(context, `${amount} labels are over the 61 that Google leaves beside ours.`, "Keep fewer.");
  });
