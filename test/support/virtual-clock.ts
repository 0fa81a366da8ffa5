import type { Instant } from "../../domain/zone.ts";
import type { Cancel, Clock, Millis } from "../../runtime/ports.ts";

interface Timer {
  readonly due: Millis;
  /** In which it was set. */
  readonly order: number;
  readonly call: () => void;
  cancelled: boolean;
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.due === b.due ? a.order < b.order : a.due < b.due;
}

/**
 * A machine's clocks, which stand still until a test moves them. Timers run in the order in which they are due, those of
 * one moment in the order in which they were set; after each, and before time goes on, everything that it set going
 * has gone as far as it goes without time.
 */
export class VirtualClock implements Clock {
  /** A binary heap: the next one first. Cancelled ones are left out when they come up. */
  readonly #heap: Timer[] = [];
  #set = 0;
  #waiting = 0;
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
    const timer = { due: this.#monotonic + Math.max(1, delay), order: this.#set++, call, cancelled: false };
    this.#push(timer);
    this.#waiting++;
    return () => {
      if (!timer.cancelled) this.#waiting--;
      timer.cancelled = true;
    };
  }

  /** How many timers are set: none are left behind by what is over. */
  get timers(): number {
    return this.#waiting;
  }

  /**
   * The same as `advance`, without a turn of the event loop for each timer: a simulation has a thousand of them a
   * millisecond. Not to be called by a promise: what promises wait for goes on in here.
   *
   * @param over asked after each timer: whether to stop
   */
  play(by: Millis, over: () => boolean = () => false): void {
    const to = this.#monotonic + by;
    settledNow();
    for (let next = this.#next(to); next !== undefined; next = this.#next(to)) {
      this.#monotonic = Math.max(this.#monotonic, next.due);
      this.#call(next);
      settledNow();
      if (over()) return;
    }
    this.#monotonic = Math.max(this.#monotonic, to);
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
    while (this.#heap[0]?.cancelled === true) this.#pop();
    const [next] = this.#heap;
    return next !== undefined && next.due <= to ? next : undefined;
  }

  async #run(timer: Timer): Promise<void> {
    this.#call(timer);
    await settled();
  }

  #call(timer: Timer): void {
    this.#pop();
    this.#waiting--;
    timer.cancelled = true;
    timer.call();
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Timer;
      if (!isBefore(timer, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Timer, heap[below] as Timer)) below++;
      if (!isBefore(heap[below] as Timer, last)) break;
      heap[at] = heap[below] as Timer;
      at = below;
    }
    heap[at] = last;
  }
}

/** Everything that goes on without time has gone on: promises wait in turns that end before the event loop's next. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The same at once. Node's own name for it, which its documentation does not have; a test sees that it does it. */
const { _tickCallback: settledNow } = process as unknown as { readonly _tickCallback: () => void };
