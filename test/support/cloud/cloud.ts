/**
 * Google Cloud, as far as a deployment meets it: what exists, who may do what, and what Google refuses.
 *
 * It checks no values (that is for `domain` to do); it knows what only a deployment can meet: names that are taken,
 * images and versions that are missing, accounts that do not exist, grants that have not arrived. It lives in the
 * test's process, so that it outlives the commands, and a test can do what people and other programs do behind a
 * stack's back.
 */
import { withProjectNumber } from "./names.ts";
import type { Attributes } from "./resource-type.ts";

export interface CloudObject {
  readonly type: string;
  attributes: Attributes;
  /** Set when an operation of Google's ended in an error: the thing is there, and does not work. */
  broken?: string;
}

export interface Call {
  readonly verb: "create" | "update" | "delete" | "read";
  readonly type: string;
  /** The last part of the URN: what the program calls it. */
  readonly name: string;
}

export class SimulatedCloud {
  /** By type and id. */
  readonly objects = new Map<string, CloudObject>();
  /** Tags and digests that were pushed, in full. */
  readonly images = new Set<string>();
  /** Cloud Run services that others deployed: `PROJECT/REGION/NAME`. */
  readonly services = new Set<string>();
  /** Versions that people added: `projects/P/secrets/S/versions/N`. */
  readonly versions = new Set<string>();
  /** Everything that was asked of Google, in order. */
  readonly calls: Call[] = [];
  /** Grants that were made and have not arrived yet. */
  readonly #onTheirWay = new Set<string>();
  readonly #slowGrants: boolean;
  /** Names of what this cloud, other than Google, does not do: see `switches`. */
  readonly off: ReadonlySet<string>;
  readonly #counts = new Map<string, number>();

  /**
   * @param options.slowGrants as at Google: a grant arrives only some minutes after it was made
   * @param options.off what is switched off, to see that a scenario notices
   */
  constructor(options: { readonly slowGrants?: boolean; readonly off?: Iterable<string> } = {}) {
    this.#slowGrants = options.slowGrants ?? false;
    this.off = new Set(options.off);
  }

  /** Another cloud in the same state. */
  clone(off: Iterable<string> = this.off): SimulatedCloud {
    const copy = new SimulatedCloud({ slowGrants: this.#slowGrants, off });
    for (const [key, object] of this.objects) copy.objects.set(key, structuredClone(object));
    for (const image of this.images) copy.images.add(image);
    for (const service of this.services) copy.services.add(service);
    for (const version of this.versions) copy.versions.add(version);
    for (const grant of this.#onTheirWay) copy.#onTheirWay.add(grant);
    for (const [what, count] of this.#counts) copy.#counts.set(what, count);
    return copy;
  }

  /** The next number in some series, from 1. */
  count(series: string): number {
    const next = (this.#counts.get(series) ?? 0) + 1;
    this.#counts.set(series, next);
    return next;
  }

  object(type: string, id: string): CloudObject | undefined {
    return this.objects.get(`${type} ${id}`);
  }

  put(type: string, id: string, object: CloudObject): void {
    this.objects.set(`${type} ${id}`, object);
    if (isGrant(type) && this.#slowGrants) this.#onTheirWay.add(`${type} ${id}`);
  }

  /** Removes something, with what is inside of it or granted on it. */
  remove(type: string, id: string): void {
    this.#onTheirWay.delete(`${type} ${id}`);
    for (const [key, object] of this.objects) {
      const found = key.slice(object.type.length + 1);
      const inside = found.startsWith(`${id}/`) || found.startsWith(withProjectNumber(`${id}/`));
      if (key === `${type} ${id}` || inside) this.objects.delete(key);
    }
    for (const version of this.versions) {
      if (version.startsWith(withProjectNumber(`${id}/`))) this.versions.delete(version);
    }
  }

  /** Everything of one type, with its id. */
  ofType(type: string): readonly (CloudObject & { readonly id: string })[] {
    return [...this.objects].flatMap(([key, object]) =>
      object.type === type ? [{ ...object, id: key.slice(type.length + 1) }] : [],
    );
  }

  hasArrived(type: string, id: string): boolean {
    return !this.#onTheirWay.has(`${type} ${id}`);
  }

  /** Grants "typically 2 minutes, potentially 7 minutes or longer" (docs.cloud.google.com/iam/docs/access-change-propagation). */
  minutesPass(): void {
    this.#onTheirWay.clear();
  }
}

const isGrant = (type: string): boolean => type.endsWith("IamMember");
