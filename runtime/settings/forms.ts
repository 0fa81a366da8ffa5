import type { Calendar } from "../../domain/calendar.ts";
import { decodeCalendar } from "../../domain/contract.ts";
import { type Finding, FindingsError, quoted } from "../../domain/findings.ts";
import { shiftsOfWeek } from "../../domain/hours.ts";
import { dateAt, dateProblem } from "../../domain/zone.ts";
import { type Form, matching, shown, wrong } from "./form.ts";

/** AGENT_CALENDAR, as the program writes it. */
export const calendarText: Form<Calendar> = {
  kind: "calendar in JSON",
  read: (text) => {
    try {
      const calendar = decodeCalendar(text);
      const found = calendarProblems(calendar);
      return found.length === 0 ? { value: calendar } : { wrong: found };
    } catch (error) {
      if (error instanceof FindingsError) return { wrong: error.findings };
      throw error;
    }
  },
};

/** What would otherwise be noticed at the first opening. */
function calendarProblems({ timeZone, windows, holidays, lead, drain }: Calendar): readonly Finding[] {
  const found: Finding[] = [];
  if (!isKnownZone(timeZone)) {
    const problem = `${quoted(timeZone)} is not a time zone that this image's Node knows.`;
    found.push({ path: "timeZone", problem, remedy: "Build the image with a newer Node." });
  }
  if (shiftsOfWeek(windows, { lead, drain }) === "endless") {
    const problem = "leaves no gap in the week: a shift would never end, and no two starts would agree when it began.";
    found.push({
      path: "week",
      problem,
      remedy: "Leave AGENT_CALENDAR out: the worker then runs until it is told to end.",
    });
  }
  if (windows.length === 0) {
    const problem = "has no window: the worker would never start.";
    found.push({ path: "week", problem, remedy: "Give officeHours at least one window, and deploy." });
  }
  for (const [index, holiday] of holidays.entries()) {
    const problem = dateProblem(holiday);
    if (problem !== undefined) {
      found.push({ path: `holidays.${index}`, problem, remedy: "Correct officeHours.holidays, and deploy." });
    }
  }
  return found;
}

function isKnownZone(name: string): boolean {
  try {
    dateAt(name, 0);
    return true;
  } catch {
    return false;
  }
}

/** Where the worker answers for itself; it shares the container's loopback, and nothing else tells of it. */
export const healthUrl: Form<URL | "off"> = {
  kind: "`off`, or http URL",
  limits: "on the container's loopback",
  read: (text) => {
    if (text === "off") return { value: "off" };
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const remedy = "Give off, or an address such as http://127.0.0.1:8081/.";
    if (url === undefined) return wrong(`${shown(text)} is not a URL.`, remedy);
    if (url.protocol !== "http:" || !["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) {
      return wrong("is not an http URL of this container: another's health says nothing about this worker.", remedy);
    }
    return { value: url };
  },
};

/** `DEEPGRAM_API_KEY,OPENAI_API_KEY`. */
export const variableNames: Form<readonly string[]> = {
  kind: "names, with commas between",
  read: (text) => {
    const names = text.split(",").map((name) => name.trim());
    const impossible = names.filter((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
    if (impossible.length === 0) return { value: [...new Set(names)] };
    return wrong(
      `${impossible.map(begun).join(", ")} ${impossible.length === 1 ? "is not a variable's name" : "are not variables' names"}.`,
      "Write names with commas between, such as LIVEKIT_URL,OPENAI_API_KEY: never their values.",
    );
  },
};

/** `API_SECRET=…` gives its name away, and no more. A secret in base64 ends in =, with nothing after it. */
function begun(text: string): string {
  const [, name] = /^([A-Z_][A-Z0-9_]*)=[^=]/.exec(text) ?? [];
  return name === undefined ? shown(text) : JSON.stringify(`${name}=…`);
}

/** https://docs.cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs (November 2026) */
export const jobResource = matching(
  /^projects\/[^/]+\/locations\/[^/]+\/jobs\/[^/]+$/,
  "Job's full name",
  "a Job's full name is projects/PROJECT/locations/REGION/jobs/JOB",
  "Leave it to the program, or give the full name: shifts are told apart by it.",
);

/** Wider than Cloud Run's own: it is what stands before the first slash of a container's name, in every log. */
export const executionName = matching(
  /^[^/\s]{1,100}$/,
  "text",
  "1 to 100 characters, without / and white space",
  "Leave it to Cloud Run.",
);

/** https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions (November 2026) */
export const databaseName = matching(
  /^[^/\\. "$*<>:|?\0]{1,63}$/,
  "database's name",
  'at most 63 characters, none of / \\ . " $ * < > : | ? and no space',
  "Give the name of the database that holds the campaigns.",
);

/** The same page; 190 characters keep any database's name and the indexes' within 255 bytes. */
export const collectionName = matching(
  /^(?!system\.|\.)(?!.*:\/\/)[^$\0]{1,190}(?<!\.)$/,
  "collection's name",
  "at most 190 characters, no $, no . at the beginning or the end, not system.…, and no URI",
  "Give the name of the collection alone.",
);

export const fieldName = matching(
  /^(?!_id$|__proto__$)[^.$\0]{1,100}$/,
  "field's name",
  "a field at the top of the document, of at most 100 characters, without . and $, and neither _id nor __proto__",
  "Give the name of a field at the top of a campaign's document.",
);

export const statusWord = matching(
  /^(?!.*:\/\/).{1,100}$/s,
  "text",
  "1 to 100 characters, and no URI",
  "Give the word that stands in the status field.",
);
