/**
 * What the engine keeps while a program runs: every resource by URN, completed from its parents.
 *
 * Pure: no gRPC, no processes. The rules are the engine's own (github.com/pulumi/pulumi, pkg/resource/deploy/
 * source_eval.go, `inheritFromParent` and `resolveProvider`, and step_generator.go; read November 2026).
 */

import {
  atSource,
  type DeclaredResource,
  type DeclaredStack,
  type Diagnostic,
  type Properties,
  type SourcePosition,
} from "../resources.ts";
import { knownInPreview } from "./known-outputs.ts";
import { type AliasSpec, makeUrn, parseUrn, resolveAliases, STACK_TYPE } from "./urn.ts";

/** A registration as it comes from the program; empty strings have become absent fields, and nothing is inherited yet. */
export interface Registration
  extends Omit<DeclaredResource, "urn" | "outputs" | "protect" | "retainOnDelete" | "aliases"> {
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly aliases: readonly AliasSpec[];
  /** `URN::ID` of an explicit provider. */
  readonly provider?: string;
  /** Package to `URN::ID`, for a component's children. */
  readonly providers: Readonly<Record<string, string>>;
}

export interface Registered {
  readonly urn: string;
  /** Outputs that are known although nothing has been made yet, beyond the inputs. */
  readonly known: Readonly<Record<string, string>>;
}

/** The program asked for something that a preview refuses, or that the engine itself would refuse. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** What must be known about the stack before its program runs. */
export interface StackIdentity {
  readonly project: string;
  readonly stack: string;
  /** The stack's configuration as the program gets it; only `gcp:project` is read here. */
  readonly config: Readonly<Record<string, string>>;
}

type Entry = { -readonly [Key in keyof DeclaredResource]: DeclaredResource[Key] };

export class Registry {
  readonly #identity: StackIdentity;
  readonly #entries = new Map<string, Entry>();
  /** A component's providers by package, with those of its parents. */
  readonly #providers = new Map<string, Readonly<Record<string, string>>>();
  #outputsRegistered = false;

  constructor(identity: StackIdentity) {
    this.#identity = identity;
  }

  /** True once the program has run to its end: the SDK registers the stack's outputs last. */
  get complete(): boolean {
    return this.#outputsRegistered;
  }

  /**
   * Takes one resource in.
   *
   * @throws Refusal when its URN is taken, its parent is not there, or an alias cannot be read
   */
  register(wanted: Registration): Registered {
    const parent = this.#parentOf(wanted);
    const { project, stack } = this.#identity;
    const parentType = parent === undefined ? undefined : parseUrn(parent.urn)?.qualifiedType;
    const urn = makeUrn({ stack, project, type: wanted.type, name: wanted.name }, parentType);
    const taken = this.#entries.get(urn);
    if (taken !== undefined) throw duplicate(urn, taken.source, wanted.source);

    const providers = this.#inheritProviders(wanted);
    const providerReference = wanted.provider ?? (isOfProvider(wanted) ? providers[packageOf(wanted.type)] : undefined);
    const provider = providerReference === undefined ? undefined : providerUrn(providerReference);
    if (!wanted.custom) this.#providers.set(urn, providers);

    const { providers: _, provider: __, ...rest } = wanted;
    const deletedWith = wanted.deletedWith ?? parent?.deletedWith;
    this.#entries.set(urn, {
      ...rest,
      urn,
      protect: wanted.protect ?? parent?.protect ?? false,
      retainOnDelete: wanted.retainOnDelete ?? parent?.retainOnDelete ?? false,
      aliases: this.#aliases(urn, wanted, parent),
      ...(deletedWith !== undefined && { deletedWith }),
      ...(provider !== undefined && { provider }),
    });
    return { urn, known: knownInPreview(wanted.type, wanted.inputs, this.#providerProject(provider)) };
  }

  /** @throws Refusal when there is no such resource */
  registerOutputs(urn: string, outputs: Properties): void {
    const entry = this.#entries.get(urn);
    if (entry === undefined) throw new Refusal(`outputs were registered for ${urn}, which is not declared`);
    entry.outputs = outputs;
    if (entry.type === STACK_TYPE) this.#outputsRegistered = true;
  }

  declared(diagnostics: readonly Diagnostic[]): DeclaredStack {
    const resources = [...this.#entries.values()];
    const outputs = resources.find(({ type }) => type === STACK_TYPE)?.outputs ?? {};
    return { project: this.#identity.project, stack: this.#identity.stack, resources, outputs, diagnostics };
  }

  #parentOf({ type, name, parent, source }: Registration): Entry | undefined {
    if (parent === undefined) return undefined;
    const found = this.#entries.get(parent);
    if (found === undefined) {
      throw new Refusal(`the parent of ${name} [${type}]${atSource(source)} is ${parent}, which is not declared`);
    }
    return found;
  }

  #inheritProviders(wanted: Registration): Readonly<Record<string, string>> {
    const inherited = wanted.parent === undefined ? undefined : this.#providers.get(wanted.parent);
    return inherited === undefined ? wanted.providers : { ...inherited, ...wanted.providers };
  }

  #aliases(urn: string, wanted: Registration, parent: Entry | undefined): readonly string[] {
    try {
      return resolveAliases(urn, wanted.aliases, parent);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Refusal(`an alias of ${urn}${atSource(wanted.source)} cannot be used: ${error.message}`);
    }
  }

  /** The project in which a resource lands that does not name one. */
  #providerProject(provider: string | undefined): string | undefined {
    if (provider === undefined) return this.#identity.config["gcp:project"];
    const project = this.#entries.get(provider)?.inputs.project;
    return typeof project === "string" ? project : undefined;
  }
}

/** A provider is not itself managed by one; a component has no provider of its own. */
const isOfProvider = ({ type, custom }: Registration): boolean => custom && !type.startsWith("pulumi:providers:");
const packageOf = (type: string): string => type.slice(0, type.indexOf(":"));
const providerUrn = (reference: string): string => reference.slice(0, reference.lastIndexOf("::"));

function duplicate(urn: string, first: SourcePosition | undefined, second: SourcePosition | undefined): Refusal {
  const places =
    first === undefined || second === undefined ? "" : `: first${atSource(first)}, then${atSource(second)}`;
  return new Refusal(`duplicate resource ${urn}${places}. Two resources of one type under one parent need two names.`);
}
