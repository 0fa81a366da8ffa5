/** Values inside of nested attributes, by path: `template.template.containers[0].image`. */
import { isDeepStrictEqual } from "node:util";
import type { Attributes } from "./resource-type.ts";

/** The value at a path, or undefined. `[]` stands for the first element: what we declare has one container. */
export function at(attributes: unknown, path: string): unknown {
  return steps(path).reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | undefined)?.[step],
    attributes,
  );
}

/** A copy with the value at the path, where everything above it exists. */
export function withValue(attributes: Attributes, path: string, value: unknown): Attributes {
  const copy = structuredClone(attributes) as Record<string, unknown>;
  const names = steps(path);
  const last = names.pop() ?? "";
  const parent = names.reduce<unknown>((inside, step) => (inside as Record<string, unknown> | undefined)?.[step], copy);
  if (typeof parent === "object" && parent !== null) (parent as Record<string, unknown>)[last] = value;
  return copy;
}

/** The paths at which two values differ, as deep as both have something to compare. */
export function differences(before: unknown, after: unknown, path = ""): readonly string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => differences(before[index], after[index], `${path}[${index}]`)).flat();
  }
  if (!isObject(before) || !isObject(after)) return [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => differences(before[key], after[key], path === "" ? key : `${path}.${key}`));
}

const steps = (path: string): string[] => path.split(/[.[\]]+/).filter((step) => step !== "");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
