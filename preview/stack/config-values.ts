/**
 * One configuration value on its way from YAML to the program, and what can be wrong on the way
 * (github.com/pulumi/pulumi, sdk/go/common/resource/config/value.go, read November 2026).
 *
 * **Encrypted values.** There is no passphrase here. Each `{ secure: … }` becomes a text like `[secure 5f2c…]` that
 * stands where the decrypted text would stand, and its key is reported as secret. The text is derived from the
 * encrypted one, which is public with the file; it changes when that does, and says nothing about the secret.
 */
import { createHash } from "node:crypto";
import { standIn } from "../../domain/settings/opaque.ts";

/** What is wrong with one file. */
export interface FileProblem {
  /** The file's name, as the reader knows it. */
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

/** The settings cannot be read; every problem found is listed. */
export class StackFileError extends Error {
  override readonly name = "StackFileError";
  readonly problems: readonly FileProblem[];

  constructor(problems: readonly FileProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** The value of one key of a stack, as the engine passes it. */
export interface ConfigValue {
  readonly text: string;
  readonly secret: boolean;
  /** The value before it became text. */
  readonly plain: unknown;
}

/** `key` is `project:key`; `ns:config:key` is the old spelling of `ns:key`. */
export function namespaced(key: string, project: string): string {
  return key.includes(":") ? key.replace(/^([^:]+):config:/, "$1:") : `${project}:${key}`;
}

export function toConfigValue(plain: unknown): ConfigValue {
  let secret = false;
  const opened = mapDeep(plain, (encrypted) => {
    secret = true;
    return standIn(createHash("sha256").update(encrypted).digest("hex").slice(0, 12));
  });
  const text = typeof opened === "object" && opened !== null ? goJson(opened) : scalarText(opened);
  return { text, secret, plain: opened };
}

/** Sorts keys as Go's encoder does, and replaces each `{ secure: text }`. */
function mapDeep(value: unknown, open: (encrypted: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapDeep(item, open));
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort();
  if (keys.length === 1 && typeof value.secure === "string") return open(value.secure);
  return Object.fromEntries(keys.map((key) => [key, mapDeep(value[key], open)]));
}

/** Go's encoder escapes what HTML would mind; a program that compares texts can see it. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const scalarText = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

function formatProblem({ file, line, message }: FileProblem): string {
  return `${file}${line === undefined ? "" : `:${line}`}  ${message}`;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
