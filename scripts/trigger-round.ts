/** Sends an agent what Cloud Scheduler sends for a patient round, and tells what Cloud Scheduler would make of the answer. */
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { closest, distance } from "fastest-levenshtein";
import { Temporal } from "temporal-polyfill";
import type { Fate, Outcome, Round } from "./round-request.ts";
import { conclusion, repeatVerdict, roundRequest, scheduleTime, shownAnswer } from "./round-request.ts";

/** Cloud Scheduler takes 15 s to 30 min for HTTP (v1 Job.attemptDeadline, November 2026); less is allowed here, to rehearse it. */
const MAX_DEADLINE_MS = 30 * 60_000;
const MAX_ANSWER_BYTES = 64 * 1024;

const time = { test: (text: string) => milliseconds(text) > 0 && milliseconds(text) <= MAX_DEADLINE_MS };
const address = { test: (text: string) => URL.canParse(text) && /^https?:/i.test(text) };
const namePart = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** One row says what an option is, in the help and in a refusal. */
const text = (value: string, says: string, fits: { test(text: string): boolean }, preset?: string) => {
  return { type: "string" as const, value, says, fits, preset };
};
const flag = (says: string) => ({ type: "boolean" as const, value: "", says, fits: /^$/, preset: undefined });
const options = {
  hour: text("H", "the round's local hour, 0 to 23", /^(1?\d|0\d|2[0-3])$/),
  minute: text("M", "the round's minute, 0 to 59", /^[0-5]?\d$/, "15"),
  "time-zone": text("ZONE", "the round's zone, a name of the tz database", { test: isZone }, "America/New_York"),
  url: text("URL", "the agent's whole address, with http:// or https://", address, "http://localhost:8001"),
  environment: text("ENV", "what the body says, staging or prod", /^(staging|prod)$/, "staging"),
  name: text("NAME", "for a job called NAME-ROUND-rounds, in a-z, 0-9 and hyphens", namePart, "careflow"),
  round: text("ROUND", "the same, unless the hour is 8 (morning), 12 (noon) or 20 (evening)", namePart),
  hospital: text("KEY=ID", "one hospital: KEY ends the job's name, ID is in the body", /^[a-z0-9-]+=[\w.-]{1,64}$/),
  deadline: text("TIME", "the attempt deadline, such as 50ms, 10s or 5m, at most 30m", time, "600s"),
  "disconnect-after": text("TIME", "drop the first delivery so long after sending, see whether the agent lives", time),
  repeat: text("N", "0 to 5 deliveries more, with the same schedule time as a retry has", /^[0-5]$/, "0"),
  "id-token-env": text(
    "VARIABLE",
    "name of the environment variable with a private agent's ID token",
    /^[A-Za-z_]\w*$/,
  ),
  "yes-call-patients": flag("allow an agent that is not on this machine"),
  help: flag("this page"),
};
type Option = keyof typeof options;
type Finding = { path: string; says: string };

function usage(): string {
  const rows = Object.entries(options).map(([name, { value, says, preset }]) => {
    return `  ${`--${name} ${value}`.padEnd(26)}${says}${preset === undefined ? "" : ` (${preset})`}`;
  });
  return `usage: npm run trigger-round -- --hour 8 [options]

Sends an agent what Cloud Scheduler sends for a patient round, and tells what Cloud Scheduler would make of the answer.
A round phones patients. A repeated round phones them again.

${rows.join("\n")}

Exit code: 0 each delivery was acknowledged, or dropped on purpose and the agent lives;
           1 one was not, or a repeat ran as a new round; 2 wrong usage.`;
}

/** Reads the command line. Only a short plain value is quoted in a finding: a token may stand in the wrong place. */
function readPlan(args: string[], findings: Finding[]) {
  const refuse = (path: string, says: string) => void findings.push({ path, says });
  const given = new Map<string, string>();
  const plain = (word: string) => /^[\w.:=/-]{1,24}$/.test(word);
  // An option without its value must not swallow the next one, whose own problem would then stay hidden.
  const whole = args.map((word, at) => {
    const text = options[word.slice(2) as Option]?.type === "string";
    return text && (args[at + 1] ?? "--").startsWith("--") ? `${word}=` : word;
  });
  for (const token of parseArgs({ args: whole, options, strict: false, tokens: true }).tokens) {
    if (token.kind === "positional") refuse("arguments", "a word belongs to no option. See --help.");
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name as Option] : undefined;
    const value = token.value ?? "";
    if (option === undefined) {
      const near = closest(token.name, Object.keys(options));
      const remedy = distance(token.name, near) <= near.length / 3 ? `Did you mean --${near}?` : "See --help.";
      refuse(plain(token.rawName) ? token.rawName : "arguments", `is no option. ${remedy}`);
    } else if (option.type === "boolean" && value !== "") {
      refuse(token.rawName, "takes no value.");
    } else if (!option.fits.test(value)) {
      const wrong = value === "" ? "lacks its value" : `cannot be ${plain(value) ? value : "this value"}`;
      refuse(token.rawName, `${wrong}. It is: ${option.says}.`);
    }
    given.set(token.name, value);
  }
  const value = (option: Option) => given.get(option) ?? options[option].preset ?? "";

  const hour = Number(value("hour"));
  const round = given.has("round") ? value("round") : { 8: "morning", 12: "noon", 20: "evening" }[hour];
  if (!given.has("hour")) refuse("--hour", "is missing. Give the round's local hour, such as --hour 8.");
  else if (round === undefined && hour <= 23) refuse("--round", "is missing. Name a round that is not at 8, 12 or 20.");
  const [hospitalKey, hospitalId] = given.has("hospital") ? value("hospital").split("=") : [];
  const job: Round = {
    hour,
    minute: Number(value("minute")),
    timeZone: value("time-zone"),
    environment: value("environment"),
    jobName: [value("name"), round, "rounds", hospitalKey].filter(Boolean).join("-"),
    hospitalId,
  };

  const url = address.test(value("url")) ? new URL(value("url")) : undefined;
  for (const says of url ? refusals(url, given.has("yes-call-patients")) : []) refuse("--url", says);
  const deadlineMs = milliseconds(value("deadline"));
  const cutAfter = given.has("disconnect-after") ? milliseconds(value("disconnect-after")) : undefined;
  if (Number(cutAfter) >= deadlineMs) refuse("--disconnect-after", "is not before the deadline. Give a shorter time.");
  const idToken = given.has("id-token-env") ? (process.env[value("id-token-env")]?.trim() ?? "") : undefined;
  if (idToken !== undefined && !/^[\w.~+/=-]+$/.test(idToken)) {
    refuse("--id-token-env", "names no variable with a token. Export one, from gcloud auth print-identity-token.");
  }
  const repeats = Number(value("repeat"));
  return { help: given.has("help"), job, url: url?.href ?? "", deadlineMs, cutAfter, repeats, idToken };
}

function refusals(url: URL, callPatients: boolean): string[] {
  const far = !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const rules: [boolean, string][] = [
    [url.username + url.password !== "", "holds a user name or a password. A private agent takes --id-token-env."],
    [/[?#]/.test(url.href), "holds a query or a fragment; a round's address has none. Leave it out."],
    [far && url.protocol === "http:", "would carry a round over the network in plain http. Use https."],
    [
      far && !callPatients,
      "is not on this machine: that agent phones patients. To call them now, add --yes-call-patients.",
    ],
  ];
  return rules.flatMap(([broken, says]) => (broken ? [says] : []));
}

function isZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && Boolean(Temporal.Now.zonedDateTimeISO(name));
  } catch {
    return false;
  }
}

function milliseconds(text: string): number {
  const [, count, unit] = /^(\d{1,7})(ms|s|m)$/.exec(text) ?? [];
  return Number(count) * ({ ms: 1, s: 1000, m: 60_000 }[unit ?? ""] ?? Number.NaN);
}

const spell = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`);

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
  const findings: Finding[] = [];
  const { help, job, url, deadlineMs, cutAfter, repeats, idToken } = readPlan(process.argv.slice(2), findings);
  if (help) {
    console.log(usage());
    return 0;
  }
  if (findings.length > 0) {
    const width = Math.max(...findings.map(({ path }) => path.length));
    const lines = findings.map(({ path, says }) => `\n  ${path.padEnd(width)}  ${says}`).sort();
    console.error(`nothing was sent: ${findings.length} problem${findings.length > 1 ? "s" : ""}\n${lines.join("")}`);
    return 2;
  }

  const { at, warning } = scheduleTime(Temporal.Now.instant(), job);
  const delivery = { ...roundRequest(job, at, idToken), url, deadlineMs };
  say("round", `${job.jobName} to ${url}`);
  say("schedule time", `${at}, ${job.hour}:${String(job.minute).padStart(2, "0")} today in ${job.timeZone}`);
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
    unclear ||= repeat?.says.startsWith("unclear") === true;
    const good = outcome.kind === "disconnected" ? await afterDisconnect(url, outcome.afterMs) : verdict.good;
    if (!good || repeat?.good === false) bad.push(number);
    first ??= outcome;
  }
  const untested = cutAfter !== undefined && first?.kind === "answered" ? ", but it came before the disconnect" : "";
  const sound = unclear ? "acknowledged; whether the repeat was a second round is unclear" : "as it should be";
  say("result", (bad.length === 0 ? sound : `NOT as it should be: delivery ${bad.join(", ")}`) + untested);
  return bad.length === 0 ? 0 : 1;
}

process.exitCode = await main();
