import type { StackFacts, StackResource } from "../../../policies/rule.ts";

/** A stack of a few resources, and what a rule says of it. */
export interface Case {
  readonly what: string;
  readonly resources: readonly StackResource[];
  readonly facts?: Partial<StackFacts>;
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  /** What the problem says, where it matters which one it is. */
  readonly says?: RegExp;
}

export interface Cases {
  readonly passes: readonly Case[];
  readonly fails: readonly Case[];
  /** `never`: nothing that could be unknown would change the answer. */
  readonly unknown: readonly Case[] | "never";
  readonly notApplicable: readonly Case[];
}

export const one = (what: string, resource: StackResource, more: Partial<Case> = {}): Case => ({
  what,
  resources: [resource],
  ...more,
});
export const several = (what: string, resources: readonly StackResource[], more: Partial<Case> = {}): Case => ({
  what,
  resources,
  ...more,
});
