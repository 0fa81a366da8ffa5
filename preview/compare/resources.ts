/**
 * Two declarations of one stack, resource by resource.
 *
 * What the engine would do on the way from the one to the other, if exactly the older one were deployed: the rules are
 * those of its step generator (github.com/pulumi/pulumi, pkg/resource/deploy/step_generator.go, read November 2026), with
 * `replacement.ts` for what the provider would say.
 */
import { describe } from "../report/words.ts";
import { type DeclaredResource, type DeclaredStack, isUnknown, masked, type Value } from "../resources.ts";
import { changedProperties, holdsUnknown, type PropertyChange, within } from "./properties.ts";
import { replacingPaths } from "./replacement.ts";

/**
 * What becomes of a resource. `rename`: only its URN changes, by an alias. `update` may hold a new URN too. What stays
 * as it is is no change.
 */
export type Step = "create" | "update" | "replace" | "delete" | "rename";

export interface ResourcePropertyChange extends PropertyChange {
  /** It cannot be changed in place: the resource is replaced. */
  readonly replaces?: true;
  /** URNs of the resources whose new value it takes, where it is known only after `up`. */
  readonly follows?: readonly string[];
}

/** What Pulumi itself is told of a resource. */
export interface OptionChange {
  readonly option: "protect" | "retainOnDelete" | "provider" | "deletedWith" | "ignoreChanges";
  readonly before: string | boolean;
  readonly after: string | boolean;
}

export interface ResourceChange {
  readonly step: Step;
  /** As it is now; of a deleted resource as it was. */
  readonly urn: string;
  /** What an alias says it was. */
  readonly formerUrn?: string;
  readonly type: string;
  readonly name: string;
  /** False for a component, which is nothing at Google. */
  readonly custom: boolean;
  /** In words: `scheduler job`. */
  readonly kind: string;
  /** Its physical name where it is known. */
  readonly label: string;
  /** What matters about it: as it is now, of a deleted resource as it was. */
  readonly facts: readonly string[];
  readonly properties: readonly ResourcePropertyChange[];
  readonly options: readonly OptionChange[];
  /** `up` refuses to delete or replace it. */
  readonly wasProtected: boolean;
  /** Replaced by deleting first: between the two there is none. */
  readonly deletesFirst: boolean;
  /** The cloud keeps it although the stack lets go of it. */
  readonly outlives: boolean;
  /** Nothing is known here of what replaces a resource of this type. */
  readonly typeUnknown: boolean;
  /** URN of the other half, where one thing at Google is deleted under one URN and created under another. */
  readonly sameThing?: string;
}

/** What patients and callers notice comes first, what only people at a desk see last; other types go between. */
const order = [
  "gcp:cloudscheduler/job:Job",
  "gcp:cloudrunv2/job:Job",
  "gcp:secretmanager/secret:Secret",
  "gcp:secretmanager/secretVersion:SecretVersion",
  "gcp:serviceaccount/account:Account",
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
  "gcp:cloudrunv2/jobIamMember:JobIamMember",
  "gcp:secretmanager/secretIamMember:SecretIamMember",
  "gcp:artifactregistry/repository:Repository",
  "",
  "gcp:monitoring/alertPolicy:AlertPolicy",
  "gcp:monitoring/notificationChannel:NotificationChannel",
  "gcp:logging/metric:Metric",
  "gcp:monitoring/dashboard:Dashboard",
  "gcp:projects/service:Service",
];
const steps: readonly Step[] = ["replace", "delete", "create", "update", "rename"];

/** By type, then by step, then by URN: the same whatever order the program registers its resources in. */
function byImportance(a: ResourceChange, b: ResourceChange): number {
  const rank = ({ type, custom }: ResourceChange) =>
    custom ? order.indexOf(order.includes(type) ? type : "") : order.length;
  return rank(a) - rank(b) || steps.indexOf(a.step) - steps.indexOf(b.step) || (a.urn < b.urn ? -1 : 1);
}

/** @returns every change once, in an order of its own that depends on nothing but the changes */
export function changedResources(
  before: DeclaredStack | undefined,
  after: DeclaredStack | undefined,
): readonly ResourceChange[] {
  const old = new Map(before?.resources.map((resource) => [resource.urn, resource]));
  const found: ResourceChange[] = [];
  const taken = new Set<string>();
  /** Resources that Google makes anew, so that what it gives out is new too. */
  const renewed = new Set<string>();
  const formerUrns = new Map<string, string>();
  for (const resource of after?.resources ?? []) {
    const former = formerOf(resource, old, taken);
    if (former !== undefined) {
      taken.add(former.urn);
      formerUrns.set(resource.urn, former.urn);
    }
    const change =
      former === undefined ? created(resource) : changed(former, resource, (urn) => formerUrns.get(urn), renewed);
    if (change === undefined) continue;
    found.push(change);
    if (change.step === "create" || change.step === "replace") renewed.add(resource.urn);
  }
  const gone = [...old.values()].filter(({ urn }) => !taken.has(urn)).map(deleted);
  return sameThings([...found, ...gone], { before, after })
    .filter(({ urn }) => !isStack(urn))
    .sort(byImportance);
}

const isStack = (urn: string) => urn.includes("::pulumi:pulumi:Stack::");

/** By URN, else by the nearest alias, as the engine looks. */
function formerOf(
  { urn, aliases }: DeclaredResource,
  old: ReadonlyMap<string, DeclaredResource>,
  taken: ReadonlySet<string>,
): DeclaredResource | undefined {
  const found = [urn, ...aliases].find((candidate) => old.has(candidate) && !taken.has(candidate));
  return found === undefined ? undefined : old.get(found);
}

function base(step: Step, resource: DeclaredResource): Omit<ResourceChange, "properties" | "options"> {
  const { urn, type, name, custom, protect, retainOnDelete, inputs } = resource;
  return {
    step,
    urn,
    type,
    name,
    custom,
    ...describe(resource),
    wasProtected: step !== "create" && protect,
    deletesFirst: false,
    outlives: step === "delete" && (retainOnDelete || inputs.disableOnDestroy === false),
    typeUnknown: false,
  };
}

function created(resource: DeclaredResource): ResourceChange {
  return { ...base("create", resource), properties: changedProperties(undefined, resource.inputs), options: [] };
}

function deleted(resource: DeclaredResource): ResourceChange {
  return { ...base("delete", resource), properties: changedProperties(resource.inputs, undefined), options: [] };
}

/** @returns undefined when nothing changes */
function changed(
  former: DeclaredResource,
  resource: DeclaredResource,
  formerUrn: (urn: string) => string | undefined,
  renewed: ReadonlySet<string>,
): ResourceChange | undefined {
  const replacing = [...(replacingPaths(resource.type) ?? []), ...resource.replaceOnChanges];
  const every = resource.replaceOnChanges.includes("*");
  const differences: readonly ResourcePropertyChange[] = [
    ...changedProperties(former.inputs, resource.inputs),
    ...following(former, resource, formerUrn, renewed),
  ];
  const properties = differences
    .filter(({ path }) => !resource.ignoreChanges.some((ignored) => within(path, ignored)))
    .map((change) =>
      every || replacing.some((path) => within(change.path, path)) ? { ...change, replaces: true as const } : change,
    );
  const options = changedOptions(former, resource);
  const renamed = former.urn !== resource.urn;
  if (properties.length === 0 && options.length === 0 && !renamed) return undefined;
  const replaced = properties.some(({ replaces }) => replaces);
  const step = replaced ? "replace" : properties.length + options.length > 0 ? "update" : "rename";
  return {
    ...base(step, resource),
    ...(renamed && { formerUrn: former.urn }),
    properties,
    options,
    wasProtected: former.protect,
    // A name that people give is taken until the old one is gone.
    deletesFirst: replaced && (resource.deleteBeforeReplace ?? identityOf(resource) !== undefined),
    typeUnknown: resource.custom && replacingPaths(resource.type) === undefined,
  };
}

/**
 * Properties that are unknown on both sides, and still not the same: they take what another resource gets from Google,
 * and that is made anew, or is another one.
 */
function following(
  former: DeclaredResource,
  resource: DeclaredResource,
  formerUrn: (urn: string) => string | undefined,
  renewed: ReadonlySet<string>,
): readonly ResourcePropertyChange[] {
  return Object.entries(resource.propertyDependencies).flatMap(([path, urns]) => {
    const [was, is] = [former.inputs[path], resource.inputs[path]];
    if (was === undefined || is === undefined || !holdsUnknown(was) || !holdsUnknown(is)) return [];
    const before = new Set(former.propertyDependencies[path]);
    const follows = urns.filter((urn) => renewed.has(urn) || !before.has(formerUrn(urn) ?? urn));
    if (follows.length === 0 || changedProperties(was, is).length > 0) return [];
    return [{ path, before: masked(was), after: masked(is), follows }];
  });
}

function changedOptions(former: DeclaredResource, resource: DeclaredResource): readonly OptionChange[] {
  const options = [
    { option: "protect", before: former.protect, after: resource.protect },
    { option: "retainOnDelete", before: former.retainOnDelete, after: resource.retainOnDelete },
    { option: "provider", before: former.provider ?? "default", after: resource.provider ?? "default" },
    { option: "deletedWith", before: former.deletedWith ?? "", after: resource.deletedWith ?? "" },
    {
      option: "ignoreChanges",
      before: [...former.ignoreChanges].sort().join(", "),
      after: [...resource.ignoreChanges].sort().join(", "),
    },
  ] as const satisfies readonly OptionChange[];
  return options.filter(({ before, after }) => before !== after);
}

/** Which inputs name a thing at Google; a type without one of them is named by Google. */
const naming = ["name", "secretId", "accountId", "repositoryId", "service", "role"];

/** What one thing at Google is told from another by; undefined where Google gives the name, or it is not known yet. */
function identityOf({ type, inputs }: DeclaredResource): string | undefined {
  const paths = replacingPaths(type) ?? [];
  if (!paths.some((path) => naming.includes(path))) return undefined;
  const values: (Value | undefined)[] = paths.map((path) => inputs[path]);
  if (values.some((value) => value === undefined || isUnknown(value))) return undefined;
  return JSON.stringify([type, ...values]);
}

/** Finds what is deleted under one URN and created under another, for want of an alias. */
function sameThings(
  all: readonly ResourceChange[],
  { before, after }: Readonly<Record<"before" | "after", DeclaredStack | undefined>>,
): readonly ResourceChange[] {
  const deleted = byIdentity(all, "delete", before);
  const created = byIdentity(all, "create", after);
  return all.map((change) => {
    const [own, others] = change.step === "create" ? [created, deleted] : [deleted, created];
    const identity = own.identities.get(change.urn);
    const sameThing = identity === undefined ? undefined : others.urns.get(identity);
    return sameThing === undefined ? change : { ...change, sameThing };
  });
}

/** The resources with which some step is done and that have an identity, both ways round. */
function byIdentity(all: readonly ResourceChange[], step: Step, stack: DeclaredStack | undefined) {
  const stepped = new Set(all.filter((change) => change.step === step).map(({ urn }) => urn));
  const known = (stack?.resources ?? []).flatMap((resource): [string, string][] => {
    const identity = stepped.has(resource.urn) ? identityOf(resource) : undefined;
    return identity === undefined ? [] : [[resource.urn, identity]];
  });
  return { identities: new Map(known), urns: new Map(known.map(([urn, identity]) => [identity, urn])) };
}
