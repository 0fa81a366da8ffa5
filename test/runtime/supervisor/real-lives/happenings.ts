import { only, type Told } from "./facts.ts";
import { isUnconfirmed } from "./judgement.ts";
import type { Lived } from "./life.ts";

/** What has to happen in some of the lives: where one of these never does, nothing is shown of it. */
const happenings = {
  "a SIGTERM": ({ sent }) => sent.some(({ name }) => name === "SIGTERM"),
  "a second SIGTERM": ({ sent }) => sent.filter(({ name }) => name === "SIGTERM").length > 1,
  "a second SIGTERM before the kill": ({ sent, lines }) =>
    sent.filter(({ name }) => name === "SIGTERM").length > 1 &&
    lines.filter(({ signal }) => signal === "SIGTERM").length > 1,
  "a SIGINT": ({ sent }) => sent.some(({ name }) => name === "SIGINT"),
  "a machine that is moved": ({ lines }) => lines.some(({ event }) => event === "migration_ended"),
  "a runtime that is frozen while its worker lives": ({ sent }) => sent.some(({ name }) => name === "SIGSTOP"),
  "a worker that ends by itself": ({ lines }) => lines.some(({ reason }) => reason === "workerEnded"),
  "a worker that is killed from outside": ({ sent }) => sent.some(({ to }) => to === "worker"),
  "a worker that is started again": ({ facts }) => only(facts, "starts").length > 1,
  "a worker that dies too often": ({ lines }) => lines.some(({ reason }) => reason === "gaveUp"),
  "the end of AGENT_RUN_FOR": ({ lines }) => lines.some(({ reason }) => reason === "runOver"),
  "a worker that ends in time": ({ lines }) =>
    has(lines, "drain_started") && !has(lines, "worker_killed") && has(lines, "worker_exited"),
  "a worker that is killed at the end of its time": ({ lines }) => has(lines, "worker_killed"),
  "a SIGTERM before the worker's first word": ({ fate, sent, facts }) =>
    fate.from !== "the worker's first word" && sent.length > 0 && only(facts, "started").length === 0,
  "a worker behind a shell that got its SIGTERM": ({ fate, facts }) =>
    fate.shells > 0 && only(facts, "term").some(({ role }) => role === "worker"),
  "a job that got its SIGTERM when its worker was gone": ({ facts }) =>
    only(facts, "term").some(({ role }) => role === "job"),
  "a job that ignores SIGTERM": ({ fate }) => fate.worker.jobs.some(({ onTerm }) => onTerm === null),
  "a job in a group of its own": ({ fate }) => fate.worker.jobs.some(({ where }) => where === "group"),
  "a job in a session of its own": ({ fate }) => fate.worker.jobs.some(({ where }) => where === "session"),
  "a job that nobody waits for": ({ fate }) => fate.worker.jobs.some(({ orphan }) => orphan),
  "a job that goes on in a child of its own": ({ fate }) => fate.worker.jobs.some(({ hops }) => hops > 0),
  "forks while it is told to end": ({ fate, facts }) => {
    const [term] = only(facts, "term").filter(({ role }) => role === "worker");
    return fate.worker.forks !== undefined && term !== undefined && jobsAfter(facts, term.at) > 0;
  },
  "a runtime below tini": ({ fate }) => fate.tini,
  "a campaign given back": ({ facts }) => only(facts, "given back").some(({ kind }) => kind === "campaigns"),
  "a shift given back": ({ facts }) => only(facts, "given back").some(({ kind }) => kind === "shifts"),
} as const satisfies Record<string, (lived: Lived) => boolean>;

type Happening = keyof typeof happenings;
const all = Object.keys(happenings) as Happening[];

function has(lines: Lived["lines"], event: string): boolean {
  return lines.some((line) => line.event === event);
}

function jobsAfter(facts: readonly Told[], at: number): number {
  return only(facts, "started").filter((started) => started.role === "job" && started.at > at).length;
}

/** Counts what has happened in the lives. */
export class Happenings {
  readonly #counts = new Map<Happening, number>();
  readonly #took: number[] = [];
  lives = 0;
  #given = 0;
  #unconfirmed = 0;

  add(lived: Lived): void {
    this.lives += 1;
    if (isUnconfirmed(lived)) this.#unconfirmed += 1;
    this.#given += only(lived.facts, "given back").length;
    for (const happening of all)
      if (happenings[happening](lived)) this.#counts.set(happening, (this.#counts.get(happening) ?? 0) + 1);
    const told = lived.sent.find(({ name }) => name === "SIGTERM");
    if (told !== undefined && lived.ended !== undefined && !lived.sent.some(({ name }) => name === "SIGSTOP"))
      this.#took.push(lived.ended - told.sent);
  }

  missing(): readonly Happening[] {
    return all.filter((happening) => !this.#counts.has(happening));
  }

  /** How many lives in a hundred ended without a kill having been confirmed, and so without anything given back. */
  get unconfirmed(): number {
    return (100 * this.#unconfirmed) / this.lives;
  }

  summary(): string {
    const took = this.#took.sort((a, b) => a - b);
    const part = (share: number) => Math.round(took[Math.floor((took.length - 1) * share)] ?? 0);
    return [
      `${this.lives} lives, ${this.#given} writes that give back, each looked at; ${this.#unconfirmed} kills not confirmed`,
      `from SIGTERM to the end: half within ${part(0.5)} ms, 99 % within ${part(0.99)} ms, all within ${part(1)} ms`,
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
