import type { Instant } from "../../domain/zone.ts";
import type { Cancel, Clock, Millis } from "../../runtime/ports.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** One machine's clocks, in a time that all machines share: they may run too fast or too slowly, be set, or stand still. */
export class Machine {
  readonly #time: Readings;
  readonly #rate: number;
  /** How long the monotonic clock has stood still in all, in the time that all share. */
  #suspended: Millis = 0;
  #suspendedSince: Millis | undefined;
  readonly #began: Instant;
  #wallSet: Millis = 0;
  #mostSet: Millis = 0;

  /** @param rate how fast its clocks run: 1.02 for a crystal that is 2 % too fast */
  constructor(time: Readings, rate = 1) {
    this.#time = time;
    this.#rate = rate;
    this.#began = time.wall();
  }

  get rate(): number {
    return this.#rate;
  }

  /** By how much its wall clock was ever off, for having been set. */
  get mostSet(): Millis {
    return this.#mostSet;
  }

  monotonic(): Millis {
    const now = this.#suspendedSince ?? this.#time.monotonic();
    return (now - this.#suspended) * this.#rate;
  }

  boot(): Millis {
    return this.#time.boot() * this.#rate;
  }

  wall(): Instant {
    return this.#began + (this.#time.wall() - this.#began) * this.#rate + this.#wallSet;
  }

  /** Somebody sets the wall clock. */
  setWall(by: Millis): void {
    this.#wallSet += by;
    this.#mostSet = Math.max(this.#mostSet, Math.abs(this.#wallSet));
  }

  /** It stands still as a whole, and with it the monotonic clock. */
  suspend(): void {
    this.#suspendedSince ??= this.#time.monotonic();
  }

  resume(): void {
    if (this.#suspendedSince !== undefined) this.#suspended += this.#time.monotonic() - this.#suspendedSince;
    this.#suspendedSince = undefined;
  }
}

type Readings = Pick<VirtualClock, "monotonic" | "boot" | "wall">;

/** What a process on a machine has of its clocks. The process may be stopped, and the machine suspended as a whole. */
export class MachineClock implements Clock {
  readonly #time: Clock;
  readonly #machine: Machine;
  #halted = false;
  #late: (() => void)[] = [];
  #waiting: (() => void)[] = [];

  /** @param machine one that it shares with other processes */
  constructor(time: VirtualClock, rate = 1, machine = new Machine(time, rate)) {
    this.#time = time;
    this.#machine = machine;
  }

  monotonic(): Millis {
    return this.#machine.monotonic();
  }

  boot(): Millis {
    return this.#machine.boot();
  }

  wall(): Instant {
    return this.#machine.wall();
  }

  after(delay: Millis, call: () => void): Cancel {
    const due = this.monotonic() + delay;
    let cancelled = false;
    let cancel: Cancel;
    const fire = () => {
      if (cancelled) return;
      if (this.#halted) this.#late.push(fire);
      else if (due - this.monotonic() > 0.001) arm();
      else call();
    };
    const arm = () => {
      cancel = this.#time.after((due - this.monotonic()) / this.#machine.rate, fire);
    };
    arm();
    return () => {
      cancelled = true;
      cancel();
    };
  }

  get halted(): boolean {
    return this.#halted;
  }

  /** Its processes do not run (SIGSTOP, or for good); its clocks do. */
  halt(): void {
    this.#halted = true;
  }

  /** The machine is suspended: nothing runs, and the monotonic clock stands still. */
  suspend(): void {
    this.#halted = true;
    this.#machine.suspend();
  }

  /**
   * Goes on.
   * @param first what a process finds first: the timers that are due, or the answers that have come meanwhile
   */
  wake(first: "timers" | "answers" = "timers"): void {
    this.#halted = false;
    this.#machine.resume();
    const [late, waiting] = [this.#late, this.#waiting];
    this.#late = [];
    this.#waiting = [];
    for (const call of first === "timers" ? [...late, ...waiting] : [...waiting, ...late]) this.#time.after(0, call);
  }

  /** Resolves at once, or as soon as the machine runs again. */
  awake(): Promise<void> {
    if (!this.#halted) return Promise.resolve();
    return new Promise((resolve) => {
      const wait = () => {
        if (this.#halted) this.#waiting.push(wait);
        else resolve();
      };
      wait();
    });
  }

  /** Somebody sets the wall clock. */
  setWall(by: Millis): void {
    this.#machine.setWall(by);
  }
}
