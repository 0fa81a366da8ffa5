/**
 * What the real engine registers in a preview, told in the terms of our own.
 *
 * One `pulumi preview --json --show-secrets --save-plan FILE` shows it in two halves. The plan has a goal for each
 * resource, completed from its parents: inputs, outputs of components and of the stack, with every secret and every
 * unknown marked, dependencies, and most options. The digest on standard output has a new state for each, with the
 * options that the plan leaves out, and what the program was given and said (github.com/pulumi/pulumi 3.259.0,
 * sdk/go/common/apitype/{plan,core}.go, pkg/display/json.go).
 *
 * Neither shows in which order resources were registered, nor the names that a resource has through an alias of its
 * parent: on those the engine decides only when it finds one in a state (`moved` in the test).
 */
import { STACK_TYPE } from "../../../preview/engine/urn.ts";
import { SECRET, SIGNATURE, UNKNOWN_ON_WIRE } from "../../../preview/engine/wire.ts";
import {
  type DeclaredResource,
  type DeclaredStack,
  type Diagnostic,
  type Properties,
  Secret,
  UNKNOWN,
  type Value,
} from "../../../preview/resources.ts";

/** What the engine says, and what of it our preview has no word for. */
export interface RegisteredStack extends Pick<DeclaredStack, "resources" | "outputs" | "diagnostics"> {
  /** What the program was given, with `[secret]` for encrypted values. */
  readonly config: Readonly<Record<string, string>>;
  /** By URN: options with a value that our model of a resource does not have. */
  readonly unshown: Readonly<Record<string, Json>>;
  /** By URN: the alias under which the engine found a resource in the state. */
  readonly foundAs: Readonly<Record<string, string>>;
}

export type Json = Readonly<Record<string, unknown>>;

/** The plan's file. */
interface Plan {
  readonly resourcePlans: Readonly<Record<string, Pick<Planned, "goal" | "state">>>;
}

interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly inputDiff: { readonly adds?: Json };
  readonly outputDiff: { readonly adds?: Json };
  readonly parent?: string;
  readonly protect: boolean;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
  /** `URN::ID`. */
  readonly provider?: string;
  readonly deleteBeforeReplace?: boolean;
  readonly ignoreChanges?: readonly string[];
  readonly additionalSecretOutputs?: readonly string[];
  readonly aliases?: readonly string[];
  readonly structuredAliases?: readonly AliasSpec[];
  readonly id?: string;
}

interface AliasSpec {
  readonly URN: string;
  readonly Name: string;
  readonly Type: string;
  readonly Project: string;
  readonly Stack: string;
  readonly Parent: string;
  readonly NoParent: boolean;
}

/** Standard output. */
interface Digest {
  readonly config: Readonly<Record<string, string>>;
  readonly steps: readonly {
    readonly urn: string;
    readonly oldState?: { readonly urn: string };
    readonly newState: State;
  }[];
  readonly diagnostics: readonly { readonly severity: string; readonly message: string }[];
}

/** As far as the plan does not say it. */
interface State {
  readonly inputs?: Json;
  readonly retainOnDelete?: boolean;
  readonly deletedWith?: string;
  readonly replaceOnChanges?: readonly string[];
}

/** Told by one of the two, or, at the end, about this run alone and not about the resource. */
const goalWords = [
  ...["type", "name", "custom", "inputDiff", "outputDiff", "parent", "protect", "dependencies", "provider"],
  ...["propertyDependencies", "deleteBeforeReplace", "ignoreChanges", "additionalSecretOutputs", "id"],
  ...["aliases", "structuredAliases"],
];
const stateWords = [
  ...["urn", "type", "custom", "inputs", "outputs", "parent", "protect", "dependencies", "provider", "id", "importID"],
  ...["propertyDependencies", "ignoreChanges", "additionalSecretOutputs", "aliases"],
  ...["retainOnDelete", "deletedWith", "replaceOnChanges"],
  ...["sourcePosition", "stackTrace", "created", "modified"],
];

/**
 * Reads the engine's answer.
 *
 * @param standIns what our preview puts in the place of a decrypted text, by that text
 */
export function registeredStack(
  { digest, plan }: { readonly digest: string; readonly plan: string },
  standIns: ReadonlyMap<string, string> = new Map(),
): RegisteredStack {
  const { config, steps, diagnostics } = JSON.parse(digest) as Digest;
  const { resourcePlans } = JSON.parse(plan) as Plan;
  const states = new Map(steps.map(({ urn, newState }) => [urn, newState]));
  const planned = Object.entries(resourcePlans)
    .filter(([urn]) => !isDefaultProvider(urn))
    .map(([urn, resource]) => ({ urn, ...resource, newState: states.get(urn) ?? {} }));
  const resources = planned.map((resource) => readResource(resource, standIns));
  return {
    resources,
    outputs: resources.find(({ type }) => type === STACK_TYPE)?.outputs ?? {},
    config,
    diagnostics: diagnostics.flatMap(readDiagnostic),
    foundAs: Object.fromEntries(
      steps.flatMap(({ urn, oldState }) =>
        oldState === undefined || oldState.urn === urn ? [] : [[urn, oldState.urn]],
      ),
    ),
    unshown: Object.fromEntries(
      planned.map(({ urn, goal, newState }) => [
        urn,
        { ...without(goal, goalWords), ...without(newState, stateWords) },
      ]),
    ),
  };
}

/** Made by the engine itself for resources that name no provider. */
const isDefaultProvider = (urn: string): boolean => /::pulumi:providers:[^:]+::default(_|$)/.test(urn);

interface Planned {
  readonly urn: string;
  readonly goal: Goal;
  /** Outputs, as far as they are known. */
  readonly state: Json;
  readonly newState: State;
}

function readResource(planned: Planned, standIns: ReadonlyMap<string, string>): DeclaredResource {
  const { urn, goal, newState } = planned;
  const { type, name, custom, parent, protect, deleteBeforeReplace, id } = goal;
  const { retainOnDelete = false, replaceOnChanges = [], deletedWith } = newState;
  const dependencies = Object.entries(goal.propertyDependencies ?? {}).filter(([, urns]) => urns.length > 0);
  return {
    urn,
    type,
    name,
    custom,
    inputs: readProperties(inputsOf(planned), standIns),
    outputs: readProperties(goal.outputDiff.adds ?? {}, standIns),
    protect,
    retainOnDelete,
    replaceOnChanges,
    dependencies: goal.dependencies ?? [],
    propertyDependencies: Object.fromEntries(dependencies),
    ignoreChanges: goal.ignoreChanges ?? [],
    additionalSecretOutputs: goal.additionalSecretOutputs ?? [],
    aliases: [...(goal.aliases ?? []), ...(goal.structuredAliases ?? []).map((alias) => aliasUrn(alias, urn, goal))],
    ...(parent !== undefined && { parent }),
    ...(deletedWith !== undefined && { deletedWith }),
    ...(deleteBeforeReplace !== undefined && { deleteBeforeReplace }),
    ...(id !== undefined && { importId: id }),
    ...readProvider(goal),
  };
}

function inputsOf({ goal, state, newState }: Planned): Json {
  const { type, id, inputDiff, additionalSecretOutputs = [] } = goal;
  // The engine adds which plugin a provider is.
  if (isProvider(type)) return without(inputDiff.adds ?? {}, ["version", "__internal"]);
  // Of what is taken over the plan has only what differs from what is there.
  const inputs = { ...(id === undefined ? {} : newState.inputs), ...inputDiff.adds };
  // An input that is unknown and secret comes from the SDK as unknown alone. That it is secret is told with the outputs,
  // by the same name; our preview, which has no outputs, says it of the input.
  const secret = additionalSecretOutputs.filter((key) => Object.hasOwn(inputs, key));
  return { ...inputs, ...Object.fromEntries(secret.map((key) => [key, state[key]])) };
}

const isProvider = (type: string): boolean => type.startsWith("pulumi:providers:");

/** The version that the program asks for is part of a default provider's name: `default_9_37_0`. */
function readProvider({ type, provider: reference, inputDiff }: Goal): Pick<DeclaredResource, "provider" | "version"> {
  if (isProvider(type)) return { version: String(inputDiff.adds?.version) };
  if (reference === undefined) return {};
  const provider = reference.slice(0, reference.lastIndexOf("::"));
  if (!isDefaultProvider(provider)) return { provider };
  const version = /::default_(.+)$/.exec(provider)?.[1]?.replaceAll("_", ".");
  return version === undefined ? {} : { version };
}

/** An alias says what was different before; an empty field is as it is now. */
function aliasUrn(alias: AliasSpec, urn: string, goal: Goal): string {
  if (alias.URN !== "") return alias.URN;
  const [stack = "", project = ""] = urn.replace("urn:pulumi:", "").split("::");
  const parentTypes = alias.NoParent ? "" : typesOf(alias.Parent || goal.parent || "");
  const types = [parentTypes, alias.Type || goal.type].filter((each) => each !== "" && each !== STACK_TYPE);
  return `urn:pulumi:${alias.Stack || stack}::${alias.Project || project}::${types.join("$")}::${alias.Name || goal.name}`;
}

const typesOf = (urn: string): string => urn.split("::")[2] ?? "";

function readProperties(properties: Json, standIns: ReadonlyMap<string, string>): Properties {
  const read = (value: unknown): Value => {
    if (value === UNKNOWN_ON_WIRE) return UNKNOWN;
    if (Array.isArray(value)) return value.map(read);
    if (typeof value !== "object" || value === null) return value as Value;
    const { [SIGNATURE]: signature, plaintext } = value as Json;
    return signature === SECRET ? readSecret(String(plaintext), standIns) : readProperties(value as Json, standIns);
  };
  const entries = Object.entries(properties).filter(([key]) => key !== RESOURCE_AMONG_OUTPUTS);
  return Object.fromEntries(entries.map(([key, value]) => [key, read(value)]));
}

/** @param plaintext JSON */
function readSecret(plaintext: string, standIns: ReadonlyMap<string, string>): Secret {
  if (plaintext.includes(UNKNOWN_ON_WIRE)) return new Secret(undefined);
  // In the one spelling that JavaScript has for JSON; Go has others.
  const canonical = JSON.stringify(JSON.parse(plaintext));
  const within = (text: string) => JSON.stringify(text).slice(1, -1);
  return new Secret([...standIns].reduce((text, [from, to]) => text.replaceAll(within(from), within(to)), canonical));
}

/** The SDK's mark on a resource among the stack's outputs, for the engine's display alone. */
const RESOURCE_AMONG_OUTPUTS = "@isPulumiResource";

/** What the CLI says of its own plugins, which here are not those that it expects. */
const ofPlugins = /^(using pulumi-language-nodejs from|resource plugin \S+ is expected to have version)/;

function readDiagnostic({ severity, message }: Digest["diagnostics"][number]): readonly Diagnostic[] {
  const known = (["info", "warning", "error"] as const).find((each) => each === severity);
  const text = message.replace(/^[a-z]+: /, "").trimEnd();
  return known === undefined || ofPlugins.test(text) ? [] : [{ severity: known, message: text }];
}

/** Fields of an object with a value, apart from those named. */
function without(object: object, names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([name, value]) => !names.includes(name) && !isEmpty(value)));
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === false || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
