import type { Millis } from "../ports.ts";

/** A worker that ran this long without a fault has shown that it can: what was before no longer counts. Ours. */
const FORGET_AFTER: Millis = 600_000;

const FIRST_DELAY: Millis = 1000;
/** A clinic without a worker for longer than a minute calls for a person, and the alerts for one. Ours. */
const LONGEST_DELAY: Millis = 60_000;

/** How long a worker that has died `deaths` times in a row waits for its next start: 1 s, 2 s, 4 s … 60 s. */
function restartDelay(deaths: number): Millis {
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (deaths - 1));
}

/** Counts a worker's deaths in a shift, and says what follows from each. */
export class Restarts {
  readonly #limit: number;
  #deaths = 0;

  /** @param limit how often it may be started again without having run well in between */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get deaths(): number {
    return this.#deaths;
  }

  /**
   * @param ranWell how long it had run without a fault
   * @returns how long to wait for the next start; undefined when there is none
   */
  died(ranWell: Millis): Millis | undefined {
    this.#deaths = ranWell >= FORGET_AFTER ? 1 : this.#deaths + 1;
    return this.#deaths > this.#limit ? undefined : restartDelay(this.#deaths);
  }
}
