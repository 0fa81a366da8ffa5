import type { Expectation, Listing, Records, Store, Stored } from "../../../runtime/store/store.ts";

/** A store for what only reads: lists as a database would, by id and page by page. */
export function storeOf(
  kinds: { readonly campaigns?: readonly Stored[]; readonly shifts?: readonly Stored[] },
  changes: Partial<Store> = {},
): Store & { readonly closed: () => boolean } {
  let closed = false;
  const work = {
    campaigns: recordsOf(kinds.campaigns ?? []),
    shifts: recordsOf(kinds.shifts ?? []),
    containers: recordsOf([]),
  };
  return {
    work,
    beats: work,
    prepare: async () => {},
    onTopologyChange: () => () => {},
    reconnect: async () => {},
    close: async () => {
      closed = true;
    },
    closed: () => closed,
    ...changes,
  };
}

export function recordsOf(all: readonly Stored[], changes: Partial<Records> = {}): Records {
  const sorted = [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    find: async (id) => sorted.find((record) => record.id === id),
    list: async ({ expect, fields, after = "", limit }: Listing) =>
      sorted
        .filter((record) => record.id > after && holds(record, expect))
        .slice(0, limit)
        .map((record) => ({ id: record.id, ...Object.fromEntries(fields.map((field) => [field, record[field]])) })),
    insert: () => {
      throw new Error("nothing is inserted by what only looks");
    },
    update: async ({ id, expect }) => {
      const record = sorted.find((candidate) => candidate.id === id);
      if (record !== undefined && holds(record, expect)) throw new Error(`${id} would have been changed`);
      return false;
    },
    updateAll: () => {
      throw new Error("nothing is changed by what only looks");
    },
    ...changes,
  };
}

function holds(record: Stored, expectation: Expectation): boolean {
  return Object.entries(expectation).every(([path, value]) => {
    const found = path.split(".").reduce<unknown>((inner, name) => (inner as Record<string, unknown>)?.[name], record);
    return Array.isArray(value) ? value.includes(found as never) : found === value;
  });
}
