import type { Environment } from "../domain/settings/settings.ts";
import { at, isHidden, type Properties, UNKNOWN, type Value } from "./value.ts";

/** A resource as the rules about one resource see it. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
}

/** A resource among the others: what its values come from tells more than a value that is not known yet. */
export interface StackResource extends Resource {
  /** By property, the resources whose outputs its value is made of. */
  readonly propertyDependencies: Readonly<Record<string, readonly StackResource[]>>;
}

/** What a stack's settings say, and its resources do not. */
export interface StackFacts {
  readonly environment: Environment;
  /** Origins of the services that answer a repeated call without doing it again. */
  readonly idempotentServices: readonly string[];
}

export interface Context extends StackFacts {
  /** The rule's own parameters, checked by its schema. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
}

/** What a rule has against a resource. */
export interface Problem {
  readonly problem: string;
  /** Where it is more exact than the rule's own. */
  readonly remedy?: string;
  /** The rule could not decide. */
  readonly unknown?: true;
}

export type Level = "mandatory" | "advisory" | "mandatory in prod";

/** A control of somebody else's that a rule is a part of. */
export interface Framework {
  readonly name: string;
  readonly version: string;
  readonly reference: string;
  readonly specification: string;
}

interface AnyRule {
  /** Kebab-case; a rule's name is its file's, and its heading's in docs/policies.md. */
  readonly name: string;
  /** One line: what holds where the rule is kept. */
  readonly title: string;
  readonly level: Level;
  /** What is lost without it, for people who wonder whether they need it. */
  readonly why: string;
  /** What to do. */
  readonly remedy: string;
  /** The numbers of the checklist (docs/policies.md) that it comes from. */
  readonly from: readonly number[];
  readonly frameworks?: readonly Framework[];
  /** What a stack may set, with the defaults. */
  readonly parameters?: Readonly<Record<string, { readonly default: readonly string[]; readonly meaning: string }>>;
}

/** Looks at one resource. Runs before it is made, also in the `up` itself. */
export interface ResourceRule extends AnyRule {
  readonly appliesTo: (type: string) => boolean;
  readonly check: (resource: Resource, context: Context) => readonly Problem[];
}

/** Looks at all resources together: before anything is made in the preview, and again at the end of an `up`. */
export interface StackRule extends AnyRule {
  readonly checkStack: (
    resources: readonly StackResource[],
    context: Context,
  ) => readonly (Problem & { readonly resource?: Resource })[];
}

export type Rule = ResourceRule | StackRule;

/** For `appliesTo`. */
export function ofTypes(...types: readonly string[]): (type: string) => boolean {
  return (type) => types.includes(type);
}

/** A property that nobody can look at yet. A mandatory rule counts it as failed: see docs/policies.md. */
export function notYetKnown(path: string, value: Value = UNKNOWN): Problem {
  const why = value === UNKNOWN ? "is not yet known" : "is a secret, which no rule reads";
  return {
    problem: `${path} ${why}: this rule cannot decide.`,
    remedy: "State the value itself, or a resource of this stack from which it comes.",
    unknown: true,
  };
}

/** Looks at a property, which may be left out; one that is not known yet is said to be so. */
export function known(
  inputs: Properties,
  path: string,
  look: (value: Exclude<Value, symbol> | undefined) => readonly Problem[],
): readonly Problem[] {
  const value = at(inputs, path);
  return isHidden(value) ? [notYetKnown(path, value)] : look(value);
}

/** Looks at a text; anything else is as good as left out. */
export function knownText(
  inputs: Properties,
  path: string,
  look: (text: string) => readonly Problem[],
): readonly Problem[] {
  return known(inputs, path, (value) => look(typeof value === "string" ? value : ""));
}
