import type { Kind } from "../kinds.ts";
import type { RecordNames } from "../names.ts";
import type { Expectation, Plain, Stored, Write } from "../store.ts";
import type { Ids } from "./ids.ts";

/** How the records of one kind stand in the database: in the words of its owner. */
export interface Layout {
  readonly ids: Ids;
  /** Our names of fields at the top of a record, and the database's. */
  readonly fields: ReadonlyMap<string, string>;
  /** The other way: the database's names, and ours. */
  readonly ours: ReadonlyMap<string, string>;
  /** Whether no other field of a record is read: it belongs to somebody else, and may tell of a patient. */
  readonly only: boolean;
  /** Our words for `status`, and the database's. */
  readonly statuses: ReadonlyMap<string, string>;
}

/** Campaigns are an existing collection's; the runtime alone has shifts and containers. */
export function layoutOf(kind: Kind, names: RecordNames, ids: Ids): Layout {
  if (kind !== "campaigns") return { ids, fields: new Map(), ours: new Map(), only: false, statuses: new Map() };
  const fields = Object.entries(names.fields);
  return {
    ids,
    fields: new Map(fields),
    ours: new Map(fields.map(([name, theirs]) => [theirs, name])),
    only: true,
    statuses: new Map(Object.entries(names.statuses)),
  };
}

/** `lease.epoch` becomes `agentLease.epoch`, where the lease is called that. */
export function pathIn({ fields }: Layout, path: string): string {
  const dot = path.indexOf(".");
  const top = dot === -1 ? path : path.slice(0, dot);
  return (fields.get(top) ?? top) + path.slice(top.length);
}

type Document = Record<string, unknown>;

export function filterOf(layout: Layout, expect: Expectation): Document {
  return Object.fromEntries(
    Object.entries(expect).map(([path, value]) => {
      const written = valueIn(layout, path, value);
      return [pathIn(layout, path), Array.isArray(written) ? { $in: written } : written];
    }),
  );
}

/** The operators of an update. Those without a field are left out: the database refuses them empty. */
export function updateOf(layout: Layout, { set = {}, increment = [], now = [], unset = [] }: Write): Document {
  const each = (paths: readonly string[], value: unknown) =>
    paths.map((path) => [pathIn(layout, path), value] as const);
  const operators = {
    $set: Object.entries(set).map(([path, value]) => [pathIn(layout, path), valueIn(layout, path, value)] as const),
    $inc: each(increment, 1),
    $currentDate: each(now, true),
    $unset: each(unset, ""),
  };
  const used = Object.entries(operators).filter(([, fields]) => fields.length > 0);
  return Object.fromEntries(used.map(([operator, fields]) => [operator, Object.fromEntries(fields)]));
}

/** @returns undefined where no record can have this id */
export function documentOf(layout: Layout, { id, ...fields }: { readonly id: string } & Record<string, Plain>) {
  const _id = layout.ids.written(id);
  if (_id === undefined) return undefined;
  const named = Object.entries(fields).map(([name, value]) => [pathIn(layout, name), valueIn(layout, name, value)]);
  return { _id, ...Object.fromEntries(named) };
}

/** What is asked for of a record: nothing else leaves the database. */
export function projectionOf(layout: Layout, fields: readonly string[] | undefined): Document | undefined {
  const asked = fields ?? (layout.only ? [...layout.fields.keys()] : undefined);
  return asked === undefined
    ? undefined
    : Object.fromEntries([["_id", 1], ...asked.map((f) => [pathIn(layout, f), 1])]);
}

/** @returns undefined for a record whose id is of another type */
export function storedOf(layout: Layout, document: Document): Stored | undefined {
  const id = layout.ids.read(document._id);
  if (id === undefined) return undefined;
  const stored: { id: string; [field: string]: unknown } = { id };
  for (const theirs of Object.keys(document)) {
    const name = layout.ours.get(theirs) ?? theirs;
    // A field that happens to be called `id` is somebody's, and not the id.
    if (theirs === "_id" || name === "id") continue;
    const value = document[theirs];
    stored[name] = name === "status" ? statusOf(layout, value) : value;
  }
  return stored;
}

function valueIn({ statuses }: Layout, path: string, value: Plain): unknown {
  if (path !== "status" || statuses.size === 0) return value;
  const word = (status: unknown) => statuses.get(status as string) ?? status;
  return Array.isArray(value) ? value.map(word) : word(value);
}

/** A status of the owner's own that happens to be one of our words does not mean what we mean by it. */
function statusOf({ statuses }: Layout, value: unknown): unknown {
  for (const [ours, theirs] of statuses) if (theirs === value) return ours;
  return typeof value === "string" && statuses.has(value) ? `other:${value}` : value;
}
