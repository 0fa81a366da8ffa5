import type { Clock, Millis } from "./ports.ts";

/** What the other two clocks may come apart unnoticed: far less than any time that matters, and more than two looks take. */
const UNNOTICED: Millis = 100;
/** A wall clock that is set back by just as much as the machine slept hides that for as long. */
const KNOWN_FOR: Millis = 1_000;

/**
 * CLOCK_BOOTTIME, seldom read: Node takes it from a file, which costs more than the rest of the code that asks for it. It goes
 * as CLOCK_MONOTONIC does but while the machine sleeps, and sleep shows on the wall clock: Linux sets both on by it. So it is
 * read once a second, and when those two have come apart.
 *
 * @param read the clock itself
 */
export function bootClock({ monotonic, wall }: Pick<Clock, "monotonic" | "wall">, read: () => Millis): () => Millis {
  let known: { readonly since: Millis; readonly apart: Millis; readonly slept: Millis } | undefined;
  return () => {
    const date = wall();
    const now = monotonic();
    if (known !== undefined) {
      const moved = Math.abs(date - now - known.apart);
      if (moved < UNNOTICED && now - known.since < KNOWN_FOR) return now + known.slept;
    }
    const boot = read();
    // After the others: a process that is stopped in between finds them apart the next time, and reads anew.
    const since = monotonic();
    known = { since, apart: date - since, slept: boot - since };
    return boot;
  };
}
