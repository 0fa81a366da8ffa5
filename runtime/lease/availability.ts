import { event } from "../../domain/events.ts";
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

  tell(failure: Error | undefined): void {
    if (failure instanceof StoreError && failure.dropped) return;
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
