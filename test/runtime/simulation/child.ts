import type { Millis, Random } from "../../../runtime/ports.ts";
import type { HttpAnswer } from "../../../runtime/supervisor/http.ts";
import type { Child, Ended } from "../../../runtime/supervisor/processes.ts";
import type { MachineClock } from "../../support/machine-clock.ts";
import type { VirtualClock } from "../../support/virtual-clock.ts";
import type { ModelWorker } from "./worker.ts";

/** How a worker's processes are, and end. */
export interface ChildNature {
  /** In front of the worker there is a launcher, a shell perhaps, that ends alone. */
  readonly launcher: boolean;
  /** How long the system takes to tear it down after SIGKILL. Infinite: it hangs in the system for good. */
  readonly lingers: Millis;
}

/** The processes of one start of a worker. */
export class SimulatedChild implements Child {
  readonly pid: number;
  readonly exited: Promise<Ended>;
  readonly clock: MachineClock;
  readonly nature: ChildNature;
  /** How many SIGTERMs its first process and the worker behind it got. */
  terms = 0;
  workerTerms = 0;
  /** Whether it died of itself. */
  died = false;
  ready = true;
  /** Whether the runtime ever heard from it that it is healthy: from then on it is judged. */
  answered = false;
  /** When its first process ended. */
  endedAt: Millis = Number.POSITIVE_INFINITY;
  readonly #time: VirtualClock;
  readonly #worker: ModelWorker;
  #ended: Ended | undefined;
  #end: (ended: Ended) => void = () => {};
  #tornDown = false;
  #tearingDown = false;

  constructor(time: VirtualClock, of: { pid: number; clock: MachineClock; nature: ChildNature; worker: ModelWorker }) {
    this.#time = time;
    this.pid = of.pid;
    this.clock = of.clock;
    this.nature = of.nature;
    this.#worker = of.worker;
    this.exited = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get worker(): ModelWorker {
    return this.#worker;
  }

  term(): void {
    this.terms++;
    if (this.nature.launcher) this.#endBy({ signal: "SIGTERM" });
    else this.#termWorker();
  }

  termOrphans(): number {
    if (!this.nature.launcher || this.workerTerms > 0 || !this.#worker.alive) return 0;
    this.#termWorker();
    return 1;
  }

  killAll(): void {
    const lived = this.alive();
    this.#worker.kill();
    this.#endBy({ signal: "SIGKILL" });
    if (lived) this.#tearDown();
  }

  alive(): boolean {
    return !this.#tornDown && (this.#ended === undefined || this.#worker.alive || this.#tearingDown);
  }

  /** Of itself. */
  die(ended: Ended): void {
    if (this.#ended !== undefined) return;
    this.died = true;
    this.#worker.kill();
    this.#endBy(ended);
  }

  /** The launcher alone. @returns false when there is none */
  loseLauncher(): boolean {
    if (!this.nature.launcher || this.#ended !== undefined) return false;
    this.died = true;
    this.#endBy({ code: 1 });
    return true;
  }

  /** The worker has ended by itself. */
  workerEnded(): void {
    this.#worker.kill();
    this.#endBy({ code: 0 });
  }

  async answer(path: string): Promise<HttpAnswer> {
    await this.clock.awake();
    if (!this.#worker.alive) throw new Error("nobody listens");
    if (path === "/worker") return { status: 200, body: JSON.stringify({ active_jobs: this.#worker.calls }) };
    return { status: this.ready ? 200 : 503, body: "" };
  }

  #termWorker(): void {
    this.workerTerms++;
    void this.clock.awake().then(() => this.#worker.term());
  }

  #endBy(ended: Ended): void {
    if (this.#ended !== undefined) return;
    this.#ended = ended;
    this.endedAt = this.#time.monotonic();
    this.#end(ended);
  }

  #tearDown(): void {
    if (this.#tearingDown || this.#tornDown) return;
    const { lingers } = this.nature;
    this.#tornDown = lingers === 0;
    this.#tearingDown = lingers > 0;
    if (lingers > 0 && Number.isFinite(lingers))
      this.#time.after(lingers, () => {
        this.#tornDown = true;
      });
  }
}

export function natureOf({ fraction }: Random): ChildNature {
  const roll = fraction();
  const lingers = roll < 0.7 ? 0 : roll < 0.98 ? 400 * fraction() : Number.POSITIVE_INFINITY;
  return { launcher: fraction() < 0.15, lingers };
}
