/** The changes of a resource as lines, for every form that a report has: what it was with `-`, what it is with `+`. */
import { visible } from "../../domain/findings.ts";
import type { ResourceChange, ResourcePropertyChange } from "../compare/resources.ts";
import type { MaskedValue } from "../resources.ts";

export interface DiffLine {
  readonly sign: "-" | "+" | " ";
  /** One line; nothing in it that a terminal obeys. */
  readonly text: string;
}

export const signs = { create: "+", update: "~", replace: "±", delete: "-", rename: "»" } as const;

/** Values that are longer are shown around the place where they differ. */
const WHOLE = 120; // characters
const AROUND = 30; // characters on either side
const LONGEST = 400; // characters
/** Lines of a text, on either side. */
const MOST_LINES = 12;
/** Of one resource: a dashboard that is new has hundreds. */
const MOST_OF_ONE = 60; // lines

/** What of a resource changes. A deleted one is told by its heading alone. */
export function diffOf({ step, properties, options, formerUrn }: ResourceChange): readonly DiffLine[] {
  if (step === "delete") return [];
  const lines = [
    ...(formerUrn === undefined ? [] : [line(" ", `was ${formerUrn}`)]),
    ...options.flatMap(({ option, before, after }) => [
      line("-", `(${option}) ${JSON.stringify(before)}`),
      line("+", `(${option}) ${JSON.stringify(after)}`),
    ]),
    ...properties.flatMap(property),
  ];
  if (lines.length <= MOST_OF_ONE) return lines;
  return [...lines.slice(0, MOST_OF_ONE), line(" ", `… ${lines.length - MOST_OF_ONE} more lines`)];
}

function property(change: ResourcePropertyChange): readonly DiffLine[] {
  const { path, before, after, replaces, follows = [] } = change;
  const note = replaces === true ? "  (replaces it)" : "";
  if (follows.length > 0) {
    const names = follows.map((urn) => urn.split("::").at(-1)).join(", ");
    return [line("+", `${path}: known after up, from ${names}${note}`)];
  }
  if (before === "[secret]" && after === "[secret]") return [line("+", `${path}: [secret] changed${note}`)];
  const [old, now] = shownPair(before, after);
  return [
    ...old.map((text, index) => line("-", index === 0 ? `${path}: ${text}` : `  ${text}`)),
    ...now.map((text, index) => line("+", `${index === 0 ? `${path}: ${text}${note}` : `  ${text}`}`)),
  ];
}

const line = (sign: DiffLine["sign"], text: string): DiffLine => ({ sign, text: visible(text).trimEnd() });

/** @returns the lines of either; none for a side that is not there */
function shownPair(
  before: MaskedValue | undefined,
  after: MaskedValue | undefined,
): readonly [readonly string[], readonly string[]] {
  const texts = [before, after].map((value) => (typeof value === "string" ? value : undefined));
  if (texts.some((text) => text?.includes("\n"))) return shownLines(texts[0] ?? "", texts[1] ?? "");
  // For people: quotes around a text, and nothing escaped inside.
  const [old, now] = [before, after].map((value) =>
    value === undefined ? undefined : typeof value === "string" ? `"${value}"` : JSON.stringify(value),
  );
  const [from, to] = middles(old ?? "", now ?? "");
  return [old === undefined ? [] : [from], now === undefined ? [] : [to]];
}

/** Two texts of one line, cut to where they differ. */
function middles(before: string, after: string): readonly [string, string] {
  if (before.length <= WHOLE && after.length <= WHOLE) return [before, after];
  const [start, end] = sameEnds([...before], [...after]);
  const cut = (text: string): string => {
    const from = start > AROUND * 2 ? start - AROUND : 0;
    const to = end > AROUND * 2 ? text.length - end + AROUND : text.length;
    const middle = text.slice(from, to);
    const shown = middle.length > LONGEST ? `${middle.slice(0, LONGEST)}… (${text.length} characters)` : middle;
    return `${from > 0 ? "…" : ""}${shown}${to < text.length ? "…" : ""}`;
  };
  return [cut(before), cut(after)];
}

/** Texts of several lines: those that differ. */
function shownLines(before: string, after: string): readonly [readonly string[], readonly string[]] {
  const [old, now] = [before, after].map((text) => (text === "" ? [] : text.split("\n")));
  const [start, end] = sameEnds(old ?? [], now ?? []);
  const cut = (lines: readonly string[] = []): readonly string[] => {
    const differing = lines.slice(start, lines.length - end);
    const shown = differing.slice(0, MOST_LINES).map((text) => middles(text, "")[0]);
    const more = differing.length - shown.length;
    return [`(from line ${start + 1})`, ...shown, ...(more > 0 ? [`… ${more} more lines`] : [])];
  };
  return [old?.length === 0 ? [] : cut(old), now?.length === 0 ? [] : cut(now)];
}

/** How much two lists have in common at their beginnings and at their ends. */
function sameEnds(before: readonly string[], after: readonly string[]): readonly [number, number] {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return [start, end];
}
