import type { Millis } from "../../../runtime/ports.ts";

/** What happened in a world, line by line, for whoever looks into a failure. */
export class Story {
  readonly lines: string[] = [];
  readonly violations: string[] = [];
  readonly #now: () => Millis;
  readonly #began: Millis;

  constructor(now: () => Millis) {
    this.#now = now;
    this.#began = now();
  }

  tell(who: string, what: string): void {
    this.lines.push(`${((this.#now() - this.#began) / 1000).toFixed(3).padStart(9)} s  ${who.padEnd(8)} ${what}`);
  }

  /** @param holds what must be so */
  check(holds: boolean, violation: () => string): void {
    if (holds) return;
    const text = violation();
    this.tell("!", `VIOLATION ${text}`);
    this.violations.push(text);
  }
}
