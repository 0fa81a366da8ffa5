import type { DeclaredResource, DeclaredStack, Properties } from "../../preview/resources.ts";

const PREFIX = "urn:pulumi:prod::clinic::";

/** A resource as the preview's monitor would have it; each test changes the fields that matter to it. */
export function declaredResource(
  type: string,
  name: string,
  inputs: Properties = {},
  changes: Partial<DeclaredResource> = {},
): DeclaredResource {
  return {
    urn: `${PREFIX}${type}::${name}`,
    type,
    name,
    custom: true,
    parent: `${PREFIX}pulumi:pulumi:Stack::clinic-prod`,
    inputs,
    dependencies: [],
    propertyDependencies: {},
    protect: false,
    retainOnDelete: false,
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    ...changes,
  };
}

export const urnOf = (type: string, name: string): string => `${PREFIX}${type}::${name}`;

export function declaredStack(...resources: readonly DeclaredResource[]): DeclaredStack {
  return { project: "clinic", stack: "prod", resources, outputs: {}, diagnostics: [] };
}
