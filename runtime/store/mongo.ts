import { OPERATION_TIMEOUT } from "../../domain/heartbeat.ts";
import type { Cancel } from "../ports.ts";
import type { DatabaseSettings } from "../settings.ts";
import { collectionsOf, type Kind } from "./kinds.ts";
import type { Connection, DriverDatabase } from "./mongo/driver.ts";
import { failure } from "./mongo/failure.ts";
import { ForeignConnection } from "./mongo/foreign-connection.ts";
import { objectIds, stringIds } from "./mongo/ids.ts";
import { prepareCollections } from "./mongo/indexes.ts";
import { OwnConnection } from "./mongo/own-connection.ts";
import { MongoRecords, type Opened } from "./mongo/records.ts";
import { layoutOf } from "./mongo/translate.ts";
import type { RecordNames } from "./names.ts";
import type { Collections, Store } from "./store.ts";

/** Claims, steps and sweeps of one container: little, but a sweep must not make a step wait. */
const WORK_CONNECTIONS = 4;
/** A heartbeat is at most one write to each of three collections, and one that hangs must not stop the next. */
const BEAT_CONNECTIONS = 3;

/**
 * The store over connections of our own. Returns at once: the driver is loaded and connects at the first operation,
 * and without a database each operation throws `StoreError` and the next one tries again.
 *
 * @param settings as `readSettings` checks them
 */
export function openMongo(settings: DatabaseSettings): Store {
  const work = new OwnConnection(settings, WORK_CONNECTIONS);
  const beats = new OwnConnection(settings, BEAT_CONNECTIONS);
  return new MongoStore(work, beats, settings.names);
}

/**
 * The store over a worker's own client, of driver 6 or 7, which stays the worker's: `close` leaves it open, and
 * `reconnect` leaves its connections alone.
 *
 * @param source.beats the same database through a client of its own; without one a busy client makes heartbeats late
 */
export function mongoOver(
  source: { readonly work: DriverDatabase; readonly beats?: DriverDatabase },
  names: RecordNames,
): Store {
  const work = new ForeignConnection(source.work);
  return new MongoStore(work, source.beats === undefined ? work : new ForeignConnection(source.beats), names);
}

/**
 * Said for every collection, whatever the URI or the client says: a claim that a minority has may be rolled back, and
 * the same epoch be given twice. Values are plain ones also where a client asks for others.
 */
const collectionOptions = {
  writeConcern: { w: "majority", wtimeoutMS: OPERATION_TIMEOUT * 1000 },
  readConcern: { level: "majority" },
  readPreference: "primary",
  promoteLongs: true,
  promoteValues: true,
  promoteBuffers: false,
  useBigInt64: false,
  raw: false,
  ignoreUndefined: false,
} as const;

class MongoStore implements Store {
  readonly work: Collections;
  readonly beats: Collections;
  readonly #work: Connection;
  readonly #beats: Connection;
  readonly #names: RecordNames;
  /** Of each client's database: made once, not for each operation. */
  readonly #opened = new WeakMap<DriverDatabase, Map<Kind, Opened>>();

  constructor(work: Connection, beats: Connection, names: RecordNames) {
    this.#work = work;
    this.#beats = beats;
    this.#names = names;
    this.work = this.#collections(work);
    this.beats = this.#collections(beats);
  }

  async prepare(): Promise<void> {
    try {
      await prepareCollections((kind) => this.#open(this.#work, kind));
    } catch (error) {
      throw failure("prepare", error);
    }
  }

  onTopologyChange(call: () => void): Cancel {
    return this.#work.onTopologyChange(call);
  }

  async reconnect(): Promise<void> {
    for (const connection of this.#connections()) connection.reconnect();
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections().map((connection) => connection.close()));
  }

  #connections(): readonly Connection[] {
    return [...new Set([this.#work, this.#beats])];
  }

  #collections(connection: Connection): Collections {
    return collectionsOf((kind) => new MongoRecords(kind, () => this.#open(connection, kind)));
  }

  async #open(connection: Connection, kind: Kind): Promise<Opened> {
    const database = await connection.database();
    const known = this.#opened.get(database) ?? new Map<Kind, Opened>();
    this.#opened.set(database, known);
    const opened = known.get(kind) ?? (await this.#openNew(connection, database, kind));
    known.set(kind, opened);
    return opened;
  }

  async #openNew(connection: Connection, database: DriverDatabase, kind: Kind): Promise<Opened> {
    const foreignIds = kind === "campaigns" && this.#names.id === "objectId";
    const ids = foreignIds ? objectIds(await connection.objectId()) : stringIds;
    return {
      collection: database.collection(this.#names.collections[kind], collectionOptions),
      layout: layoutOf(kind, this.#names, ids),
    };
  }
}
