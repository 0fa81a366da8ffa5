/** What a deployment did, in the words of the table. */
import { differences } from "../../support/cloud/attributes.ts";
import type { Attributes } from "../../support/cloud/resource-type.ts";
import type { Result } from "../../support/engine/pulumi.ts";
import { isDeclared } from "../expect.ts";
import { type Deployed, isAtGoogle } from "./deployed.ts";
import { shownName } from "./names.ts";

/** Everything else stays the same. */
export interface Effects {
  readonly created?: readonly string[];
  readonly deleted?: readonly string[];
  /** With the properties that changed at Google. */
  readonly updated?: Readonly<Record<string, readonly string[]>>;
  /** With the properties that forced it. */
  readonly replaced?: Readonly<Record<string, readonly string[]>>;
}

export function effectsOf(result: Result, before: Deployed, after: Deployed): Effects {
  const steps = result.steps.filter(({ type }) => isDeclared(type));
  const all = (op: string) => steps.filter((step) => step.op === op);
  const reasons = replacementKeys(result.stdout);
  const replaced = all("create-replacement");
  const updated = new Set(all("update").map(({ urn }) => urn));
  const newborn = new Set(replaced.map(({ urn }) => urn));
  // What goes before the account that it names is replaced, and is not made again.
  const deleted = [...all("delete"), ...all("delete-replaced").filter(({ urn }) => !newborn.has(urn))];
  // What changed at Google counts, whatever the engine calls it: nothing may change that stays the same.
  const touched = [...after.resources.values()].flatMap((now) => {
    const was = before.resources.get(now.urn);
    if (was === undefined || newborn.has(now.urn) || !isAtGoogle(now)) return [];
    const properties = differences(byName(was.there), byName(now.there));
    return updated.has(now.urn) || properties.length > 0 ? [[shownName(now), properties] as const] : [];
  });
  return inOrder({
    created: all("create").map(shownName),
    deleted: deleted.map(shownName),
    updated: Object.fromEntries(touched),
    replaced: Object.fromEntries(replaced.map((step) => [shownName(step), reasons.get(step.urn) ?? []])),
  });
}

/** Sorted, with what is left out: to be compared. */
export function inOrder({ created = [], deleted = [], updated = {}, replaced = {} }: Effects): Required<Effects> {
  return {
    created: [...created].sort(),
    deleted: [...deleted].sort(),
    updated: sorted(updated),
    replaced: sorted(replaced),
  };
}

function sorted(paths: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, readonly string[]>> {
  const names = Object.keys(paths).sort();
  return Object.fromEntries(names.map((name) => [name, [...(paths[name] ?? [])].sort()]));
}

/** A Job's variables are a set: one more does not change those behind it. */
function byName(value: unknown): unknown {
  if (Array.isArray(value)) {
    const named = value.length > 0 && value.every((item) => typeof item?.name === "string");
    return named ? Object.fromEntries(value.map(({ name, ...item }) => [name, byName(item)])) : value.map(byName);
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value as Attributes).map(([key, inner]) => [key, byName(inner)]));
}

/** What forced each replacement, by URN: from the events on stdout (`--json`), since the steps do not tell. */
function replacementKeys(stdout: string): ReadonlyMap<string, readonly string[]> {
  const events = stdout.split("\n").filter((line) => line.includes('"op":"create-replacement"'));
  return new Map(
    events.flatMap((line) => {
      const { resourcePreEvent } = JSON.parse(line) as EngineEvent;
      return resourcePreEvent === undefined
        ? []
        : [[resourcePreEvent.metadata.urn, resourcePreEvent.metadata.keys ?? []]];
    }),
  );
}

/** github.com/pulumi/pulumi, sdk/go/common/apitype/events.go */
interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: { readonly urn: string; readonly keys?: readonly string[] | null } };
}
