/** Sends an agent what Cloud Scheduler sends for a patient round, and tells what Cloud Scheduler would make of the answer. */
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { closest, distance } from "fastest-levenshtein";
import { formatDuration, parseDuration } from "../domain/duration.ts";
import { count, describe, type Finding, FindingsError } from "../domain/findings.ts";
import { roundName } from "../domain/names.ts";
import { key } from "../domain/settings/fields.ts";
import { serviceUrlProblem } from "../domain/target.ts";
import { formatTime } from "../domain/week.ts";
import { zoneProblem } from "../domain/zone.ts";
import type { Fate, Outcome, Round } from "./round-request.ts";
import { conclusion, repeatVerdict, roundRequest, scheduleTime, shownAnswer } from "./round-request.ts";

/** Cloud Scheduler takes 15 s to 30 min for HTTP (v1 Job.attemptDeadline, November 2026); less is allowed here, to rehearse it. */
const MAX_DEADLINE_MS = 30 * 60_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Only a short plain word is shown in a finding: a token may stand in the wrong place. */
const isPlain = (word: string) => /^[\w.:=/-]{1,24}$/.test(word);
const wrong = (text: string) => `cannot be ${isPlain(text) ? text : "this value"}.`;
const fits = (isRight: (text: string) => boolean) => (text: string) => (isRight(text) ? undefined : wrong(text));
const form = (pattern: RegExp) => fits((text) => pattern.test(text));
const name = fits((text) => key.safeParse(text).success);
const time = fits((text) => inRange(milliseconds(text)));
const inRange = (ms = 0) => ms > 0 && ms <= MAX_DEADLINE_MS;
const zone = (text: string) => zoneProblem(text) && (isPlain(text) ? zoneProblem(text) : wrong(text));
const alone = (text: string) => (text === "" ? undefined : "takes no value.");

/** Plain http is for this machine alone. */
const address = (text: string) => serviceUrlProblem(isHere(text) ? text.replace(/^http:/i, "https:") : text)?.problem;
const isHere = (url: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(URL.parse(url)?.hostname ?? "");

/** What an option is, in the help and in a refusal. One without a value is a flag. */
const row = (value: string, says: string, problem: (text: string) => string | undefined, preset = "") => {
  return { value, says, problem, preset };
};
const options = {
  hour: row("H", "the round's local hour, 0 to 23", form(/^(1?\d|0\d|2[0-3])$/)),
  minute: row("M", "the round's minute, 0 to 59", form(/^[0-5]?\d$/), "15"),
  "time-zone": row("ZONE", "the round's zone, a place of the tz database", zone, "America/New_York"),
  url: row("URL", "the agent's bare address: https, or http on this machine", address, "http://localhost:8001"),
  environment: row("ENV", "what the body says, staging or prod", form(/^(staging|prod)$/), "staging"),
  name: row("NAME", "for a job called NAME-ROUND-rounds, in a-z, 0-9 and hyphens", name, "careflow"),
  round: row("ROUND", "the same, unless the hour is 8 (morning), 12 (noon) or 20 (evening)", name),
  hospital: row("KEY=ID", "a hospital: KEY ends the job's name, ID is in the body", form(/^[a-z0-9-]+=[\w.-]{1,63}$/)),
  deadline: row("TIME", "the attempt deadline, such as 50ms, 10s or 5m, at most 30m", time, "10m"),
  "disconnect-after": row("TIME", "drop the first delivery so long after sending, see whether the agent lives", time),
  repeat: row("N", "0 to 5 deliveries more, with the same schedule time as a retry has", form(/^[0-5]$/), "0"),
  "id-token-env": row("NAME", "the environment variable with a private agent's ID token", form(/^[A-Za-z_]\w*$/)),
  "yes-call-patients": row("", "allow an agent that is not on this machine", alone),
  help: row("", "this page", alone),
};
type Option = keyof typeof options;

function usage(): string {
  const rows = Object.entries(options).map(([name, { value, says, preset }]) => {
    return `  ${`--${name} ${value}`.padEnd(26)}${says}${preset === "" ? "" : ` (${preset})`}`;
  });
  return `usage: npm run trigger-round -- --hour 8 [options]

Sends an agent what Cloud Scheduler sends for a patient round, and tells what Cloud Scheduler would make of the answer.
A round phones patients. A repeated round phones them again.

${rows.join("\n")}

Exit code: 0 each delivery was acknowledged, or dropped on purpose and the agent lives;
           1 one was not, or a repeat ran as a new round; 2 wrong usage.`;
}

/** The names of source 002. */
const roundsByHour: Readonly<Record<number, string>> = { 8: "morning", 12: "noon", 20: "evening" };

/** @throws FindingsError with every mistake of the command line at once */
function readPlan(args: string[]) {
  const findings: Finding[] = [];
  const refuse = (path: string, problem: string, remedy: string) => void findings.push({ path, problem, remedy });
  const given = new Map<string, string>();
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, name = "", own] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const option = Object.hasOwn(options, name) ? options[name as Option] : undefined;
    if (option === undefined) {
      const near = closest(name, Object.keys(options));
      const remedy = distance(name, near) <= near.length / 3 ? `Did you mean --${near}?` : "Leave it out.";
      if (isPlain(name)) refuse(`--${name}`, "is no option.", remedy);
      else refuse("arguments", "a word belongs to no option.", "Leave it out.");
      continue;
    }
    // An option without its value must not swallow the next one, whose own problem would then stay hidden.
    const takesNext = option.value !== "" && own === undefined && words[0]?.startsWith("--") === false;
    const value = (takesNext ? words.shift() : own) ?? "";
    const problem = option.value !== "" && value === "" ? "lacks its value." : option.problem(value);
    if (problem !== undefined) refuse(`--${name}`, problem, `It is: ${option.says}.`);
    given.set(name, value);
  }
  const value = (option: Option) => given.get(option) ?? options[option].preset;

  const hour = Number(value("hour"));
  const round = given.get("round") ?? roundsByHour[hour];
  if (!given.has("hour")) refuse("--hour", "is missing.", "Give the round's local hour, such as --hour 8.");
  else if (round === undefined && hour <= 23) {
    refuse("--round", "is missing, and known for the hours 8, 12 and 20 only.", "Name the round: --round extra.");
  }
  const url = value("url");
  if (URL.canParse(url) && !isHere(url) && !given.has("yes-call-patients")) {
    refuse("--url", "is not on this machine: patients are phoned.", "To call them now, add --yes-call-patients.");
  }
  const deadlineMs = milliseconds(value("deadline")) ?? MAX_DEADLINE_MS;
  const cutAfter = milliseconds(value("disconnect-after"));
  if ((cutAfter ?? 0) >= deadlineMs) refuse("--disconnect-after", "is not before the deadline.", "Shorten it.");
  const idToken = given.has("id-token-env") ? (process.env[value("id-token-env")]?.trim() ?? "") : undefined;
  if (idToken !== undefined && !/^[\w.~+/=-]+$/.test(idToken)) {
    refuse("--id-token-env", "names no variable with a token.", "Export one, from gcloud auth print-identity-token.");
  }
  if (findings.length > 0) throw new FindingsError(findings);

  const [hospitalKey, hospitalId] = given.get("hospital")?.split("=") ?? [];
  const job: Round = {
    at: hour * 60 + Number(value("minute")),
    timeZone: value("time-zone"),
    environment: value("environment"),
    jobName: roundName(value("name"), round ?? "", hospitalKey),
    hospitalId,
  };
  return { job, url, deadlineMs, cutAfter, repeats: Number(value("repeat")), idToken };
}

function milliseconds(text: string): number | undefined {
  if (/^\d+ms$/.test(text)) return Number.parseInt(text, 10);
  const seconds = parseDuration(text);
  return seconds && seconds * 1000;
}

/** As the options take it. What an agent does in seconds is told in milliseconds. */
function spell(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)}ms` : formatDuration(Math.round(ms / 1000));
}

type Delivery = ReturnType<typeof roundRequest> & { url: string; deadlineMs: number };

/** One attempt. node:http, because fetch adds headers of its own and gives up on a silent server after 300 s. */
function deliver({ url, headers, body, deadlineMs }: Delivery, cutAfter: number | undefined): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve) => {
    const { request: open } = url.startsWith("https:") ? https : http;
    const request = open(url, { method: "POST", headers, agent: false });
    const end = (fate: Fate) => {
      resolve({ ...fate, afterMs: performance.now() - started });
      request.destroy();
    };
    const broken = ({ code }: NodeJS.ErrnoException) => end({ kind: "broken", code: code ?? "connection lost" });
    const timers = [setTimeout(end, deadlineMs, { kind: "deadline" })];
    request.on("finish", () => {
      if (cutAfter !== undefined) timers.push(setTimeout(end, cutAfter, { kind: "disconnected" }));
    });
    request.on("close", () => timers.forEach(clearTimeout)).on("error", broken);
    request.on("response", (response) => {
      const answer = { text: "", bytes: 0 };
      response.setEncoding("utf8").on("data", (part: string) => {
        answer.bytes += Buffer.byteLength(part);
        if (answer.bytes <= MAX_ANSWER_BYTES) answer.text += part;
      });
      response.on("error", broken).on("end", () => end({ kind: "answered", status: response.statusCode ?? 0, answer }));
    });
    request.end(body);
  });
}

/** Connects and sends nothing: an agent that does not look at the method would take even a GET for a round. */
async function accepts(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const socket = net.connect(Number(port) || (protocol === "https:" ? 443 : 80), hostname.replace(/[[\]]/g, ""));
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(5000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function say(label: string, says: string): void {
  const wrapped = says.replace(/(.{1,100})(?: +|$)/g, `$1\n${" ".repeat(18)}`);
  console.log(`${label.padEnd(18)}${wrapped.trimEnd()}`);
}

function headline(outcome: Outcome): string {
  if (outcome.kind === "answered") return `answered ${outcome.status} ${http.STATUS_CODES[outcome.status] ?? ""}`;
  if (outcome.kind === "broken") return `no answer: ${outcome.code}`;
  return outcome.kind === "deadline" ? "no answer within the deadline" : "disconnected on purpose";
}

/** The two things that a dropped connection can break: the agent, and the round that it was in. */
async function afterDisconnect(url: string, cutAfter: number): Promise<boolean> {
  await pause(Math.min(cutAfter, 1000)); // a crash takes a moment
  const alive = await accepts(url);
  const living = "still accepts connections (of a deployed one, its front end does)";
  say("  agent", alive ? living : "accepts NO connection any more: it died with the request");
  say(
    "  look for",
    "the round's log lines going on up to callsInitiated, and one call for each patient. If they stop here, the work hangs on the request; on Cloud Run it then loses its CPU too, unless billing is instance-based.",
  );
  return alive;
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes("--help")) {
    console.log(usage());
    return 0;
  }
  const { job, url, deadlineMs, cutAfter, repeats, idToken } = readPlan(args);
  const { at, warning } = scheduleTime(Date.now(), job);
  const delivery = { ...roundRequest(job, at, idToken), url, deadlineMs };
  say("round", `${job.jobName} to ${url}`);
  say("schedule time", `${at}, ${formatTime(job.at)} today in ${job.timeZone}`);
  if (warning !== undefined) say("warning", warning);
  say("body", delivery.body);

  let first: Outcome | undefined;
  const bad: number[] = [];
  let unclear = false;
  for (let number = 1; number <= repeats + 1; number++) {
    console.error(`\ndelivery ${number} of ${repeats + 1}: waiting up to ${spell(deadlineMs)} for the agent`);
    const outcome = await deliver(delivery, first ? undefined : cutAfter);
    const verdict = conclusion(outcome);
    say(`delivery ${number}`, `${headline(outcome)}, after ${spell(outcome.afterMs)}`);
    if (outcome.kind === "answered") say("  answer", shownAnswer(outcome.answer));
    say("  Cloud Scheduler", verdict.says);
    const repeat = first && repeatVerdict(first, outcome);
    if (repeat) say("  repeat", repeat.says);
    unclear ||= repeat?.unclear === true;
    const good = outcome.kind === "disconnected" ? await afterDisconnect(url, outcome.afterMs) : verdict.good;
    if (!good || repeat?.good === false) bad.push(number);
    first ??= outcome;
  }
  const untested = cutAfter !== undefined && first?.kind === "answered" ? ", but it came before the disconnect" : "";
  const sound = unclear ? "acknowledged; whether the repeat was a second round is unclear" : "as it should be";
  say("result", (bad.length === 0 ? sound : `NOT as it should be: delivery ${bad.join(", ")}`) + untested);
  return bad.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof FindingsError)) throw error;
  const problems = describe(error.findings, process.stderr.columns);
  console.error(
    `nothing was sent: ${count(error.findings.length, "problem")}\n\n${problems}\n\n--help shows the options`,
  );
  process.exitCode = 2;
}
