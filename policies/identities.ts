/** Who somebody is, where an address may not be known yet: by what the address comes from. */
import { accountEmail } from "../domain/names.ts";
import type { StackResource } from "./rule.ts";
import { ACCOUNT } from "./types.ts";
import { at, isHidden, isList, type Value } from "./value.ts";

/** An account by its address, by the account of this stack whose address it is, or by both. */
export interface Identity {
  readonly address: string | undefined;
  readonly urn: string | undefined;
}

/** Accounts of this stack on which a property depends. */
function accountsBehind(resource: StackResource, property: string): readonly StackResource[] {
  return (resource.propertyDependencies[property] ?? []).filter(({ type }) => type === ACCOUNT);
}

/**
 * Who a value means. An address that is not known is taken for that of the one account on which its property depends:
 * Pulumi tells dependencies by top-level property, so that of two accounts in one property nobody can tell.
 *
 * @param value the address, or a member such as `serviceAccount:…`
 * @param property the top-level property that it is in: dependencies are known by those alone
 * @returns undefined where neither address nor account is known
 */
export function identityOf(value: Value | undefined, resource: StackResource, property: string): Identity | undefined {
  const accounts = accountsBehind(resource, property);
  const [account] = accounts;
  const only = accounts.length === 1 ? account : undefined;
  const known = typeof value === "string" && value !== "" ? value.replace(/^serviceAccount:/, "") : undefined;
  const address = known ?? (only === undefined ? undefined : addressOf(only));
  // A property may depend on an account that a known address is not of.
  const urn =
    only !== undefined && (known === undefined || [undefined, known].includes(addressOf(only))) ? only.urn : undefined;
  return address === undefined && urn === undefined ? undefined : { address, urn };
}

/** Whether two are the same account; undefined where nobody can tell yet. */
export function same(one: Identity, other: Identity): boolean | undefined {
  if (one.address !== undefined && other.address !== undefined) return one.address === other.address;
  if (one.urn !== undefined && other.urn !== undefined) return one.urn === other.urn;
  return undefined;
}

/** An account's address follows from its inputs, before it is made. */
function addressOf({ inputs: { accountId, project } }: StackResource): string | undefined {
  // A project of a domain (example.com:name) spells its addresses differently.
  if (typeof accountId !== "string" || typeof project !== "string" || project.includes(":")) return undefined;
  return accountEmail(accountId, project);
}

/** For people. */
export function shown({ address, urn }: Identity): string {
  return address ?? urn?.split("::").at(-1) ?? "";
}

export interface Member {
  readonly member: Value;
  /** The top-level property that it is written in. */
  readonly property: string;
}

/** The members of a grant; a whole list that is hidden counts as one. */
export function membersOf({ inputs }: StackResource): readonly Member[] {
  const single = at(inputs, "member");
  const several = at(inputs, "members");
  const list: readonly Value[] = isHidden(several) ? [several] : isList(several) ? several : [];
  const singles: readonly Value[] = single === undefined ? [] : [single];
  return [
    ...singles.map((member): Member => ({ member, property: "member" })),
    ...list.map((member): Member => ({ member, property: "members" })),
  ];
}
