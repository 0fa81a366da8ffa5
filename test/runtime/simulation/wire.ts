import type { Cancel, Millis, Random } from "../../../runtime/ports.ts";
import type { MachineClock } from "../../support/machine-clock.ts";
import type { VirtualClock } from "../../support/virtual-clock.ts";

/** As long as a call over a Unix socket takes. */
const HOP: Millis = 3;
/** How long a worker waits for an answer before it calls again, as the Python example does. */
const PATIENCE: Millis = 10_000;
/** How often a call is made twice: a worker's own client may do that. A Unix socket brings the second after the first. */
const TWICE = 0.02;

/** No answer in time: the call may have been carried out. */
export class NoAnswer extends Error {}

/**
 * The socket between a worker and its runtime. A stopped runtime answers when it goes on, a stopped worker hears when
 * it goes on, a dead one never.
 */
export class Wire {
  readonly #time: VirtualClock;
  readonly #runtime: MachineClock;
  readonly #worker: MachineClock;
  readonly #random: Random;
  readonly #streams = new Set<Cancel>();
  #open = true;

  constructor(time: VirtualClock, ends: { runtime: MachineClock; worker: MachineClock }, random: Random) {
    this.#time = time;
    this.#runtime = ends.runtime;
    this.#worker = ends.worker;
    this.#random = random;
  }

  /** @throws NoAnswer, and what the call throws */
  call<T>(carryOut: () => Promise<T>): Promise<T> {
    const times = this.#random.fraction() < TWICE ? 2 : 1;
    return new Promise((resolve, reject) => {
      const cancel = this.#worker.after(PATIENCE, () => reject(new NoAnswer()));
      this.#once(carryOut, times).then(resolve, reject).finally(cancel);
    });
  }

  /** What the runtime tells the worker, as long as the worker lives. @param close how the runtime hears that it does not */
  stream(close: Cancel): Cancel {
    const once = () => {
      if (this.#streams.delete(once)) close();
    };
    this.#streams.add(once);
    if (!this.#open) once();
    return once;
  }

  tell(hear: () => void): void {
    this.#time.after(HOP * this.#random.fraction(), () => void this.#worker.awake().then(() => this.#open && hear()));
  }

  /** The worker is gone: the system closes what it had open. */
  close(): void {
    this.#open = false;
    for (const close of [...this.#streams]) close();
  }

  async #once<T>(carryOut: () => Promise<T>, times: number): Promise<T> {
    await this.#hop();
    await this.#runtime.awake();
    // What was sent before its sender died is carried out.
    const answer = await Promise.race(Array.from({ length: times }, () => settled(carryOut)));
    await this.#hop();
    await this.#worker.awake();
    if (!this.#open) return new Promise(() => {});
    if ("error" in answer) throw answer.error;
    return answer.value;
  }

  #hop(): Promise<void> | undefined {
    if (this.#random.fraction() < 0.5) return undefined;
    return new Promise((resolve) => this.#time.after(HOP * this.#random.fraction(), resolve));
  }
}

async function settled<T>(call: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}
