import { event } from "../../domain/events.ts";
import { tellMistake } from "../mistake.ts";
import type { Log } from "../ports.ts";
import { StoreError } from "../store/store.ts";

/** Says that something no longer answers, and that it does again: once for each change. */
export class Availability {
  #available = true;
  readonly #log: Log;
  readonly #what: string;
  readonly #meanwhile: string;

  /**
   * @param what what was asked of it, for people: `heartbeats`
   * @param meanwhile what happens until it does again
   */
  constructor(log: Log, what: string, meanwhile: string) {
    this.#log = log;
    this.#what = what;
    this.#meanwhile = meanwhile;
  }

  /** @param failure why it did not answer. A mistake of the runtime itself is not the database's, and told as what it is. */
  tell(failure: unknown): void {
    if (failure !== undefined && !(failure instanceof StoreError)) {
      tellMistake(this.#log, this.#what, failure);
      return;
    }
    if (failure?.dropped) return;
    const available = failure === undefined;
    if (available === this.#available) return;
    this.#available = available;
    const fields = { what: this.#what, reason: failure?.message };
    if (available) this.#log("NOTICE", event.databaseAvailable, `The database answers again (${this.#what}).`, fields);
    else {
      const message = `No answer of the database (${this.#what}): ${this.#meanwhile}.`;
      this.#log("WARNING", event.databaseUnavailable, message, fields);
    }
  }
}
