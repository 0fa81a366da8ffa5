import type { Clock } from "../ports.ts";
import { Deadline } from "./deadline.ts";
import type { Reason } from "./exit.ts";
import type { Ended } from "./processes.ts";

/** Why a container leaves. */
export interface Departed {
  readonly reason: Reason;
  /** How the worker ended, where that is why. */
  readonly ended: Ended | undefined;
}

/**
 * The container's leaving: begun once, for the first reason that there is; what comes later can only hasten it. A
 * SIGTERM in the middle of a drain does not make a closing a failure, and a closing does not give a SIGTERM more time.
 */
export class Departure {
  readonly begun: Promise<Departed>;
  /** When what is left of the worker is killed. */
  readonly kill: Deadline;
  /** When the process is gone, whoever has not answered by then. */
  readonly exit: Deadline;
  #begin: (departed: Departed) => void = () => {};
  #reason: Reason | undefined;

  constructor(clock: Clock) {
    this.kill = new Deadline(clock);
    this.exit = new Deadline(clock);
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  get reason(): Reason | undefined {
    return this.#reason;
  }

  begin(reason: Reason, ended?: Ended): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#begin({ reason, ended });
  }

  cancel(): void {
    this.kill.cancel();
    this.exit.cancel();
  }
}
