/** Chance that can be had again: the same seed, the same throws. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, and without, 1: mulberry32, https://github.com/cprosche/mulberry32 (November 2026). */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  one<T>(of: readonly [T, ...T[]] | readonly T[]): T {
    return of[this.whole(0, of.length - 1)] as T;
  }

  /** As many different ones, in the order in which they are given. */
  several<T>(of: readonly T[], least: number, most: number): readonly T[] {
    const wanted = Math.min(this.whole(least, most), of.length);
    const places = new Set<number>();
    while (places.size < wanted) places.add(this.whole(0, of.length - 1));
    return of.filter((_, place) => places.has(place));
  }

  /** Something to spread, or nothing. */
  maybe<T extends object>(make: () => T): T | Record<never, never> {
    return this.#next() < 0.5 ? make() : {};
  }
}
