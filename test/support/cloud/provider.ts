/**
 * What a provider does between the engine and a cloud: compares, and turns inputs into calls.
 *
 * It behaves as the real gcp provider was measured to behave (facts in `types.ts`), its faults included: a binding
 * that is replaced vanishes, a Job whose creation failed looks finished, an input that is left out may stay.
 */
import { within } from "../../../preview/compare/properties.ts";
import { at, differences, withValue } from "./attributes.ts";
import type { Call, SimulatedCloud } from "./cloud.ts";
import type { Faults } from "./faults.ts";
import { previewedTypes } from "./previewed-types.ts";
import { type Refusal, type Request, refusals } from "./refusals.ts";
import type { Attributes, ResourceType } from "./resource-type.ts";
import { resourceTypes } from "./types.ts";

/** A resource as the engine names it. */
export interface Addressed {
  readonly type: string;
  readonly name: string;
}

export interface Compared {
  /** Paths that differ. */
  readonly changed: readonly string[];
  /** Those of them that force a replacement. */
  readonly replaced: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

export interface Made {
  readonly id: string;
  readonly outputs: Attributes;
}

/** The thing exists, and does not work: the engine keeps it in the state. */
export class Broken extends Error {
  readonly made: Made;

  constructor(message: string, made: Made) {
    super(message);
    this.made = made;
  }
}

export class SimulatedProvider {
  readonly #cloud: SimulatedCloud;
  readonly #faults: Faults;

  constructor(cloud: SimulatedCloud, faults: Faults) {
    this.#cloud = cloud;
    this.#faults = faults;
  }

  diff(type: string, before: Attributes, inputs: Attributes): Compared {
    const knows = this.#typeOf(type);
    const kept = this.#kept(type, inputs);
    const given = Object.keys(before).filter((key) => !(key in knows.computed));
    const state = Object.fromEntries(given.map((key) => [key, before[key]]));
    const changed = differences(
      state,
      kept.reduce((all, path) => withValue(all, path, at(before, path)), inputs),
    );
    const forces = Object.keys(knows.replacedBy).filter((path) => this.#has(type, "is replaced by", path));
    return {
      changed,
      replaced: changed.filter((path) => forces.some((outer) => within(path, outer))),
      deleteBeforeReplace: knows.named === "people",
    };
  }

  /** What is known of a resource before Google has made it. */
  planned(type: string, inputs: Attributes, before: Attributes | undefined, unknown: unknown): Attributes {
    const knows = this.#typeOf(type);
    const computed = Object.entries(knows.computed).map(([key, { value, knownInPreview }]) => {
      if (before?.[key] !== undefined) return [key, before[key]];
      return [key, knownInPreview ? value(inputs, { id: "" }) : unknown];
    });
    return { ...inputs, ...Object.fromEntries(computed) };
  }

  async create({ type, name }: Addressed, inputs: Attributes): Promise<Made> {
    const knows = this.#typeOf(type);
    const number = (series: string) => String(this.#cloud.count(series));
    return this.#through({ verb: "create", type, name }, () => {
      const id = knows.id(inputs, number);
      const computed = Object.fromEntries(
        Object.entries(knows.computed)
          .filter(([key]) => this.#has(type, "computes", key))
          .map(([key, { value }]) => [key, value(inputs, { id })]),
      );
      const made = { id, outputs: { ...inputs, ...computed } };
      return this.#written({ verb: "create", type, knows, id, inputs }, made);
    });
  }

  async update({ type, name }: Addressed, id: string, before: Attributes, inputs: Attributes): Promise<Made> {
    const knows = this.#typeOf(type);
    return this.#through({ verb: "update", type, name }, () => {
      const there = this.#cloud.object(type, id);
      if (there === undefined) throw new Error(`googleapi: Error 404: ${id} was not found.`);
      // Asked again only because the creation had failed: the provider compares, sees no difference, and does nothing
      // (measured, facts/pulumi.md 10.2: the next `up` is green, and what is broken stays broken).
      if (this.diff(type, before, inputs).changed.length === 0) return { id, outputs: before };
      const kept = this.#kept(type, inputs);
      const computed = Object.fromEntries(Object.keys(knows.computed).map((key) => [key, before[key]]));
      const outputs = kept.reduce((all, path) => withValue(all, path, at(there.attributes, path)), {
        ...inputs,
        ...computed,
      });
      return this.#written({ verb: "update", type, knows, id, inputs }, { id, outputs });
    });
  }

  /** @returns undefined when it is gone */
  async read({ type, name }: Addressed, id: string, before: Attributes): Promise<Attributes | undefined> {
    if (this.#typeOf(type).api === undefined) return before; // made on this machine: nobody else knows it
    return this.#through({ verb: "read", type, name }, () => this.#cloud.object(type, id)?.attributes);
  }

  async delete({ type, name }: Addressed, id: string, before: Attributes): Promise<void> {
    const knows = this.#typeOf(type);
    await this.#through({ verb: "delete", type, name }, () => {
      const { refusal, answer } = this.#refused({ verb: "delete", type, knows, id, inputs: before });
      if (refusal !== undefined) throw new Error(answer);
      if (knows.outlives?.(before) !== true) this.#cloud.remove(type, id);
    });
  }

  /** Inputs as they are at Google: those that were given before, or, for an import, all that somebody can give. */
  inputsOf(type: string, there: Attributes, before: Attributes): Attributes {
    const { computed } = this.#typeOf(type);
    const given = Object.keys(before).length === 0 ? Object.keys(there) : Object.keys(before);
    return Object.fromEntries(given.filter((key) => !(key in computed)).map((key) => [key, there[key]]));
  }

  #written(request: Request, made: Made): Made {
    const { type, id } = request;
    const { refusal, answer } = this.#refused(request);
    if (refusal?.leaves === "nothing") throw new Error(answer);
    this.#cloud.put(type, id, { type, attributes: made.outputs, ...(answer === undefined ? {} : { broken: answer }) });
    if (answer !== undefined) throw new Broken(answer, made);
    return made;
  }

  #refused(request: Request): { readonly refusal?: Refusal; readonly answer?: string } {
    for (const [name, refusal] of Object.entries(refusals)) {
      if (this.#cloud.off.has(name)) continue;
      const answer = refusal.answer(request, this.#cloud);
      if (answer !== undefined) return { refusal, answer };
    }
    return {};
  }

  #through<Answer>(call: Call, act: () => Answer): Promise<Answer> {
    this.#cloud.calls.push(call);
    return this.#faults.through(call, act);
  }

  /** Inputs that are left out, and keep their value. */
  #kept(type: string, inputs: Attributes): readonly string[] {
    const { keeps } = this.#typeOf(type);
    return Object.keys(keeps).filter((path) => at(inputs, path) === undefined && this.#has(type, "keeps", path));
  }

  #has(type: string, habit: string, path: string): boolean {
    return !this.#cloud.off.has(`${type} ${habit} ${path}`);
  }

  #typeOf(type: string): ResourceType {
    const known = resourceTypes[type] ?? previewedTypes[type];
    if (known === undefined) throw new Error(`the simulated provider does not know ${type}: add it to types.ts`);
    return known;
  }
}

/** Everything that can be switched off, so that a scenario can be seen to notice. */
export function switches(): readonly string[] {
  const habits = Object.entries(resourceTypes).flatMap(([type, { replacedBy, keeps, computed }]) => [
    ...Object.keys(replacedBy).map((path) => `${type} is replaced by ${path}`),
    ...Object.keys(keeps).map((path) => `${type} keeps ${path}`),
    ...Object.keys(computed).map((key) => `${type} computes ${key}`),
  ]);
  return [...Object.keys(refusals), ...habits];
}
