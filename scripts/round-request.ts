import { type RoundFacts, roundBody } from "../domain/rounds.ts";
import { weekdays } from "../domain/week.ts";
import { clockTroubles, dateAt, type Instant, instantOf } from "../domain/zone.ts";

/** A round, with its scheduler job's name. */
export type Round = RoundFacts & { readonly jobName: string };
export type Answer = { text: string; bytes: number };
export type Fate =
  | { kind: "answered"; status: number; answer: Answer }
  | { kind: "disconnected" | "deadline" }
  | { kind: "broken"; code: string };
export type Outcome = Fate & { afterMs: number };
export type Verdict = { good: boolean; unclear?: boolean; says: string };

/** With the shipped retry settings: 3 retries, 60 s doubling up to 300 s. */
const SENT_AGAIN = "the same round is sent again after 60 s, 120 s and 240 s, until one attempt is answered 2xx.";

/** A faster answer came from memory or a queue; a round asks a database and phones people. */
const AT_ONCE_MS = 1000;

/**
 * The instant of a round today, where "today" is the date in the round's own zone.
 *
 * Google's page says "an offset of UTC parsed according to RFC3339" since 2024, and "Zulu" before: an agent parses it,
 * and compares instants.
 *
 * @returns RFC 3339 Zulu, and a warning where the clocks skip or repeat that time
 */
export function scheduleTime(now: Instant, { at, timeZone }: Pick<RoundFacts, "at" | "timeZone">) {
  const today = dateAt(timeZone, now);
  const trouble = clockTroubles(timeZone, at, weekdays).find(({ date }) => date === today.toString());
  return {
    at: new Date(instantOf(timeZone, today, at)).toISOString().replace(".000", ""),
    warning: trouble && `the clocks of ${timeZone} ${follows[trouble.kind]}`,
  };
}

/** No page of Cloud Scheduler promises anything for these hours; cron implementations differ. */
const follows = {
  skipped: "skip this time today: the round may be left out",
  repeated: "repeat this time today: the round may be sent twice",
} as const;

/**
 * What Cloud Scheduler sends: the headers it sets by itself, and the body of source 002.
 * https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#HttpTarget (November 2026)
 */
export function roundRequest(round: Round, at: string, idToken?: string) {
  const body = JSON.stringify(roundBody(round));
  const headers = {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "User-Agent": "Google-Cloud-Scheduler",
    "X-CloudScheduler": "true",
    "X-CloudScheduler-JobName": round.jobName,
    "X-CloudScheduler-ScheduleTime": at,
    ...(idToken === undefined ? {} : { Authorization: `Bearer ${idToken}` }),
  };
  return { headers, body };
}

const hints: readonly { when: RegExp; says: string }[] = [
  { when: /^3/, says: "It would follow a redirect first; this command does not: one may leave this machine." },
  { when: /^40[13]$/, says: "The caller needs an ID token (--id-token-env) and roles/run.invoker on the service." },
  { when: /^4(09|29)$/, says: "This is no exception: answer 2xx to a round that is already running or done." },
  { when: /^(404|ECONNREFUSED)$/, says: "No agent serves this address: start it, or look at --url." },
];

/** What Cloud Scheduler makes of an attempt: 200 to 299 acknowledges, all else fails (same page as the headers). */
export function conclusion(outcome: Outcome): Verdict {
  if (acknowledged(outcome)) return { good: true, says: "acknowledged: nothing more is sent for this round." };
  if (outcome.kind === "answered" || outcome.kind === "broken") {
    const reason = String(outcome.kind === "answered" ? outcome.status : outcome.code);
    const hint = hints.find(({ when }) => when.test(reason));
    return { good: false, says: `a failed attempt: ${SENT_AGAIN} ${hint?.says ?? ""}`.trimEnd() };
  }
  const early = outcome.kind === "disconnected" ? "would wait longer, but at its deadline it is the same: " : "";
  return {
    good: false,
    says: `${early}DEADLINE_EXCEEDED, a failed attempt: ${SENT_AGAIN} The agent may still be calling patients, and calls them again unless it knows the schedule time.`,
  };
}

/** Whether a repeat was taken for one. Without the agent's word there is only its speed, beside the first delivery's. */
export function repeatVerdict(first: Outcome, again: Outcome): Verdict {
  const cut = first.kind === "disconnected" || first.kind === "deadline";
  const good = (says: string) => ({ good: true, says });
  const bad = (says: string) => ({ good: false, says: `NOT ${says}` });
  const unclear = (says: string) => ({ good: true, unclear: true, says: `unclear, ${says}` });
  if (!acknowledged(again)) return bad("acknowledged: a repeat is sent yet again until it is answered 2xx.");
  if (saysDuplicate(again)) return good("answered as a duplicate: the agent says so.");
  if (!cut && !acknowledged(first)) return unclear("the first delivery failed: this one may rightly be the round.");
  if (!cut && first.afterMs < AT_ONCE_MS) {
    return unclear('both were answered at once: look for one round in its log, or answer {"duplicate": true}.');
  }
  return again.afterMs < first.afterMs / 2
    ? good("answered like a duplicate, by its speed: look for one round only in the agent's log.")
    : bad("answered as a duplicate, it took as long as a round: patients may have been called twice.");
}

const statusWords = new Set(
  `ok success succeeded accepted acknowledged scheduled queued started running processing in progress complete completed
  done partial skipped duplicate already failed error busy round rounds no patients`.split(/\s+/),
);
const count = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 100_000;
const harmless: Readonly<Record<string, (value: unknown) => boolean>> = {
  patientsQueried: count,
  callsInitiated: count,
  duplicate: (value) => typeof value === "boolean",
  status: (value) =>
    typeof value === "string" &&
    value.length < 40 &&
    value.split(/[ _-]/).every((word) => statusWords.has(word.toLowerCase())),
};

/** An answer can carry a name or a phone number anywhere, also as its status: what is not known to be harmless is only measured. */
export function shownAnswer({ text, bytes }: Answer): string {
  const answer = fields(text);
  const known = Object.keys(harmless).filter((key) => Object.hasOwn(answer, key) && harmless[key]?.(answer[key]));
  const shown = known.map((key) => `${key} ${answer[key]}`).join(", ");
  return `${shown || "nothing known to be harmless"} (${bytes} bytes in all, the rest is not shown)`;
}

function saysDuplicate(outcome: Outcome): boolean {
  const { duplicate, status } = fields(outcome.kind === "answered" ? outcome.answer.text : "");
  return duplicate === true || (typeof status === "string" && /^(already|duplicate)/i.test(status));
}

function fields(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

function acknowledged(outcome: Outcome): boolean {
  return outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300;
}
