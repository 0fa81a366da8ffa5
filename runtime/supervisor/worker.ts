import { event } from "../../domain/contract.ts";
import type { Clock, Log, Millis } from "../ports.ts";
import type { Environment } from "../settings/environment.ts";
import { pause, within } from "../waiting.ts";
import type { Deadline } from "./deadline.ts";
import { codeOf } from "./exit.ts";
import { type Fault, WorkerHealth } from "./health.ts";
import type { HttpGet } from "./http.ts";
import type { Child, Ended, Processes } from "./processes.ts";

export interface WorkerParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly processes: Processes;
  readonly get: HttpGet;
}

export interface WorkerOrder {
  readonly command: readonly string[];
  readonly environment: Environment;
  /** Where it answers for itself, if it does. */
  readonly health: URL | undefined;
  /** Which start of this container it is, from 1. */
  readonly start: number;
}

/** Between two looks at what was killed, and at what was told to end: the system's whole table is read for each. Ours. */
const LOOK: Millis = 20;
const LOOK_WHILE_DRAINING: Millis = 100;

/** One run of the worker, from its start until nothing of it lives. */
export class Worker {
  readonly pid: number;
  /** When its own process has ended. What it started may still live. */
  readonly ended: Promise<Ended>;
  /** When it has been unhealthy for too long; never, for one that does not answer for itself. */
  readonly failed: Promise<void>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #child: Child;
  readonly #health: WorkerHealth | undefined;
  readonly #started: Millis;
  #draining = false;

  /** @throws SpawnFailure when the system does not start it */
  static async start(parts: WorkerParts, order: WorkerOrder): Promise<Worker> {
    return new Worker(parts, order, await parts.processes.spawn(order.command, order.environment));
  }

  private constructor({ clock, log, get }: WorkerParts, { command, health, start }: WorkerOrder, child: Child) {
    this.#clock = clock;
    this.#log = log;
    this.#child = child;
    this.#started = clock.monotonic();
    const spared = (fault: Fault) => this.#logUnhealthy(fault, "It answers, and keeps its calls");
    this.#health = health === undefined ? undefined : new WorkerHealth({ clock, get, spared }, health);
    this.pid = child.pid;
    this.ended = child.exited;
    this.failed =
      this.#health?.failed.then((fault) => this.#logUnhealthy(fault, "It is killed")) ?? new Promise(() => {});
    // Only the program: arguments may hold what nobody is to read.
    log("INFO", event.workerStarted, `${command[0]} runs as process ${child.pid}, start ${start}`, {
      pid: child.pid,
      start,
    });
    child.exited.then((ended) => this.#logExit(ended));
  }

  /** How many calls it has, by its own word. */
  get calls(): number | undefined {
    return this.#health?.calls;
  }

  get health(): WorkerHealth["state"] {
    return this.#health?.state ?? "unknown";
  }

  get ran(): Millis {
    return this.#clock.monotonic() - this.#started;
  }

  /** How long it ran before anything was wrong with it. */
  get ranWell(): Millis {
    return (this.#health?.faultSince ?? this.#clock.monotonic()) - this.#started;
  }

  /** The machine was moved: its health is judged anew. */
  moved(): void {
    this.#health?.forget();
  }

  /**
   * Tells it to end, and waits for that: for its own process, and then for whatever that one left, which is told in its
   * turn. In front of a worker there may be a shell, and the calls are the worker's.
   *
   * @returns false when `kill` came first
   */
  async drained(kill: Deadline): Promise<boolean> {
    this.#draining = true;
    this.#health?.drain();
    this.#child.term();
    const late = kill.passed.then(() => "late");
    if ((await Promise.race([this.ended, late])) === "late") return false;
    for (;;) {
      const told = this.#child.termOrphans();
      if (told > 0) this.#logOrphans(told);
      if (!this.#child.alive()) return true;
      if ((await within(this.#clock, LOOK_WHILE_DRAINING, late)) === "late") return false;
    }
  }

  /**
   * Kills what is left of it, and waits until nothing is: its own process, and whatever it started.
   *
   * @param until how long to wait, as it is then: it may come closer
   * @returns whether nothing lives any more; false when that was not seen in time
   */
  async gone(until: () => Millis): Promise<boolean> {
    this.#health?.stop();
    for (let last = false; ; ) {
      // Each time: what was just being forked at the first is there at the second.
      this.#child.killAll();
      if (!this.#child.alive()) return true;
      if (last) return false;
      // One more: a process that did not run meanwhile has given the system no moment to tear anything down.
      last = this.#clock.monotonic() >= until();
      await pause(this.#clock, LOOK);
    }
  }

  #logUnhealthy({ answer, since }: Fault, what: string): void {
    const ms = Math.round(this.#clock.monotonic() - since);
    const message = `the worker is unhealthy for ${seconds(ms)}: ${answer}. ${what}.`;
    this.#log("WARNING", event.workerUnhealthy, message, { pid: this.pid, calls: this.calls, ms });
  }

  #logOrphans(count: number): void {
    const message = `the worker's own process ended, and left others (${count}): they are told to end now`;
    this.#log("NOTICE", event.drainStarted, message, { reason: "left", pid: this.pid, processes: count });
  }

  #logExit(ended: Ended): void {
    // While it drains, the calls may be those of a process behind it.
    if (!this.#draining) this.#health?.stop();
    const how = "code" in ended ? `with code ${ended.code}` : `by ${ended.signal}`;
    // One that was told to end, and one that is done, alarm nobody.
    const severity = this.#draining || codeOf(ended) === 0 ? "INFO" : "WARNING";
    this.#log(severity, event.workerExited, `the worker ended ${how} after ${seconds(this.ran)}`, {
      pid: this.pid,
      code: codeOf(ended),
      signal: "signal" in ended ? ended.signal : undefined,
      ms: Math.round(this.ran),
    });
  }
}

/** `12.3 s`. */
export function seconds(time: Millis): string {
  return `${(time / 1000).toFixed(1)} s`;
}
