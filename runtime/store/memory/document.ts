import { isDeepStrictEqual } from "node:util";
import type { Expectation, Plain, Write } from "../store.ts";

/** MongoDB's rules for one document, as far as our writes come upon them. */
export type Document = { [field: string]: unknown };

/** What the database refuses, by its error codes. */
export class Refused extends Error {
  constructor(name: string, code: number) {
    super(`the database refused it (${name}, code ${code})`);
  }
}

export function matches(document: Document, expect: Expectation, write?: Write): boolean {
  return Object.entries(expect).every(([path, expected]) => {
    const value = valueAt(document, path);
    // Below an empty sub-document is nothing, as below null: the same is expected where something is written there.
    if (expected === null && write !== undefined && isDeepStrictEqual(value, {}) && writesBelow(write, path))
      return true;
    return isList(expected) ? expected.some((one) => equal(value, one)) : equal(value, expected);
  });
}

/** @returns the document after the write. @throws Refused */
export function written(document: Document, write: Write, now: Date): Document {
  const { set = {}, increment = [], now: timed = [], unset = [] } = write;
  if (Object.keys(set).length + increment.length + timed.length + unset.length === 0) throw new Refused("empty", 9);
  const result = copied(document);
  for (const [path, value] of Object.entries(set)) put(result, path, () => copied(value));
  for (const path of increment) put(result, path, incremented);
  for (const path of timed) put(result, path, () => new Date(now));
  for (const path of unset) remove(result, path);
  return result;
}

/** What a list shows of a document. */
export function shown(document: Document, fields: readonly string[]): Document {
  const result: Document = {};
  for (const path of fields) {
    const value = valueAt(document, path);
    if (value !== undefined) put(result, path, () => copied(value));
    else showParents(result, document, path);
  }
  return result;
}

export function valueAt(document: Document, path: string): unknown {
  return path.split(".").reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), document);
}

/** Null equals what is not there, and a list holds each of its elements. */
function equal(value: unknown, expected: Plain): boolean {
  if (expected === null && value === undefined) return true;
  return (
    isDeepStrictEqual(value, expected) ||
    (Array.isArray(value) && value.some((one) => isDeepStrictEqual(one, expected)))
  );
}

function put(document: Document, path: string, make: (before: unknown) => unknown): void {
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let at = document;
  for (const step of steps) {
    // Null is filled here at once; in MongoDB it takes a second write (see mongo/records).
    const next = at[step] ?? {};
    if (!isObject(next)) throw new Refused("PathNotViable", 28);
    at[step] = next;
    at = next;
  }
  at[last] = make(at[last]);
}

function incremented(before: unknown): number {
  if (before === undefined) return 1;
  if (typeof before !== "number") throw new Refused("TypeMismatch", 14);
  return before + 1;
}

function remove(document: Document, path: string): void {
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  const parent = steps.length === 0 ? document : valueAt(document, steps.join("."));
  if (isObject(parent)) delete parent[last];
}

/** A sub-document that lacks the field is shown without it. */
function showParents(result: Document, document: Document, path: string): void {
  const steps = path.split(".").slice(0, -1);
  const at = steps
    .map((_, index) => steps.slice(0, index + 1).join("."))
    .filter((parent) => isObject(valueAt(document, parent)));
  for (const parent of at) put(result, parent, (before) => before ?? {});
}

function writesBelow({ set = {}, increment = [], now = [] }: Write, path: string): boolean {
  return [...Object.keys(set), ...increment, ...now].some((each) => each.startsWith(`${path}.`));
}

/** As it comes out of a database: two places that held one object hold two. */
export function copied<T>(value: T): T;
export function copied(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return new Date(value);
  if (Array.isArray(value)) return value.map((inner) => copied(inner));
  const result: Document = {};
  for (const name of Object.keys(value)) result[name] = copied((value as Document)[name]);
  return result;
}

function isObject(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
