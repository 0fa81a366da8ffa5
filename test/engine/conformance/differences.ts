/** Where our preview and the real engine tell different things of one stack. */
import { isDeepStrictEqual } from "node:util";
import { isStandIn } from "../../../domain/settings/opaque.ts";
import type { PreviewOutcome } from "../../../preview/program.ts";
import {
  type DeclaredResource,
  type Diagnostic,
  isProperties,
  isSecret,
  masked,
  sameValue,
  type Value,
} from "../../../preview/resources.ts";
import type { RegisteredStack } from "./registered.ts";

interface Difference {
  /** A resource's URN, or what else it is about. */
  readonly where: string;
  readonly path: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Each difference in three lines: where, what we show, what the engine says; empty where there is none. */
export function differences(outcome: PreviewOutcome, theirs: RegisteredStack): string {
  if (!outcome.ok) throw new Error(`there is nothing to compare:\n${outcome.messages.join("\n")}`);
  const { declared, settings } = outcome;
  const found = [
    ...ofResources(declared.resources, theirs.resources),
    ...ofValues("the stack's outputs", "", declared.outputs, theirs.outputs),
    ...ofValues("the configuration", "", withoutStandIns(settings.config), theirs.config),
    ...ofValues("the diagnostics", "", declared.diagnostics.map(spoken), theirs.diagnostics.map(spoken)),
    ...Object.entries(theirs.unshown).flatMap(([where, options]) =>
      Object.entries(options).map(([path, value]) =>
        difference(where, path, "(no such option)", JSON.stringify(value)),
      ),
    ),
  ];
  return found
    .map(({ where, path, ours, theirs }) => `${where}\n  ${path}\n    ours:   ${ours}\n    theirs: ${theirs}`)
    .join("\n");
}

function ofResources(ours: readonly DeclaredResource[], theirs: readonly DeclaredResource[]): readonly Difference[] {
  const [here, there] = [byUrn(ours), byUrn(theirs)];
  return [...new Set([...here.keys(), ...there.keys()])].flatMap((urn) => {
    const [our, their] = [here.get(urn), there.get(urn)];
    if (our === undefined) return [difference(urn, "the resource", "(is not there)", "is registered")];
    if (their === undefined) return [difference(urn, "the resource", "is registered", "(is not there)")];
    const aliases = shownAliases(our, here.get(our.parent ?? ""), their);
    return ofValues(urn, "", comparable({ ...our, aliases }), comparable(their));
  });
}

const byUrn = (resources: readonly DeclaredResource[]) => new Map(resources.map((each) => [each.urn, each]));

/** Ours without those that it has through its parent's: the engine works them out when it finds one in a state. */
function shownAliases(ours: DeclaredResource, parent: DeclaredResource | undefined, theirs: DeclaredResource) {
  if (parent === undefined || parent.aliases.length === 0) return ours.aliases;
  return ours.aliases.filter((alias) => theirs.aliases.includes(alias));
}

/** A resource without what the SDK guesses (`source`), and with its sets in one order. */
function comparable({ source: _, version, outputs = {}, ...rest }: DeclaredResource): Value {
  const properties = Object.entries(rest.propertyDependencies).map(
    ([property, urns]) => [property, urns.toSorted()] as const,
  );
  return {
    ...rest,
    outputs,
    dependencies: rest.dependencies.toSorted(),
    propertyDependencies: Object.fromEntries(properties),
    // With an explicit provider the version that a resource asks for plays no part.
    ...(rest.provider === undefined && version !== undefined && { version }),
  };
}

const spoken = ({ severity, message }: Diagnostic): string => `${severity}: ${message}`;

function withoutStandIns(config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const opaque = (text: string) =>
    text.replace(/\[secure [0-9a-f]+\]/g, (found) => (isStandIn(found) ? "[secret]" : found));
  return Object.fromEntries(Object.entries(config).map(([key, text]) => [key, opaque(text)]));
}

/** As deep as both sides have something to compare. */
function ofValues(
  where: string,
  path: string,
  ours: Value | undefined,
  theirs: Value | undefined,
): readonly Difference[] {
  if (ours !== undefined && theirs !== undefined && sameValue(ours, theirs)) return [];
  const [here, there] = [inside(ours), inside(theirs)];
  if (here === undefined || there === undefined || isDeepStrictEqual([here, there], [{}, {}])) {
    const [our, their] = [shown(ours), shown(theirs)];
    return [difference(where, path, our, our === their ? `${their}, and another one` : their)];
  }
  const keys = [...new Set([...Object.keys(here), ...Object.keys(there)])];
  return keys.flatMap((key) => ofValues(where, path === "" ? key : `${path}.${key}`, here[key], there[key]));
}

function inside(value: Value | undefined): Readonly<Record<string, Value>> | undefined {
  if (Array.isArray(value)) return Object.fromEntries(Object.entries(value as readonly Value[]));
  return value !== undefined && isProperties(value) ? value : undefined;
}

/** A secret is never shown, but whether it is known is. */
function shown(value: Value | undefined): string {
  if (value === undefined) return "(nothing)";
  if (isSecret(value)) return value.known ? "[secret, known]" : "[secret, not yet known]";
  return JSON.stringify(masked(value));
}

const difference = (where: string, path: string, ours: string, theirs: string): Difference => ({
  where,
  path,
  ours,
  theirs,
});
