import { VirtualClock } from "../virtual-clock.ts";

/**
 * A clock that only a test moves, begun at this machine's monotonic time: a real worker compares `notAfter` with that.
 * Each test takes less real time than a claim may be acted for.
 */
export class MachineClock extends VirtualClock {
  readonly #ahead = Number(process.hrtime.bigint()) / 1e6 - 1_000_000;

  override monotonic(): number {
    return super.monotonic() + this.#ahead;
  }
}
