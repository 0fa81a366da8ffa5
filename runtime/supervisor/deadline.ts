import type { Cancel, Clock, Millis } from "../ports.ts";

/** A moment that may only come closer. Monotonic, like the host's own grace period. */
export class Deadline {
  /** Once it is reached. */
  readonly passed: Promise<void>;
  readonly #clock: Clock;
  #pass: () => void = () => {};
  #at: Millis = Number.POSITIVE_INFINITY;
  #cancel: Cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.passed = new Promise((resolve) => {
      this.#pass = resolve;
    });
  }

  /** One that is this far ahead. */
  static in(clock: Clock, delay: Millis): Deadline {
    const deadline = new Deadline(clock);
    deadline.notAfter(clock.monotonic() + delay);
    return deadline;
  }

  /** Undefined while there is none. */
  get at(): Millis | undefined {
    return Number.isFinite(this.#at) ? this.#at : undefined;
  }

  /** Not later than this. Later moments change nothing. */
  notAfter(at: Millis): void {
    if (at >= this.#at) return;
    this.#at = at;
    this.#cancel();
    const left = at - this.#clock.monotonic();
    if (left <= 0) this.#pass();
    else this.#cancel = this.#clock.after(left, this.#pass);
  }

  /** Leaves no timer behind. */
  cancel(): void {
    this.#cancel();
  }
}
