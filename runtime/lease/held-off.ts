import type { Clock, Millis } from "../ports.ts";

/** Ours: one who lost a race looks elsewhere, twice as long each time. */
const FIRST: Millis = 1_000;
const LONGEST: Millis = 60_000;
/** Ours: a person has to mend the record first. */
const REFUSED: Millis = 600_000;

/** Campaigns that are left alone for a while: somebody else was faster, or the database refused them. */
export class HeldOff {
  readonly #clock: Clock;
  readonly #until = new Map<string, { readonly time: Millis; readonly next: Millis }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  lost(id: string): void {
    const span = this.#until.get(id)?.next ?? FIRST;
    this.#hold(id, span, Math.min(2 * span, LONGEST));
  }

  refused(id: string): void {
    this.#hold(id, REFUSED, REFUSED);
  }

  has(id: string): boolean {
    return (this.#until.get(id)?.time ?? Number.NEGATIVE_INFINITY) > this.#clock.monotonic();
  }

  forget(id: string): void {
    this.#until.delete(id);
  }

  #hold(id: string, span: Millis, next: Millis): void {
    const now = this.#clock.monotonic();
    // What nobody met again for long is forgotten: there is no end of campaigns.
    for (const [other, { time }] of this.#until) if (now - time > REFUSED) this.#until.delete(other);
    this.#until.set(id, { time: now + span, next });
  }
}
