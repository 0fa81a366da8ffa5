import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { type Finding, FindingsError, join, quoted } from "../findings.ts";
import { keysOf, schemaAt, type Written, writtenAs } from "./written.ts";

/**
 * Reads a value by a schema.
 *
 * @param prefix path of the value in the stack file, in front of every finding's path
 * @throws FindingsError with every finding
 */
export function read<S extends z.ZodType>(schema: S, value: unknown, prefix = ""): z.output<S> {
  const result = inspectValue(schema, value, prefix);
  if (result.findings.length > 0 || result.value === undefined) throw new FindingsError(result.findings);
  return result.value;
}

/** Reads a value by a schema; the findings are returned, and there is a value when there are none. */
export function inspectValue<S extends z.ZodType>(
  schema: S,
  value: unknown,
  prefix = "",
): { readonly value?: z.output<S>; readonly findings: readonly Finding[] } {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { value: result.data, findings: [] };
  return { findings: result.error.issues.flatMap((issue) => findingsOf(issue, schema, prefix)) };
}

function findingsOf(issue: z.core.$ZodIssue, schema: z.ZodType, prefix: string): readonly Finding[] {
  const path = join(prefix, ...issue.path.map(String));
  const at = schemaAt(schema, issue.path);
  const known = at === undefined ? undefined : writtenAs(at);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((name) => unknownKey(join(path, name), name, at === undefined ? [] : keysOf(at)));
    case "invalid_key":
      // What the map's schema of keys says is wrong with the key itself.
      return issue.issues.flatMap((inner) => findingsOf({ ...inner, path: issue.path }, schema, prefix));
    case "invalid_type":
      return [{ path, ...wrongType(issue.input, issue.expected, known) }];
    case "invalid_value":
      return [{ path, ...wrongChoice(issue.input, issue.values, known) }];
    case "custom":
      return [{ path, problem: issue.message, remedy: String(issue.params?.remedy) }];
    default:
      return [{ path, problem: `${issue.message}.`, remedy: "Correct the value." }];
  }
}

type What = Pick<Finding, "problem" | "remedy">;

const plainly: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  object: "a map of settings",
  record: "a map",
  array: "a list",
};

function wrongType(value: unknown, expected: string, known: Written | undefined): What {
  const kind = known?.kind ?? plainly[expected] ?? expected;
  const remedy = known === undefined ? `Give ${kind}.` : `Write ${known.example}.`;
  if (value === undefined) return { problem: "is missing.", remedy: `Give ${kind}${such(known)}.` };
  if (value === null) return { problem: "is empty.", remedy: `Give ${kind}${such(known)}, or leave the key out.` };
  // Shown only where the writing is known, and short: anything longer may be a secret or a phone number.
  const short = typeof value === "boolean" || (typeof value === "number" && Math.abs(value) < 1_000_000);
  const shown = known !== undefined && short ? `${value} is` : "is";
  if (expected === "string" && known === undefined && typeof value !== "object") {
    return { problem: `is ${typeOf(value)}, and must be a text.`, remedy: "Put it in quotes." };
  }
  if (typeof value === "string" && (expected === "number" || expected === "boolean")) {
    return { problem: `is a text, and must be ${kind}.`, remedy: `Write ${known?.example ?? kind}, without quotes.` };
  }
  return { problem: `${shown} ${typeOf(value)}, and must be ${kind}.`, remedy };
}

function such(known: Written | undefined): string {
  return known === undefined ? "" : `, such as ${known.example}`;
}

function wrongChoice(value: unknown, values: readonly unknown[], known: Written | undefined): What {
  const choices = values
    .map(String)
    .join(", ")
    .replace(/, ([^,]*)$/, " or $1");
  if (value === undefined) return { problem: "is missing.", remedy: `Give ${choices}.` };
  if (value === null) return { problem: "is empty.", remedy: `Give ${choices}.` };
  const quotes = typeof value === "string" && values.every((choice) => typeof choice === "number");
  const shown = typeof value === "object" ? typeOf(value) : typeof value === "string" ? quoted(value) : String(value);
  return {
    problem: `${shown} is not possible${known?.limits === undefined ? "" : `: ${known.limits}`}.`,
    remedy: `Give ${choices}${quotes ? ", without quotes" : ""}.`,
  };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "boolean") return "true or false";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}

/** Names that people bring along from gcloud's flags and Terraform, and the settings that say it here. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  project: ["gcp:project"],
  region: ["gcp:region"],
  schedule: ["officeHours", "daily"],
  cron: ["officeHours", "daily"],
  tasktimeout: ["timeout"],
  setenvvars: ["env"],
  setsecrets: ["secrets"],
  retrycount: ["retry"],
  uri: ["url", "service"],
};

function unknownKey(path: string, name: string, known: readonly string[]): Finding {
  const near = nearest(name, known);
  return {
    path,
    problem: "there is no such setting.",
    remedy: near === undefined ? `Known here: ${[...known].sort().join(", ")}.` : `Did you mean ${near}?`,
  };
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const bare = (text: string) => text.toLowerCase().replace(/[-_]/g, "");
  const candidates = [
    ...known.map((key) => ({ key, spelled: bare(key) })),
    ...Object.entries(elsewhere).flatMap(([spelled, keys]) => {
      const key = keys.find((candidate) => known.includes(candidate));
      return key === undefined ? [] : [{ key, spelled }];
    }),
  ].map(({ key, spelled }) => ({ key, off: spelled.startsWith(bare(name)) ? 1 : distance(bare(name), spelled) }));
  const best = candidates.sort((a, b) => a.off - b.off)[0];
  return best !== undefined && best.off <= Math.max(1, name.length / 3) ? best.key : undefined;
}
