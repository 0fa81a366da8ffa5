import type { Cancel, Clock, Millis } from "../../../runtime/ports.ts";

/** Time that passes when it is told to. */
export class Timeline implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: Millis; readonly call: () => void }>();

  readonly monotonic = () => this.#now;
  readonly boot = () => this.#now;
  readonly wall = () => this.#now;

  readonly after = (delay: Millis, call: () => void): Cancel => {
    const timer = { at: this.#now + delay, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** How many calls are still to come. */
  get waiting(): number {
    return this.#timers.size;
  }

  async pass(time: Millis): Promise<void> {
    const until = this.#now + time;
    await settled();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = next.at;
      this.#timers.delete(next);
      next.call();
      await settled();
    }
    this.#now = until;
  }

  #next(until: Millis) {
    const due = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
    return due[0];
  }
}

/** After all that follows without waiting. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What became of a promise so far. */
export function watched<T>(promise: Promise<T>): { outcome: "waits" | T | Error } {
  const watch: { outcome: "waits" | T | Error } = { outcome: "waits" };
  promise.then(
    (value) => {
      watch.outcome = value;
    },
    (error: Error) => {
      watch.outcome = error;
    },
  );
  return watch;
}
