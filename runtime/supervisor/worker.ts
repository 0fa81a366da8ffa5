import { event } from "../../domain/contract.ts";
import type { Clock, Log, Millis } from "../ports.ts";
import { Deadline } from "./deadline.ts";
import { codeOf } from "./exit.ts";
import { type Fault, WorkerHealth } from "./health.ts";
import type { HttpGet } from "./http.ts";
import type { Child, Ended, Environment, Processes } from "./processes.ts";

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

/** Between two looks at a group that was killed. */
const LOOK: Millis = 20;

/** One run of the worker, from its start until nothing of it lives. */
export class Worker {
  readonly pid: number;
  /** When its own process has ended. Others of its group may still live. */
  readonly ended: Promise<Ended>;
  /** When it has been unhealthy for too long; never, for one that does not answer for itself. */
  readonly failed: Promise<Fault>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #child: Child;
  readonly #health: WorkerHealth | undefined;
  readonly #started: Millis;

  /** @throws SpawnFailure when the system does not start it */
  static async start(parts: WorkerParts, order: WorkerOrder): Promise<Worker> {
    return new Worker(parts, order, await parts.processes.spawn(order.command, order.environment));
  }

  private constructor({ clock, log, get }: WorkerParts, { command, health, start }: WorkerOrder, child: Child) {
    this.#clock = clock;
    this.#log = log;
    this.#child = child;
    this.#started = clock.monotonic();
    this.#health = health === undefined ? undefined : new WorkerHealth({ clock, get }, health);
    this.pid = child.pid;
    this.ended = child.exited;
    this.failed = this.#health?.failed ?? new Promise(() => {});
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

  /** Tells it to end: once, however often it is called. */
  drain(): void {
    this.#health?.drain();
    this.#child.term();
  }

  /**
   * Kills what is left of it, and waits until nothing is: its own process, and whatever it started.
   *
   * @param until how long to wait, as it is then: it may come closer
   * @returns whether nothing lives any more; false when that was not seen in time
   */
  async gone(until: () => Millis): Promise<boolean> {
    this.#health?.stop();
    for (;;) {
      // Each time: what was just being forked at the first is there at the second.
      this.#child.killGroup();
      if (!this.#child.groupAlive()) return true;
      if (this.#clock.monotonic() >= until()) return false;
      await Deadline.in(this.#clock, LOOK).passed;
    }
  }

  #logExit(ended: Ended): void {
    this.#health?.stop();
    const how = "code" in ended ? `with code ${ended.code}` : `by ${ended.signal}`;
    this.#log("INFO", event.workerExited, `the worker ended ${how} after ${seconds(this.ran)}`, {
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
