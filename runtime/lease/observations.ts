import type { Millis } from "../ports.ts";
import type { Lease } from "./record.ts";

/** What changes whenever an owner moves, or is another one. In numbers: 100,000 of them are kept. */
export interface Version extends Pick<Lease, "epoch" | "hbSeq"> {
  /** Begins the claim's id. People may set a record back without its lease, and epochs begin anew. */
  readonly claim: number;
}

/** Hexadecimal digits that are a small integer. */
const DIGITS = 7;

export function versionOf({ epoch, hbSeq, claimId }: Pick<Lease, "epoch" | "hbSeq" | "claimId">): Version {
  return { epoch, hbSeq, claim: Number.parseInt(claimId.slice(0, DIGITS), 16) || 0 };
}

export function sameVersion(a: Version, b: Version): boolean {
  return a.epoch === b.epoch && a.hbSeq === b.hbSeq && a.claim === b.claim;
}

interface Observed extends Version {
  /** When this observer first saw it so, on its monotonic clock, after the answer was there. */
  since: Millis;
  /** When this observer last saw it move. */
  readonly moved: Millis | undefined;
  /** The sweep that saw it last. */
  sweep: number;
}

/**
 * What this process has itself seen of others' leases, and since when. No clock but its own decides: a record that did
 * not move for long enough, while this process was watching, has no owner.
 */
export class Observations {
  #sweep = 0;
  readonly #seen = new Map<string, Observed>();

  /** A new look at everything. What is not seen in it is forgotten by `endSweep`. */
  beginSweep(): void {
    this.#sweep++;
  }

  endSweep(): void {
    for (const [key, { sweep }] of this.#seen) if (sweep !== this.#sweep) this.#seen.delete(key);
  }

  /** @param at when the answer with it was there. Earlier would count time in which it may have moved. */
  see(key: string, { epoch, hbSeq, claim }: Version, at: Millis): void {
    const before = this.#seen.get(key);
    if (before !== undefined && sameVersion(before, { epoch, hbSeq, claim })) before.sweep = this.#sweep;
    else {
      const moved = before === undefined ? undefined : at;
      this.#seen.set(key, { epoch, hbSeq, claim, since: at, moved, sweep: this.#sweep });
    }
  }

  version(key: string): Version | undefined {
    return this.#seen.get(key);
  }

  /** How long it has been seen not to move; `undefined` when it was never seen. */
  unmovedFor(key: string, now: Millis): Millis | undefined {
    const seen = this.#seen.get(key);
    return seen === undefined ? undefined : now - seen.since;
  }

  /** How long ago it was seen to move; `undefined` when that was never seen. */
  movedBefore(key: string, now: Millis): Millis | undefined {
    const moved = this.#seen.get(key)?.moved;
    return moved === undefined ? undefined : now - moved;
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }

  /** After a gap in which this process saw nothing: whatever did not move then says nothing. What moved, moved. */
  startAnew(now: Millis): void {
    for (const seen of this.#seen.values()) seen.since = now;
  }

  keys(): IterableIterator<string> {
    return this.#seen.keys();
  }

  /** Those that have been seen not to move for `span`. */
  unmoved(span: Millis, now: Millis): readonly string[] {
    const keys: string[] = [];
    for (const [key, { since }] of this.#seen) if (now - since >= span) keys.push(key);
    return keys;
  }

  /** Those that have been seen not to move for the longest, and for how long. Few: each of all is compared with them. */
  stillest(count: number, now: Millis): readonly { readonly key: string; readonly unmoved: Millis }[] {
    const stillest: { key: string; unmoved: Millis }[] = [];
    for (const [key, { since }] of this.#seen) {
      const unmoved = now - since;
      const last = stillest.at(-1);
      if (stillest.length >= count && (last === undefined || last.unmoved >= unmoved)) continue;
      if (stillest.length >= count) stillest.pop();
      const place = stillest.findIndex((other) => other.unmoved < unmoved);
      stillest.splice(place === -1 ? stillest.length : place, 0, { key, unmoved });
    }
    return stillest;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** When the first of these will have been unmoved for `span`, of those that have not been by `now`. */
  nextDue(span: Millis, now: Millis): Millis | undefined {
    let first: Millis | undefined;
    for (const { since } of this.#seen.values()) {
      const due = since + span;
      if (due > now && (first === undefined || due < first)) first = due;
    }
    return first;
  }
}
