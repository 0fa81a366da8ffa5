import { type Kind, kinds } from "../kinds.ts";
import { StoreError } from "../store.ts";
import type { DriverCollection } from "./driver.ts";
import type { DriverError } from "./failure.ts";
import { failure } from "./failure.ts";
import type { Opened } from "./records.ts";
import { type Layout, pathIn } from "./translate.ts";

export interface Index {
  /** In the order of the fields, which decides what it is good for. */
  readonly fields: readonly string[];
  /** Seconds after the time in the field at which the database deletes the record. */
  readonly expireAfter?: number;
}

const DAY = 86_400;

/**
 * What our queries need, and no more: each index is written at each change of its fields. No index decides who owns
 * anything: that is each record's own conditional write.
 */
export function indexesOf(kind: Kind, layout: Layout): readonly Index[] {
  switch (kind) {
    case "campaigns":
      // Sweeps page through the campaigns of one status by id. An index of hbAt would change with every heartbeat.
      return [{ fields: [pathIn(layout, "status"), "_id"] }];
    case "shifts":
      // A record is of one opening: nobody asks for it when the shift is over. A month for people to read it.
      return [{ fields: ["lease.hbAt"], expireAfter: 30 * DAY }];
    case "containers":
      // Sweeps page through all of them by id. Who has not beaten for a day is long dead, and has been taken over.
      return [{ fields: ["hbAt"], expireAfter: DAY }];
  }
}

/**
 * Creates what is missing, and looks whether the ids are of the type that was said: with another, no campaign is ever
 * found.
 *
 * @throws StoreError with everything that is wrong, and the commands that a person can give instead
 */
export async function prepareCollections(open: (kind: Kind) => Promise<Opened>): Promise<void> {
  const problems = (await Promise.all(kinds.map(async (kind) => problemsOf(kind, await open(kind))))).flat();
  if (problems.length > 0) throw new StoreError("prepare", new Error(problems.join("\n")));
}

async function problemsOf(kind: Kind, { collection, layout }: Opened): Promise<readonly string[]> {
  const problems: string[] = [];
  const one = await collection.findOne({}, { projection: { _id: 1 } });
  if (one !== null && layout.ids.read((one as { _id: unknown })._id) === undefined) {
    problems.push(`${kind}: the ids in the collection are of another type than the setting says`);
  }
  const existing = await existingIndexes(collection);
  for (const index of indexesOf(kind, layout)) {
    if (existing.some((other) => serves(other, index))) continue;
    try {
      await collection.createIndex(keyOf(index), optionsOf(index));
    } catch (error) {
      if (typeof (error as DriverError).code !== "number") throw error;
      const { message } = failure(`${kind} lack an index`, error);
      problems.push(`${message}. By hand: ${commandsOf(collection, index, existing)}`);
    }
  }
  return problems;
}

/** None where there is no collection yet (code 26), or where one may not ask (13): then creating tells. */
async function existingIndexes(collection: DriverCollection): Promise<readonly Existing[]> {
  try {
    return (await collection.indexes()) as Existing[];
  } catch (error) {
    const { code } = error as DriverError;
    if (code === 26 || code === 13) return [];
    throw error;
  }
}

interface Existing {
  readonly name: string;
  readonly key: Readonly<Record<string, unknown>>;
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: unknown;
  readonly collation?: unknown;
}

/**
 * Under whatever name, and also a longer one that begins with the same fields; but only one of all records, and in the
 * order of plain texts. (A sparse one has all records too: each has an id, and one without hbAt never expires.)
 */
function serves(existing: Existing, { fields, expireAfter }: Index): boolean {
  const keys = Object.entries(existing.key);
  if (existing.partialFilterExpression !== undefined || existing.collation !== undefined) return false;
  if (existing.expireAfterSeconds !== expireAfter) return false;
  if (expireAfter !== undefined && keys.length !== fields.length) return false;
  return fields.every((field, index) => keys[index]?.[0] === field && Math.abs(Number(keys[index]?.[1])) === 1);
}

function keyOf({ fields }: Index): Record<string, 1> {
  return Object.fromEntries(fields.map((field) => [field, 1]));
}

/** No name: the database makes one of the fields, which no index of other fields has. */
function optionsOf({ expireAfter }: Index): object {
  return expireAfter === undefined ? {} : { expireAfterSeconds: expireAfter };
}

/** For the database's shell: without the index that is in the way, where one is. */
function commandsOf({ collectionName }: DriverCollection, index: Index, existing: readonly Existing[]): string {
  const collection = `db.getCollection(${JSON.stringify(collectionName)})`;
  const key = JSON.stringify(keyOf(index));
  const inTheWay = existing.find((other) => JSON.stringify(other.key) === key);
  const drop = inTheWay === undefined ? "" : `${collection}.dropIndex(${JSON.stringify(inTheWay.name)}); `;
  return `${drop}${collection}.createIndex(${key}, ${JSON.stringify(optionsOf(index))})`;
}
