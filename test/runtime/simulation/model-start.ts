import type { Leaving, ShiftRecord } from "../../../runtime/leases.ts";
import type { Millis } from "../../../runtime/ports.ts";
import type { Container } from "../lease/containers.ts";

/** What a start tells of itself. */
export interface StartListener {
  works(start: ModelStart): void;
  /** It leaves by the word of the shift's record: another has the shift. */
  leaves(start: ModelStart, why: "duplicate" | "completed" | "lost"): void;
  gone(start: ModelStart): void;
}

/** A container as its supervisor leads it: it enters the shift, works, and leaves when it is told to. */
export class ModelStart {
  doing: "entering" | "working" | "draining" | "gone" = "entering";
  readonly execution: string;
  readonly attempt: number;
  readonly container: Container;
  readonly #listener: StartListener;
  readonly #drain: Millis;
  readonly #told = new AbortController();

  /** @param of.drain how long its calls take to end when it lost its shift */
  constructor(
    container: Container,
    of: { readonly execution: string; readonly attempt: number; readonly drain: Millis },
    listener: StartListener,
  ) {
    this.container = container;
    this.execution = of.execution;
    this.attempt = of.attempt;
    this.#drain = of.drain;
    this.#listener = listener;
  }

  get name(): string {
    return `${this.execution}/${this.attempt}`;
  }

  /** Whether its machine runs, and nobody told it to stop. */
  get able(): boolean {
    return !this.container.clock.halted && (this.doing === "entering" || this.doing === "working");
  }

  get works(): boolean {
    return this.able && this.doing === "working";
  }

  async run(shift: ShiftRecord): Promise<void> {
    const { keeper } = this.container;
    keeper.onShiftLost(() => this.#lose());
    keeper.start();
    const entry = await keeper.enterShift(shift, this.#told.signal);
    // Told to stop meanwhile, or dead.
    if (this.doing !== "entering") return;
    if (entry.enter === "run") {
      this.doing = "working";
      this.#listener.works(this);
    } else {
      this.#listener.leaves(this, entry.why);
      await this.#finish("released");
    }
  }

  /** SIGTERM: calls get `grace` to end. */
  terminate(grace: Millis): void {
    if (this.doing === "gone") return;
    const { keeper, clock } = this.container;
    this.doing = "draining";
    this.#told.abort();
    keeper.drain("closing");
    clock.after(grace, () => void this.#finish("released"));
  }

  /** Its process is gone, and nobody is told. */
  die(): void {
    this.container.crash();
    this.#gone();
  }

  #lose(): void {
    if (this.doing !== "working") return;
    const { keeper, clock } = this.container;
    this.#listener.leaves(this, "lost");
    this.doing = "draining";
    keeper.drain("draining");
    clock.after(this.#drain, () => void this.#finish("released"));
  }

  async #finish(leaving: Leaving): Promise<void> {
    if (this.doing === "gone") return;
    this.doing = "draining";
    await this.container.keeper.finish(leaving);
    if (this.#isGone()) return;
    this.container.crash();
    this.#gone();
  }

  #gone(): void {
    if (this.#isGone()) return;
    this.doing = "gone";
    this.#listener.gone(this);
  }

  #isGone(): boolean {
    return this.doing === "gone";
  }
}
