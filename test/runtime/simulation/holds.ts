import type { Millis } from "../../../runtime/ports.ts";
import type { MachineClock } from "../../support/machine-clock.ts";
import type { VirtualClock } from "../../support/virtual-clock.ts";

/** Why a process does not run: SIGSTOP of the runtime or of the machine, SIGSTOP of the worker, a move of the machine. */
export type Hold = "stopped" | "blocked" | "moved";

/** One and a half heartbeats, by a slow clock: a stop that a runtime has to notice. */
const LONG_STOP: Millis = 45_000 / 0.98 + 100;

/** What keeps the processes of one container from running. Each goes on when nothing does any more. */
export class Holds {
  /** When the runtime went on after such stops. */
  readonly longStops: Millis[] = [];
  readonly #time: VirtualClock;
  readonly #runtime: MachineClock;
  readonly #holds = new Map<MachineClock, Set<Hold>>();
  readonly #began = new Map<MachineClock, Millis>();
  #wentOn: Millis = Number.NEGATIVE_INFINITY;

  constructor(time: VirtualClock, runtime: MachineClock) {
    this.#time = time;
    this.#runtime = runtime;
  }

  hold(process: MachineClock, why: Hold): void {
    const holds = this.#holds.get(process) ?? new Set();
    if (holds.size === 0) this.#began.set(process, this.#time.monotonic());
    this.#holds.set(process, holds.add(why));
    process.halt();
  }

  release(process: MachineClock, why: Hold, first: "timers" | "answers" = "timers"): void {
    const holds = this.#holds.get(process);
    if (holds?.delete(why) !== true || holds.size > 0) return;
    const now = this.#time.monotonic();
    this.#wentOn = now;
    if (process === this.#runtime && now - (this.#began.get(process) ?? now) > LONG_STOP) this.longStops.push(now);
    process.wake(first);
  }

  releaseAll(): void {
    for (const [process, holds] of this.#holds) for (const why of [...holds]) this.release(process, why);
  }

  /** For how long a process has not run; 0 for one that does. */
  heldFor(process: MachineClock): Millis {
    const began = this.#began.get(process);
    return process.halted && began !== undefined ? this.#time.monotonic() - began : 0;
  }

  /** Whether something kept it from running within this time. */
  within(time: Millis): boolean {
    return this.#runtime.halted || this.#time.monotonic() - this.#wentOn < time;
  }
}
