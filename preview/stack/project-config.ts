/**
 * The `config` of Pulumi.yaml: which keys a project has, their types and defaults
 * (github.com/pulumi/pulumi, sdk/go/common/workspace/config.go, read November 2026).
 */
import {
  type ConfigValue,
  type FileProblem,
  isRecord,
  namespaced,
  StackFileError,
  toConfigValue,
} from "./config-values.ts";

export interface ProjectKey {
  /** With its namespace. */
  readonly key: string;
  /** string, boolean, integer, number, array or object; absent when anything goes. */
  readonly type?: string;
  /** The project's own value or default, by which a stack may leave the key out. */
  readonly fallback?: unknown;
  /** The stack must give this key encrypted. */
  readonly secret: boolean;
  /** A key of the project itself must have a value in every stack. */
  readonly required: boolean;
}

/** A key is described by a mapping, or given a value directly. */
export function readProjectKeys(config: unknown, project: string): readonly ProjectKey[] {
  if (!isRecord(config)) return [];
  return Object.entries(config).map(([name, described]) => {
    const key = namespaced(name, project);
    const own = key.startsWith(`${project}:`);
    if (!isRecord(described)) return { key, fallback: described, secret: false, required: own };
    const fallback = described.default ?? described.value;
    return {
      key,
      ...(typeof described.type === "string" && { type: described.type }),
      ...(fallback !== undefined && fallback !== null && { fallback }),
      secret: described.secret === true,
      required: own,
    };
  });
}

/**
 * The stack's values with the project's defaults below them.
 *
 * @throws StackFileError naming every key that is missing or of the wrong type
 */
export function applyProjectDefaults(
  keys: readonly ProjectKey[],
  given: ReadonlyMap<string, ConfigValue>,
  file: string,
): ReadonlyMap<string, ConfigValue> {
  const values = new Map(given);
  const problems: FileProblem[] = [];
  for (const { key, type, fallback, secret, required } of keys) {
    if (!values.has(key) && fallback !== undefined) values.set(key, toConfigValue(fallback));
    const value = values.get(key);
    if (value === undefined) {
      if (required) problems.push({ file, message: `"${key}" is missing: Pulumi.yaml declares it without a default` });
      continue;
    }
    if (type !== undefined && !fits(value.plain, type)) {
      const found = isEmpty(value.plain) ? "is empty: leave it out, or give it a value of" : "must be of";
      problems.push({ file, message: `"${key}" ${found} type ${type}, as Pulumi.yaml declares` });
    }
    if (secret && !value.secret) {
      problems.push({ file, message: `"${key}" must be encrypted (pulumi config set --secret): Pulumi.yaml says so` });
    }
  }
  if (problems.length > 0) throw new StackFileError(problems);
  return values;
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === "";

/** Scalars reach the CLI's check as text, so "8" and 8 are both an integer. */
function fits(value: unknown, type: string): boolean {
  const text = typeof value === "object" || value === undefined ? undefined : String(value);
  switch (type) {
    case "string":
      return text !== undefined;
    case "boolean":
      return text === "true" || text === "false";
    case "integer":
      return text !== undefined && /^[-+]?\d+$/.test(text);
    case "number":
      return text !== undefined && text.trim() !== "" && Number.isFinite(Number(text));
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    default:
      return true;
  }
}
