import { only, type Started, type Told } from "./facts.ts";
import { timeToEnd } from "./judgement.ts";
import type { Lived } from "./life.ts";
import { type Excuse, excuseOf, isUnconfirmed } from "./unconfirmed.ts";

/** What has to happen in some of the lives: where one of these never does, nothing is shown of it. */
const happenings = {
  "a SIGTERM": ({ sent }) => sent.some(({ name }) => name === "SIGTERM"),
  "a second SIGTERM": ({ sent }) => sent.filter(({ name }) => name === "SIGTERM").length > 1,
  "a second SIGTERM before the kill": ({ facts, lines }) => {
    const [, second] = only(facts, "says").filter(({ event }) => event === "signal_received");
    const kill = only(facts, "says").find(({ event }) => event === "worker_killed");
    const both = lines.filter(({ signal }) => signal === "SIGTERM").length > 1;
    return both && second !== undefined && kill !== undefined && second.at < kill.at;
  },
  "a SIGINT": ({ sent }) => sent.some(({ name }) => name === "SIGINT"),
  "a machine that is moved": ({ lines }) => lines.some(({ event }) => event === "migration_ended"),
  "a runtime that is frozen while its worker lives": ({ sent, facts }) => {
    const stop = sent.find(({ name }) => name === "SIGSTOP");
    return stop !== undefined && livesAt(facts, stop.sent);
  },
  "a worker that ends by itself": ({ lines }) => lines.some(({ reason }) => reason === "workerEnded"),
  "a worker that is killed from outside": ({ sent }) => sent.some(({ to }) => to === "worker"),
  "a worker that is started again": ({ facts }) => only(facts, "starts").length > 1,
  "a worker that dies too often": ({ lines }) => lines.some(({ reason }) => reason === "gaveUp"),
  "the end of AGENT_RUN_FOR": ({ lines }) => lines.some(({ reason }) => reason === "runOver"),
  "a worker that ends in time": ({ lines }) =>
    has(lines, "drain_started") && !has(lines, "worker_killed") && has(lines, "worker_exited"),
  "a worker that is killed at the end of its time": ({ lines }) => has(lines, "worker_killed"),
  "a SIGTERM before the worker's first word": ({ facts }) => {
    const [leader] = only(facts, "runs").slice(-1);
    const told = only(facts, "sends").find(({ to }) => to === leader?.worker);
    const word = only(facts, "started").find(({ role, at }) => role === "worker" && at > (leader?.at ?? 0));
    return told !== undefined && told.at < (word?.at ?? FOREVER);
  },
  "a worker behind a shell that got its SIGTERM": ({ fate, facts }) =>
    fate.shells > 0 && only(facts, "term").some(({ role }) => role === "worker"),
  "a job that got its SIGTERM when its worker was gone": ({ facts }) =>
    only(facts, "term").some(({ role }) => role === "job"),
  "a job that ignores its SIGTERM": ({ facts }) =>
    only(facts, "term").some(({ role, ignored }) => role === "job" && ignored),
  "a job in a group of its own": ({ facts }) => jobsOf(facts).some(({ group, session }) => group !== session),
  "a job in a session of its own": ({ facts }) => jobsOf(facts).some(({ session }) => !leads(facts, session)),
  "a job that nobody waits for": ({ facts }) => jobsOf(facts).some(({ orphan }) => orphan),
  "a job that goes on in a child of its own": ({ facts }) => jobsOf(facts).some(({ hops = 0 }) => hops > 0),
  "forks while it is told to end": ({ facts }) => {
    const [term] = only(facts, "term").filter(({ role }) => role === "worker");
    return term !== undefined && jobsOf(facts).some(({ forked, at }) => forked && at > term.at);
  },
  "a runtime below tini": ({ facts }) => only(facts, "runtime").some(({ below }) => below === "tini"),
  "a campaign given back": ({ facts }) => only(facts, "given back").some(({ kind }) => kind === "campaigns"),
  "a shift given back": ({ facts }) => only(facts, "given back").some(({ kind }) => kind === "shifts"),
} as const satisfies Record<string, (lived: Lived) => boolean>;

type Happening = keyof typeof happenings;
const all = Object.keys(happenings) as Happening[];

function has(lines: Lived["lines"], event: string): boolean {
  return lines.some((line) => line.event === event);
}

const FOREVER = Number.POSITIVE_INFINITY;

function jobsOf(facts: readonly Told[]): readonly Told<Started>[] {
  return only(facts, "started").filter(({ role }) => role === "job");
}

/** Whether the runtime had a worker then, as far as it knew. */
function livesAt(facts: readonly Told[], at: number): boolean {
  return only(facts, "runs").some((runs) => {
    const exited = only(facts, "exited").find(({ worker }) => worker === runs.worker);
    return runs.at < at && at < (exited?.at ?? FOREVER);
  });
}

/** Whether the worker's session has this number: that of the process that the runtime started. */
function leads(facts: readonly Told[], session: number): boolean {
  return only(facts, "runs").some(({ worker }) => worker === session);
}

/** Counts what has happened in the lives. */
export class Happenings {
  readonly #counts = new Map<Happening, number>();
  readonly #took: number[] = [];
  readonly #tookWithKill: number[] = [];
  lives = 0;
  #given = 0;
  readonly #unconfirmed = new Map<Excuse | undefined, number>();

  add(lived: Lived): void {
    this.lives += 1;
    if (isUnconfirmed(lived)) {
      const excuse = excuseOf(lived);
      this.#unconfirmed.set(excuse, (this.#unconfirmed.get(excuse) ?? 0) + 1);
    }
    this.#given += only(lived.facts, "given back").length;
    for (const happening of all)
      if (happenings[happening](lived)) this.#counts.set(happening, (this.#counts.get(happening) ?? 0) + 1);
    const took = timeToEnd(lived);
    if (took === undefined) return;
    this.#took.push(took.whole);
    if (has(lived.lines, "worker_killed") && !isUnconfirmed(lived) && took.own > took.whole / 2)
      this.#tookWithKill.push(took.own);
  }

  missing(): readonly Happening[] {
    return all.filter((happening) => !this.#counts.has(happening));
  }

  /** How many lives ended without a kill having been confirmed, and so without anything given back. */
  get unconfirmed(): number {
    return [...this.#unconfirmed.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many lives with a kill, which takes longest, had a CPU for most of their end. */
  get calm(): number {
    return this.#tookWithKill.length;
  }

  /** Half of those ended within so many milliseconds of what told them to leave. */
  get half(): number {
    return part(this.#tookWithKill, 0.5);
  }

  summary(): string {
    const told = (took: readonly number[]) =>
      `half within ${part(took, 0.5)} ms, 99 % within ${part(took, 0.99)} ms, all within ${part(took, 1)} ms`;
    const excused = [...this.#unconfirmed].map(([excuse, count]) => `, ${count}: ${excuse ?? "no excuse"}`).join("");
    return [
      `${this.lives} lives, ${this.#given} writes that give back, each looked at`,
      `${this.unconfirmed} kills not confirmed${excused}`,
      `from SIGTERM to the end: ${told(this.#took)}`,
      `… of ${this.calm} with a kill and a CPU for most of it, without what they were frozen or had none for: ${told(this.#tookWithKill)}`,
      ...all.map((happening) => `${`${this.#counts.get(happening) ?? 0}`.padStart(6)}  ${happening}`),
    ].join("\n");
  }

  /** One life, for whoever reads why it is wrong. */
  told({ fate, code, signal, sent, facts, lines }: Lived): string {
    const from = Math.min(...facts.map(({ at }) => at));
    const at = (time: number) => `${(time - from).toFixed(1).padStart(9)} ms`;
    const story = [
      ...facts.map(({ at: time, what, pid, ...more }) => ({ time, text: `${pid} ${what} ${JSON.stringify(more)}` })),
      ...sent.map(({ sent: time, name, to }) => ({ time, text: `${name} to the ${to}` })),
    ].sort((a, b) => a.time - b.time);
    return [
      JSON.stringify(fate),
      ...story.map(({ time, text }) => `${at(time)}  ${text}`),
      ...lines.map(({ time, event, message }) => `  ${time} ${event}: ${message}`),
      `exit ${code ?? signal}`,
    ].join("\n");
  }
}

function part(took: readonly number[], share: number): number {
  const sorted = took.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
}
