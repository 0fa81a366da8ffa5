import { quoted } from "./findings.ts";

/** The five fields of a unix cron, and what may stand in each; Sunday is 0 and 7. */
const fields = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31 },
  {
    name: "month",
    min: 1,
    max: 12,
    words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of the week", min: 0, max: 7, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
] as const;

/**
 * What is wrong with a schedule of Cloud Scheduler, or `undefined`: a form it does not take, or one that fires more
 * than once an hour.
 * https://docs.cloud.google.com/scheduler/docs/configuring/cron-job-schedules (November 2026)
 */
export function cronProblem(text: string): string | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length) return `${quoted(text)} is not a cron of five fields.`;
  const wrong = fields.find((field, index) => !isField(parts[index] ?? "", field));
  if (wrong !== undefined) return `${quoted(text)} has a ${wrong.name} that Cloud Scheduler does not take.`;
  if (!/^[0-9]+$/.test(parts[0] ?? ""))
    return `${quoted(text)} fires more than once an hour: each is a start, or calls patients.`;
  return undefined;
}

function isField(text: string, field: (typeof fields)[number]): boolean {
  return text.split(",").every((part) => {
    const [range = "", step, ...rest] = part.split("/");
    if (rest.length > 0 || (step !== undefined && !/^[1-9][0-9]*$/.test(step))) return false;
    if (range === "*") return true;
    const [from, to, ...more] = range.split("-").map((end) => numberOf(end, field));
    if (more.length > 0 || from === undefined) return false;
    return !range.includes("-") || (to !== undefined && from <= to);
  });
}

function numberOf(text: string, field: (typeof fields)[number]): number | undefined {
  const word = "words" in field ? (field.words as readonly string[]).indexOf(text.toLowerCase()) : -1;
  if (word >= 0) return word + (field.min === 1 ? 1 : 0);
  const number = /^[0-9]{1,2}$/.test(text) ? Number(text) : undefined;
  return number !== undefined && number >= field.min && number <= field.max ? number : undefined;
}
