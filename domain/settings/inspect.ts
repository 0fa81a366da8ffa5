import { z } from "zod";

/** A field, or what lies deeper: `cpu`, `officeHours.week`. */
type Path<T> = (keyof T & string) | `${keyof T & string}.${string}`;

/**
 * A check over some fields that runs as soon as these are right, whatever is wrong with the others:
 * zod's own would wait for the whole object, and show its findings only in a second round.
 *
 * @param fields what the check reads; with none it runs as soon as the value has the right type
 */
export function inspect<T extends object>(
  fields: readonly Path<T>[],
  check: (context: z.core.ParsePayload<T>) => void,
) {
  const inspection = z.check<T>(check as never);
  inspection._zod.def.when = (context) =>
    isRight(context, []) && fields.every((field) => isRight(context, field.split(".")));
  return inspection;
}

/** The entries of a map that are right by themselves. */
export function rightEntries<V>(
  context: z.core.ParsePayload,
  path: readonly string[],
  map: Readonly<Record<string, V>>,
): readonly (readonly [string, V])[] {
  return Object.entries(map ?? {}).filter(([key]) => isRight(context, [...path, key]));
}

/** Every entry that is the same as an earlier one, with the first such. */
export function doubles<E extends readonly [string, unknown]>(
  entries: readonly E[],
  same: (one: E[1], other: E[1]) => boolean,
): readonly (readonly [earlier: E, later: E])[] {
  return entries.flatMap((later, index) => {
    const earlier = entries.slice(0, index).find((entry) => same(entry[1], later[1]));
    return earlier === undefined ? [] : [[earlier, later] as const];
  });
}

/**
 * Whether nothing is wrong at a path, above it, or below it (for the value itself: whether it has the right type).
 * An unknown key beside it is no reason not to look at what is known.
 */
function isRight(context: z.core.ParsePayload, path: readonly string[]): boolean {
  return context.issues.every(({ code, path: at = [] }) => {
    if (code === "unrecognized_keys") return true;
    if (path.length === 0) return at.length > 0 || code !== "invalid_type";
    const shared = Math.min(at.length, path.length);
    return path.slice(0, shared).some((part, index) => part !== String(at[index]));
  });
}
