import type { Kind } from "../kinds.ts";
import type { Records, Stored, Write } from "../store.ts";
import type { DriverCollection } from "./driver.ts";
import { failure, isDuplicateId, isPathNotViable, unviable } from "./failure.ts";
import { documentOf, filterOf, type Layout, pathIn, projectionOf, storedOf, updateOf } from "./translate.ts";

export interface Opened {
  readonly collection: DriverCollection;
  readonly layout: Layout;
}

type Document = Record<string, unknown>;

/** The records of one kind in MongoDB, with operators that every compatible database has. */
export class MongoRecords implements Records {
  readonly #kind: Kind;
  readonly #open: () => Promise<Opened>;

  constructor(kind: Kind, open: () => Promise<Opened>) {
    this.#kind = kind;
    this.#open = open;
  }

  find(id: string): Promise<Stored | undefined> {
    return this.#asked("find", async ({ collection, layout }) => {
      const _id = layout.ids.written(id);
      if (_id === undefined) return undefined;
      const found = await collection.findOne({ _id }, { projection: projectionOf(layout, undefined) });
      return found === null ? undefined : storedOf(layout, found as Document);
    });
  }

  list({ expect, fields, after, limit }: Parameters<Records["list"]>[0]): Promise<readonly Stored[]> {
    return this.#asked("list", async ({ collection, layout }) => {
      const from = after === undefined ? undefined : layout.ids.written(after);
      if (after !== undefined && from === undefined) throw new Error(`no list has the id it is to go on after`);
      const _id = from === undefined ? { $gte: layout.ids.least } : { $gt: from };
      const options = {
        projection: projectionOf(layout, fields),
        sort: { _id: 1 },
        limit,
        // All in the first answer: the driver would ask again for what is beyond the hundred-and-first.
        batchSize: limit,
      };
      const found = await collection.find({ ...filterOf(layout, expect), _id }, options).toArray();
      return found.map((document) => storedOf(layout, document as Document)).filter((stored) => stored !== undefined);
    });
  }

  insert(record: Parameters<Records["insert"]>[0]): Promise<boolean> {
    return this.#asked("insert", async ({ collection, layout }) => {
      const document = documentOf(layout, record);
      if (document === undefined) throw new Error("the record's id is none that this collection has");
      try {
        await collection.insertOne(document);
        return true;
      } catch (error) {
        if (isDuplicateId(error)) return false;
        throw error;
      }
    });
  }

  update(write: Write): Promise<boolean> {
    return this.#asked("update", async ({ collection, layout }) => {
      const one = prepared(layout, write);
      if (one === undefined) return false;
      const perform = async () => (await collection.updateOne(one.filter, one.update)).matchedCount > 0;
      try {
        return await perform();
      } catch (error) {
        if (!isPathNotViable(error)) throw error;
        await fillNulls(collection, layout, [write]);
        return await perform();
      }
    });
  }

  updateAll(writes: readonly Write[]): Promise<number> {
    return this.#asked("update all", async ({ collection, layout }) => {
      const all = writes.map((write) => ({ write, one: prepared(layout, write) })).filter(isPossible);
      const perform = async (some: typeof all): Promise<number> => {
        if (some.length === 0) return 0;
        const operations = some.map(({ one }) => ({ updateOne: one }));
        return (await collection.bulkWrite(operations, { ordered: false })).matchedCount;
      };
      try {
        return await perform(all);
      } catch (error) {
        const left = unviable(error);
        if (left === undefined) throw error;
        const some = left.indexes.map((index) => all[index]).filter((each) => each !== undefined);
        await fillNulls(
          collection,
          layout,
          some.map(({ write }) => write),
        );
        return left.matched + (await perform(some));
      }
    });
  }

  async #asked<T>(what: string, ask: (opened: Opened) => Promise<T>): Promise<T> {
    try {
      return await ask(await this.#open());
    } catch (error) {
      throw failure(`${what} ${this.#kind}`, error);
    }
  }
}

interface One {
  readonly filter: Document;
  readonly update: Document;
}

/** @returns undefined where no record can have the id */
function prepared(layout: Layout, write: Write): One | undefined {
  const _id = layout.ids.written(write.id);
  return _id === undefined
    ? undefined
    : { filter: { ...expected(layout, write), _id }, update: updateOf(layout, write) };
}

/** Null where a field below is written: an empty sub-document is as good, since `fillNulls` puts it there. */
function expected(layout: Layout, write: Write): Document {
  const filter = filterOf(layout, write.expect);
  for (const [path, value] of Object.entries(write.expect)) {
    if (value === null && isAbove(path, write)) filter[pathIn(layout, path)] = { $in: [null, {}] };
  }
  return filter;
}

function isPossible<T extends { one: One | undefined }>(each: T): each is T & { one: One } {
  return each.one !== undefined;
}

/**
 * An existing record may hold null where we have a sub-document, and MongoDB does not write below null (code 28). All
 * of a sub-document at once would not do either, since the server's time goes into it (code 40). So null becomes {}
 * first, in a write of its own that changes nothing but that, whoever else is writing.
 */
async function fillNulls(collection: DriverCollection, layout: Layout, writes: readonly Write[]): Promise<void> {
  for (const write of writes) {
    const _id = layout.ids.written(write.id);
    for (const parent of parentsOf(write)) {
      const path = pathIn(layout, parent);
      // A list with null in it is of this type too, but it has a first element.
      const isNull = { [path]: { $type: 10 }, [`${path}.0`]: { $exists: false } };
      await collection.updateOne({ _id, ...isNull }, { $set: { [path]: {} } });
    }
  }
}

function isAbove(path: string, write: Write): boolean {
  return below(write).some((written) => written.startsWith(`${path}.`));
}

/** Where a write needs sub-documents. */
function below({ set = {}, increment = [], now = [] }: Write): readonly string[] {
  return [...Object.keys(set), ...increment, ...now];
}

/** The paths above those that are written, the outer ones first. */
function parentsOf(write: Write): readonly string[] {
  const parents = below(write).flatMap((path) => {
    const steps = path.split(".");
    return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join("."));
  });
  return [...new Set(parents)].sort((a, b) => a.length - b.length);
}
