import type { Kind } from "../../../../runtime/store/kinds.ts";
import type { Living } from "./living.ts";

/** What the runtime's process and its worker's processes have written down of a life, each by itself. */
export type Fact =
  /** By the runtime. */
  | { readonly what: "runtime"; readonly below: string }
  /** A line of its log. */
  | { readonly what: "says"; readonly event: string; readonly reason: unknown }
  | { readonly what: "starts"; readonly alive: readonly Living[] }
  /** The worker's own process runs; its end was heard of. */
  | { readonly what: "runs"; readonly worker: number }
  | { readonly what: "exited"; readonly worker: number }
  /** It sends a SIGTERM. `below`: to one whose parent is of this life too, and lives. */
  | { readonly what: "sends"; readonly to: number; readonly below: boolean }
  /** It looks for processes that have lost their parent, to tell them. */
  | { readonly what: "looks for orphans"; readonly worker: number }
  /** It kills what is left of the worker, for the first time. `queued`: `queuedOf` itself. */
  | { readonly what: "kills"; readonly worker: number; readonly queued: number }
  /** It gives up seeing the worker dead. `born`: so many processes, on this machine, during its last look. */
  | {
      readonly what: "unconfirmed";
      readonly born: number;
      readonly looks: number;
      readonly queued: number;
      readonly alive: readonly Living[];
    }
  /** The last that it does. */
  | { readonly what: "over"; readonly queued: number }
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
  | Started
  /** It got a SIGTERM, of `sender`, and does nothing of it when that is `ignored`. */
  | {
      readonly what: "term";
      readonly role: Role;
      readonly sender: number;
      readonly below: boolean;
      readonly ignored: boolean;
    }
  | { readonly what: "ends"; readonly role: Role };

/** As it is when it takes its end into its own hands: in its group and session, after its last hop. */
export interface Started {
  readonly what: "started";
  readonly role: Role;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Of a job: whether its parent left it, how often it forked and went on in its child, and whether it is one of a row. */
  readonly orphan?: boolean;
  readonly hops?: number;
  readonly forked?: boolean;
}

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
