import type { Instant } from "../../domain/zone.ts";
import type { Cancel, Clock, Millis } from "../../runtime/ports.ts";

interface Timer {
  readonly due: Millis;
  readonly call: () => void;
}

/**
 * A machine's clocks, which stand still until a test moves them. Timers run in the order in which they are due, those of
 * one moment in the order in which they were set; after each, and before time goes on, everything that it set going
 * has gone as far as it goes without time.
 */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #monotonic: Millis = 0;
  /** How far the other clocks are ahead of the monotonic one. */
  #boot: Millis;
  #wall: Millis;

  /** @param wall a Monday morning, if nothing else is said */
  constructor(wall: Instant = Date.UTC(2027, 5, 7, 8)) {
    // No two clocks show the same number: what mixes them up shows.
    this.#monotonic = 1_000_000;
    this.#boot = 500_000;
    this.#wall = wall - this.#monotonic;
  }

  monotonic(): Millis {
    return this.#monotonic;
  }

  boot(): Millis {
    return this.#monotonic + this.#boot;
  }

  wall(): Instant {
    return this.#monotonic + this.#wall;
  }

  after(delay: Millis, call: () => void): Cancel {
    // Node too waits a millisecond where it is told to wait less.
    const timer = { due: this.#monotonic + Math.max(1, delay), call };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many timers are set: none are left behind by what is over. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets this much time go by on all clocks, and runs what becomes due, at its time. */
  async advance(by: Millis): Promise<void> {
    const to = this.#monotonic + by;
    await settled();
    for (let next = this.#next(to); next !== undefined; next = this.#next(to)) {
      this.#monotonic = Math.max(this.#monotonic, next.due);
      await this.#run(next);
    }
    this.#monotonic = Math.max(this.#monotonic, to);
    await settled();
  }

  /** Advances to the wall clock's time `at`. */
  async advanceTo(at: Instant): Promise<void> {
    await this.advance(at - this.wall());
  }

  /**
   * Lets time go by, timer by timer, until the promise is settled.
   *
   * @returns what it resolved to
   * @throws what it was rejected with; an error when it is not settled after `within`, or no timer is left
   */
  async until<T>(promise: Promise<T>, within: Millis = 3_600_000): Promise<T> {
    let over = false;
    const note = () => {
      over = true;
    };
    promise.then(note, note);
    const to = this.#monotonic + within;
    await settled();
    while (!over) {
      const next = this.#next(to);
      if (next === undefined) throw new Error(`not settled within ${within} ms; ${this.timers} timers wait for later`);
      this.#monotonic = Math.max(this.#monotonic, next.due);
      await this.#run(next);
    }
    return promise;
  }

  /** The process is stopped (SIGSTOP): all clocks go on, and what becomes due runs late, all at once. */
  async stop(time: Millis): Promise<void> {
    await settled();
    this.#monotonic += time;
    await this.advance(0);
  }

  /** The machine is suspended: the monotonic clock stands still, the others go on, nothing becomes due. */
  suspend(time: Millis): void {
    this.#boot += time;
    this.#wall += time;
  }

  /** Somebody sets the wall clock. */
  setWall(by: Millis): void {
    this.#wall += by;
  }

  #next(to: Millis): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.due <= to && (next === undefined || timer.due < next.due)) next = timer;
    return next;
  }

  async #run(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    timer.call();
    await settled();
  }
}

/** Everything that goes on without time has gone on: promises wait in turns that end before the event loop's next. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
