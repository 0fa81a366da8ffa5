/**
 * A resource's properties as rules read them: JSON with two marks. What reads them in a preview and under the Pulumi
 * CLI translates into this form, so that a rule meets the same values in both.
 */

/** A value that only exists once the cloud has made something. */
export const UNKNOWN: unique symbol = Symbol("not yet known");
/** A value that is there and is not shown to rules. */
export const SECRET: unique symbol = Symbol("secret");

export type Value =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | typeof SECRET
  | readonly Value[]
  | { readonly [key: string]: Value };

export type Properties = Readonly<Record<string, Value>>;

/** What is below an unknown is unknown, and what is below a secret is secret. `null` is what is left out. */
export function at(value: Value | undefined, path: string): Value | undefined {
  const found = path === "" ? value : path.split(".").reduce<Value | undefined>(step, value);
  return found === null ? undefined : found;
}

function step(value: Value | undefined, key: string): Value | undefined {
  if (value === UNKNOWN || value === SECRET) return value;
  if (Array.isArray(value)) return value[Number(key)];
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function isMap(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether a rule can look at the value: a secret is there, but nobody reads it. */
export function isHidden(value: Value | undefined): value is typeof UNKNOWN | typeof SECRET {
  return value === UNKNOWN || value === SECRET;
}
