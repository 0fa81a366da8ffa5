import type { Kind } from "../../../../runtime/store/kinds.ts";
import type { Living } from "./living.ts";

/** What the runtime's process and its worker's processes have written down of a life, each by itself. */
export type Fact =
  /** By the runtime. */
  | { readonly what: "runtime" }
  | { readonly what: "starts"; readonly alive: readonly Living[] }
  | { readonly what: "claimed"; readonly id: string }
  | { readonly what: "refused"; readonly code: string }
  | {
      readonly what: "given back";
      readonly kind: Kind;
      readonly ids: readonly string[];
      readonly alive: readonly Living[];
    }
  /** How the records are at the end. */
  | {
      readonly what: "left";
      readonly kind: Kind;
      readonly record: { readonly id: string; readonly [field: string]: unknown };
    }
  /** By a process of the worker. */
  | { readonly what: "started"; readonly role: Role }
  /** It got a SIGTERM, of `sender`. */
  | { readonly what: "term"; readonly role: Role; readonly sender: number; readonly below: boolean }
  | { readonly what: "ends"; readonly role: Role };

/** `worker`: the one that the command starts. `job`: what that one starts. */
export type Role = "worker" | "job";

/** Whose fact it is, and when on CLOCK_MONOTONIC, in milliseconds. */
export type Told<F extends Fact = Fact> = F & { readonly pid: number; readonly at: number };

export function factsIn(text: string): readonly Told[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Told);
}

export function only<W extends Fact["what"]>(
  facts: readonly Told[],
  what: W,
): readonly Told<Extract<Fact, { what: W }>>[] {
  return facts.filter((fact): fact is Told<Extract<Fact, { what: W }>> => fact.what === what);
}
