/** What a stack has deployed: what its state knows, beside what is at Google. */
import type { SimulatedCloud } from "../../support/cloud/cloud.ts";
import type { Attributes } from "../../support/cloud/resource-type.ts";
import { resourceTypes } from "../../support/cloud/types.ts";
import type { World } from "../../support/engine/world.ts";
import { isDeclared } from "../expect.ts";

export interface DeployedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** What the program asked for last. A secret is `ENCRYPTED`. */
  readonly inputs: Attributes;
  /** What is at Google, or nothing where it is gone; in plain. */
  readonly there: Attributes | undefined;
}

export interface Deployed {
  /** By URN. */
  readonly resources: ReadonlyMap<string, DeployedResource>;
  readonly outputs: Attributes;
  /** Everything at Google, by type and id. */
  readonly cloud: ReadonlyMap<string, Attributes>;
}

/** Stands for a value that the state has encrypted. */
export const ENCRYPTED = Symbol("encrypted");

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Attributes;
  readonly outputs?: Attributes;
}

export async function deployedBy(world: World): Promise<Deployed> {
  const state = JSON.parse(await world.state()) as {
    readonly checkpoint: { readonly latest: { readonly resources: readonly StateResource[] } };
  };
  const { resources } = state.checkpoint.latest;
  return {
    resources: new Map(resources.filter(({ type }) => isDeclared(type)).map((r) => [r.urn, deployed(r, world.cloud)])),
    outputs: resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {},
    cloud: new Map([...world.cloud.objects].map(([key, { attributes }]) => [key, structuredClone(attributes)])),
  };
}

function deployed({ urn, type, id = "", inputs = {} }: StateResource, cloud: SimulatedCloud): DeployedResource {
  const there = cloud.object(type, id)?.attributes;
  return {
    urn,
    type,
    id,
    name: urn.split("::").slice(3).join("::"),
    inputs: opened(inputs) as Attributes,
    there: there && structuredClone(there),
  };
}

/** github.com/pulumi/pulumi, sdk/go/common/resource/sig: what marks a secret in a state. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value) return ENCRYPTED;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

/** Whether it exists at Google, and not on this machine alone. */
export function isAtGoogle({ type }: Pick<DeployedResource, "type">): boolean {
  return resourceTypes[type]?.api !== undefined;
}

/** Attributes that somebody gave: without those that Google adds. */
export function given(type: string, attributes: Attributes): Attributes {
  const { computed = {} } = resourceTypes[type] ?? {};
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !(key in computed)));
}
