/**
 * URNs as the engine writes them: `urn:pulumi:STACK::PROJECT::PARENT_TYPE$…$TYPE::NAME`.
 *
 * The rules are those of the engine's `resource.NewURN` and of its step generator's `generateAliases`
 * (github.com/pulumi/pulumi, pkg/resource/deploy/step_generator.go, read November 2026).
 */

export const STACK_TYPE = "pulumi:pulumi:Stack";

export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** All types from the outermost component inwards, joined by `$`; the stack is left out. */
  readonly qualifiedType: string;
  readonly name: string;
}

/** @returns undefined when the text is not a URN */
export function parseUrn(urn: string): UrnParts | undefined {
  const prefix = "urn:pulumi:";
  if (!urn.startsWith(prefix)) return undefined;
  const [stack, project, qualifiedType, ...name] = urn.slice(prefix.length).split("::");
  if (stack === undefined || project === undefined || qualifiedType === undefined || name.length === 0)
    return undefined;
  return { stack, project, qualifiedType, name: name.join("::") }; // a name may contain "::" itself
}

/** @param parentType the parent's qualified type, or undefined when there is none */
export function makeUrn(
  parts: { readonly stack: string; readonly project: string; readonly type: string; readonly name: string },
  parentType: string | undefined,
): string {
  const prefix = parentType === undefined || parentType === STACK_TYPE ? "" : `${parentType}$`;
  return `urn:pulumi:${parts.stack}::${parts.project}::${prefix}${parts.type}::${parts.name}`;
}

/** The last type of a qualified one: `a:b:C$d:e:F` is an `d:e:F`. */
export const ownType = (qualifiedType: string): string => qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);

/** An alias as the program wrote it: a URN, or whatever differed before. An absent field is as it is now. */
export type AliasSpec =
  | { readonly urn: string }
  | {
      readonly name?: string;
      readonly type?: string;
      readonly stack?: string;
      readonly project?: string;
      /** `"none"` says that the resource once stood directly under the stack. */
      readonly parent?: string | "none";
    };

interface Aliased {
  readonly urn: string;
  readonly aliases: readonly string[];
}

/**
 * Every URN the resource may have had: its own aliases, then those that follow from its parent's.
 *
 * The engine knows which alias of the parent the state really holds, and takes that one. Without a state each of them
 * is possible, so all are listed.
 *
 * @throws RangeError naming the alias when a URN in it cannot be read
 */
export function resolveAliases(
  urn: string,
  specs: readonly AliasSpec[],
  parent: Aliased | undefined,
): readonly string[] {
  const self = readUrn(urn);
  const found = new Set<string>();
  const own = specs.map((spec) => collapse(spec, self, parent?.urn));
  for (const alias of own) found.add(alias);
  if (parent !== undefined) {
    const parentName = readUrn(parent.urn).name;
    for (const parentAlias of parent.aliases) {
      found.add(inherited(self.name, ownType(self.qualifiedType), parentName, parentAlias));
      for (const alias of own) {
        const before = readUrn(alias);
        found.add(inherited(before.name, ownType(before.qualifiedType), parentName, parentAlias));
      }
    }
  }
  found.delete(urn);
  return [...found];
}

function collapse(spec: AliasSpec, self: UrnParts, parentUrn: string | undefined): string {
  if ("urn" in spec) return spec.urn;
  const parent = spec.parent === undefined ? parentUrn : spec.parent === "none" ? undefined : spec.parent;
  return makeUrn(
    {
      stack: spec.stack ?? self.stack,
      project: spec.project ?? self.project,
      type: spec.type ?? ownType(self.qualifiedType),
      name: spec.name ?? self.name,
    },
    parent === undefined ? undefined : readUrn(parent).qualifiedType,
  );
}

/** Children are named `${parent}-suffix` by convention, so a parent's old name replaces the prefix of the child's. */
function inherited(name: string, type: string, parentName: string, parentAlias: string): string {
  const before = readUrn(parentAlias);
  const aliasName = name.startsWith(parentName) ? before.name + name.slice(parentName.length) : name;
  return makeUrn({ stack: before.stack, project: before.project, type, name: aliasName }, before.qualifiedType);
}

function readUrn(urn: string): UrnParts {
  const parts = parseUrn(urn);
  if (parts === undefined) throw new RangeError(`"${urn}" is not a URN (urn:pulumi:STACK::PROJECT::TYPE::NAME)`);
  return parts;
}
