/** Logging's query language, as far as our filters use it: https://docs.cloud.google.com/logging/docs/view/logging-query-language (November 2026) */

/** Every one of the terms holds. */
export function all(...terms: readonly string[]): string {
  return terms.join(" AND ");
}

/** A field has a value, or one of several. */
export function is(field: string, value: string | readonly string[]): string {
  const values = (typeof value === "string" ? [value] : value).map((text) => JSON.stringify(text));
  return `${field}=${values.length === 1 ? values[0] : `(${values.join(" OR ")})`}`;
}

/** A field contains a text, in any case. */
export function has(field: string, text: string): string {
  return `${field}:${JSON.stringify(text)}`;
}

/** The entry itself contains a text, anywhere and in any case. */
export function mentions(text: string): string {
  return JSON.stringify(text);
}

export const isError = "severity>=ERROR";

export const noError = "severity<ERROR";
