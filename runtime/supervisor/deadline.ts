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

  /** On the monotonic clock; infinite while there is none. */
  get at(): Millis {
    return this.#at;
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
