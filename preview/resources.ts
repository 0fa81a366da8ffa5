/**
 * What a program declares: the plain model that the report and the tests read.
 *
 * Values are JSON with two additions that JSON does not have, `UNKNOWN` and `Secret`. Both print and serialise as a
 * word in brackets, so that a model that is logged, inspected or stringified by accident gives nothing away. A
 * `Secret` does not hold its value at all, only a keyed digest of it, which can tell "changed" from "unchanged".
 */
import { createHmac, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { looksLikeKey } from "../policies/credentials.ts";
import { holdsCredential, isCredential } from "./credentials.ts";

const UNKNOWN_WORD = "[unknown]";
const SECRET_WORD = "[secret]";

/** A key of this process alone: digests can be compared here, and mean nothing anywhere else. */
const digestKey = randomBytes(32);

class UnknownValue {
  toJSON(): string {
    return UNKNOWN_WORD;
  }

  toString(): string {
    return UNKNOWN_WORD;
  }

  [inspect.custom](): string {
    return UNKNOWN_WORD;
  }
}

/** A value that only exists once the cloud has made something, such as an id. There is exactly one. */
export const UNKNOWN: Unknown = Object.freeze(new UnknownValue());
export type Unknown = UnknownValue;

/** A value that must never be shown. The value itself is not kept. */
export class Secret {
  /** False when the secret is, or contains, something not yet known. */
  readonly known: boolean;
  readonly #digest: string | undefined;

  /** @param canonical the value in one fixed spelling, or undefined when it is not yet known */
  constructor(canonical: string | undefined) {
    this.known = canonical !== undefined;
    this.#digest =
      canonical === undefined ? undefined : createHmac("sha256", digestKey).update(canonical).digest("base64");
  }

  /** True when both hold the same known value. Two unknown secrets count as the same: neither can be told apart. */
  sameAs(other: Secret): boolean {
    return this.#digest === other.#digest;
  }

  toJSON(): string {
    return SECRET_WORD;
  }

  toString(): string {
    return SECRET_WORD;
  }

  [inspect.custom](): string {
    return SECRET_WORD;
  }
}

export type Value = null | boolean | number | string | Unknown | Secret | readonly Value[] | Properties;
export interface Properties {
  readonly [key: string]: Value;
}

/** Where in the program a resource was made, as far as the SDK could tell. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
}

/** For the middle of a sentence: ` (index.ts:12)`, or nothing where the position is not known. */
export const atSource = (source: SourcePosition | undefined): string =>
  source === undefined ? "" : ` (${source.file}:${source.line})`;

/** One resource, as the program asked for it and as the engine would complete it from its parents. */
export interface DeclaredResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** True for a resource of a provider, false for a component. */
  readonly custom: boolean;
  /** Absent for the stack itself only. */
  readonly parent?: string;
  readonly inputs: Properties;
  /** What a component gave to `registerOutputs`; the SDK calls it with nothing for those that do not. */
  readonly outputs?: Properties;
  /** All direct dependencies, explicit and through properties. */
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** Inherited from the parent where the resource does not say. */
  readonly protect: boolean;
  /** Inherited from the parent where the resource does not say. */
  readonly retainOnDelete: boolean;
  /** Undefined where the resource leaves it to the provider. */
  readonly deleteBeforeReplace?: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  /** Every URN under which the engine would look for this resource in an older state, the nearest first. */
  readonly aliases: readonly string[];
  /** Inherited from the parent where the resource does not say. */
  readonly deletedWith?: string;
  /** The version of the provider's plugin that the SDK asks for. */
  readonly version?: string;
  /** The URN of an explicit provider; absent for the default one. */
  readonly provider?: string;
  /** The cloud's id of an existing resource that is to be taken over. */
  readonly importId?: string;
  readonly source?: SourcePosition;
}

/** A message of the program or of the SDK. */
export interface Diagnostic {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  /** The stack of an exception, kept apart so that a report can leave it out. */
  readonly stack?: string;
  readonly urn?: string;
}

/** All that one stack declares. */
export interface DeclaredStack {
  readonly project: string;
  readonly stack: string;
  /** In the order of registration; the stack itself is the first. */
  readonly resources: readonly DeclaredResource[];
  readonly outputs: Properties;
  readonly diagnostics: readonly Diagnostic[];
}

export const isUnknown = (value: unknown): value is Unknown => value instanceof UnknownValue;
export const isSecret = (value: unknown): value is Secret => value instanceof Secret;
export const isProperties = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isUnknown(value) && !isSecret(value);

/** Equal in value. Secrets are compared by digest; two unknowns are equal, since nothing tells them apart. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (isSecret(a) || isSecret(b)) return isSecret(a) && isSecret(b) && a.sameAs(b);
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => sameValue(v, b[i]));
  }
  if (!isProperties(a) || !isProperties(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key] as Value, b[key] as Value))
  );
}

export type MaskedValue =
  | null
  | boolean
  | number
  | string
  | readonly MaskedValue[]
  | { readonly [key: string]: MaskedValue };

/** The value as plain JSON: a secret, and what looks like a credential, is `"[secret]"`; an unknown `"[unknown]"`. */
export function masked(value: Value): MaskedValue {
  if (isSecret(value)) return SECRET_WORD;
  if (isUnknown(value)) return UNKNOWN_WORD;
  if (Array.isArray(value)) return isPlainCredential(value) ? SECRET_WORD : value.map(masked);
  if (isProperties(value)) {
    const hidden = (key: string) => key === "value" && namesCredential(value);
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, hidden(key) ? SECRET_WORD : masked(v)]));
  }
  return isPlainCredential(value) ? SECRET_WORD : (value as MaskedValue);
}

/** Whether it is a variable that is called like a credential. */
export function namesCredential(element: Value | undefined): boolean {
  return isProperties(element ?? null) && isCredential(String((element as Properties).name ?? ""));
}

/** A text, or the arguments of a command, that nobody has marked as a secret, and that looks like one. */
export function isPlainCredential(value: Value | undefined): boolean {
  const texts = (Array.isArray(value) ? value : [value]).filter((text) => typeof text === "string");
  return Array.isArray(value) ? holdsCredential(texts) : texts.some(looksLikeKey);
}
