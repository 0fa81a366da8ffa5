/** What the policies say of a stack that was previewed: the very rules that the Pulumi CLI runs as a pack, in process. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type PackConfiguration, readConfiguration } from "../policies/configuration.ts";
import { policyFindings } from "../policies/evaluate.ts";
import { factsOf } from "../policies/facts.ts";
import type { PolicyFinding } from "../policies/finding.ts";
import type { StackResource } from "../policies/rule.ts";
import { rules } from "../policies/rules.ts";
import { type Properties as Inputs, type Value as Read, SECRET, UNKNOWN } from "../policies/value.ts";
import {
  type DeclaredResource,
  type DeclaredStack,
  isProperties,
  isSecret,
  isUnknown,
  type Properties,
  type Value,
} from "./resources.ts";
import { StackFileError } from "./stack/config-values.ts";

/** @param settings the stack's configuration without namespaces */
export function policiesOn(
  declared: DeclaredStack,
  settings: unknown,
  configuration: PackConfiguration = new Map(),
): readonly PolicyFinding[] {
  return policyFindings(rules, readable(declared.resources), factsOf(settings), configuration);
}

/** Where a stack's levels and parameters are, from the directory of Pulumi.yaml. */
export function configurationFile(stack: string): string {
  return join("policies", "stacks", `${stack}.json`);
}

/**
 * What a stack sets of the rules: the file that the Pulumi CLI is given as `--policy-pack-config`. None is none.
 *
 * @throws StackFileError when it cannot be read
 */
export async function policyConfiguration(projectDir: string, stack: string): Promise<PackConfiguration> {
  const file = configurationFile(stack);
  try {
    return readConfiguration(await readFile(join(projectDir, file), "utf8"), rules);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw new StackFileError([{ file, message: error instanceof Error ? error.message : String(error) }]);
  }
}

/** The resources as rules read them. */
export function readable(resources: readonly DeclaredResource[]): readonly StackResource[] {
  const all = new Map<string, StackResource>();
  const found = ({ urn, type, name, inputs, protect, propertyDependencies }: DeclaredResource): StackResource => ({
    urn,
    type,
    name,
    inputs: readProperties(inputs),
    protect,
    propertyDependencies: Object.fromEntries(
      Object.entries(propertyDependencies).map(([property, urns]) => [
        property,
        urns.flatMap((on) => all.get(on) ?? []),
      ]),
    ),
  });
  // A resource depends on earlier ones alone.
  for (const resource of resources) all.set(resource.urn, found(resource));
  return [...all.values()];
}

function readProperties(properties: Properties): Inputs {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, readValue(value)]));
}

function readValue(value: Value): Read {
  if (isUnknown(value)) return UNKNOWN;
  if (isSecret(value)) return value.known ? SECRET : UNKNOWN;
  if (Array.isArray(value)) return (value as readonly Value[]).map(readValue);
  return isProperties(value) ? readProperties(value) : (value as Read);
}
