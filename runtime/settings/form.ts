import { distance } from "fastest-levenshtein";
import { formatDuration, parseDuration, type Seconds } from "../../domain/duration.ts";
import { count, quoted } from "../../domain/findings.ts";

/** What is wrong with a text, and the way out. */
export interface Wrong {
  /** Below the variable, where its text has parts. */
  readonly path?: string;
  readonly problem: string;
  readonly remedy: string;
}

export type Reading<T> = { readonly value: T } | { readonly wrong: readonly Wrong[] };

/** How a variable's text is written and read. */
export interface Form<T> {
  /** In a table for people: `duration`. */
  readonly kind: string;
  /** What is possible, in words, where the kind does not say it. */
  readonly limits?: string;
  read(text: string): Reading<T>;
}

export const wrong = (problem: string, remedy: string): { readonly wrong: readonly Wrong[] } => ({
  wrong: [{ problem, remedy }],
});

/**
 * A given text inside a message. Whatever stands in a variable or an argument may be a secret that was meant for another
 * one, so it is repeated only where it cannot be: a number with or without a unit, or a slip in one of the possible words.
 */
export function shown(text: string, possible: readonly string[] = []): string {
  const slip = possible.some((word) => distance(text.toLowerCase(), word.toLowerCase()) <= 2);
  return slip || NUMBER.test(text) ? quoted(text) : `the text of ${count(text.length, "character")} (not shown)`;
}

/** Shorter than a telephone's number, and with no more letters than a unit has. */
const NUMBER = /^[A-Za-z]{0,2}[-+]?\d{1,6}([.:e]\d{1,3})?\s?[A-Za-z]{0,3}$/;

/** Bare numbers over this many seconds are refused: somebody thought of milliseconds. */
const MOST_BARE_SECONDS: Seconds = 3600;

/** `30s`, `1h30m`, or whole seconds without a unit; limits included. */
export function duration(min: Seconds, max: Seconds, reason: string): Form<Seconds> {
  const limits = `${formatDuration(min)} to ${formatDuration(max)}: ${reason}`;
  return {
    kind: "duration",
    limits,
    read: (text) => {
      const bare = /^\d+$/.test(text) ? Number(text) : undefined;
      if (bare !== undefined && bare > MOST_BARE_SECONDS) {
        const meant = formatDuration(Math.max(1, Math.round(bare / 1000)));
        return wrong(
          `${shown(text)} is probably meant in milliseconds: a bare number is seconds, and at most ${MOST_BARE_SECONDS.toLocaleString("en")}.`,
          bare < 1e9 ? `Write ${meant}, or ${formatDuration(bare)}.` : "Write it with a unit.",
        );
      }
      const seconds = bare ?? parseDuration(text);
      if (seconds === undefined) {
        return wrong(
          `${shown(text)} is not a duration.`,
          "Write whole numbers with their units, such as 30s, 2h or 1h30m.",
        );
      }
      if (seconds >= min && seconds <= max) return { value: seconds };
      return wrong(
        `${shown(text)} is not a duration from ${limits}.`,
        `Choose one from ${formatDuration(min)} to ${formatDuration(max)}.`,
      );
    },
  };
}

/** A whole number within limits, both included. */
export function whole(min: number, max: number, reason: string): Form<number> {
  const limits = `${min} to ${max}: ${reason}`;
  return {
    kind: "whole number",
    limits,
    read: (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return { value };
      return wrong(`${shown(text)} is not a whole number from ${limits}.`, `Choose one from ${min} to ${max}.`);
    },
  };
}

/** `a, b or c`. */
export function either(words: readonly string[]): string {
  return [words.slice(0, -1).join(", "), words.at(-1)].filter(Boolean).join(" or ");
}

export function choice<const T extends string>(...options: readonly [T, T, ...T[]]): Form<T> {
  return {
    kind: options.map((option) => `\`${option}\``).join(" or "),
    read: (text) => {
      const value = options.find((option) => option === text);
      return value === undefined
        ? wrong(`${shown(text, options)} is not possible.`, `Give ${either(options)}.`)
        : { value };
    },
  };
}

/** Text of one form. */
export function matching(pattern: RegExp, kind: string, limits: string, remedy: string): Form<string> {
  return {
    kind,
    limits,
    read: (text) =>
      pattern.test(text) ? { value: text } : wrong(`${shown(text)} is not possible: ${limits}.`, remedy),
  };
}
