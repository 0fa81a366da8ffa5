import { z } from "zod";

/** How a setting's value is written: for findings about values of another type, and for the table of settings. */
export interface Written {
  /** What it is, with its article: `a duration`. */
  readonly kind: string;
  /** One that is right, as it stands in a stack file. */
  readonly example: string;
  /** What is possible, in words. */
  readonly limits?: string;
}

/** What is known of each field's writing; `describe` and `check` copy a schema, and the copy inherits it. */
export const written = z.registry<Written>();

/**
 * A schema without what is wrapped around it: defaults, optionality, and what happens before or after reading.
 *
 * @returns every layer, from the outside in
 */
export function layers(schema: z.ZodType): readonly z.ZodType[] {
  const inner = below(schema);
  return inner === undefined ? [schema] : [schema, ...layers(inner)];
}

function below(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return schema.unwrap() as z.ZodType;
  }
  if (schema instanceof z.ZodPipe) return (schema.in instanceof z.ZodTransform ? schema.out : schema.in) as z.ZodType;
  return undefined;
}

/** The innermost layer: what decides which keys or values there are. */
export function core(schema: z.ZodType): z.ZodType {
  return layers(schema).at(-1) ?? schema;
}

/** How a schema's value is written, as far as anybody said. */
export function writtenAs(schema: z.ZodType): Written | undefined {
  return layers(schema)
    .map((layer) => written.get(layer))
    .find((found) => found !== undefined);
}

/** The schema of a setting, by its path below another schema; keys of maps may be anything. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return schema;
  const inner = core(schema);
  const next =
    inner instanceof z.ZodObject
      ? inner.shape[String(head)]
      : inner instanceof z.ZodRecord
        ? inner.valueType
        : inner instanceof z.ZodArray
          ? inner.element
          : undefined;
  return next === undefined ? undefined : schemaAt(next as z.ZodType, rest);
}

/** The keys that are known at a schema; none where any key may stand. */
export function keysOf(schema: z.ZodType): readonly string[] {
  const inner = core(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}
