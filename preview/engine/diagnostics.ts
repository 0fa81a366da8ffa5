/** Messages of the program and of the SDK, cleaned for people and bounded in number and length. */
import { stripVTControlCharacters } from "node:util";
import type { Diagnostic } from "../resources.ts";

/** A program in a loop must not fill our memory. */
const MOST_MESSAGES = 500;
const LONGEST_MESSAGE = 16_384; // characters

export class Diagnostics {
  readonly #kept: Diagnostic[] = [];
  #dropped = 0;

  add({ severity, message, urn }: Diagnostic): void {
    if (this.#kept.length >= MOST_MESSAGES) {
      this.#dropped += 1;
      return;
    }
    const [text, stack] = splitStack(stripVTControlCharacters(message).slice(0, LONGEST_MESSAGE));
    this.#kept.push({
      severity,
      message: text,
      ...(stack !== undefined && { stack }),
      ...(urn !== undefined && urn !== "" && { urn }),
    });
  }

  get all(): readonly Diagnostic[] {
    if (this.#dropped === 0) return this.#kept;
    return [...this.#kept, { severity: "warning", message: `${this.#dropped} further messages were left out` }];
  }
}

/** The SDK prints an exception whole (`util.inspect`); a person needs its message first, and its stack rarely. */
function splitStack(text: string): readonly [message: string, stack: string | undefined] {
  const start = text.search(/\n\s+at /);
  return start < 0 ? [text.trimEnd(), undefined] : [text.slice(0, start).trimEnd(), text.slice(start + 1)];
}
