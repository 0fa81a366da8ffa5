import { type Db, MongoClient } from "mongodb";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openMongo } from "../../../../runtime/store/mongo.ts";
import { defaultNames, type RecordNames } from "../../../../runtime/store/names.ts";
import { type Store, StoreError } from "../../../../runtime/store/store.ts";
import { type RealMongo, realMongo } from "../../../support/mongod.ts";
import { tier } from "../../../support/tier.ts";

const server = await realMongo();

/**
 * For what one does only to a server of one's own: stop it, depose it, make it fail. Where `MONGODB_URI` names one, these
 * are left out.
 */
export const testOnOwnServer = test.skipIf(server.missing === undefined && !server.ours);

/** Somebody else's collection, whose words for what we mean differ from ours, and mean other things. */
export const theirNames: RecordNames = {
  ...defaultNames,
  fields: { status: "state", lease: "agentLease", resume: "agentResume", recovery: "agentRecovery" },
  statuses: { ...defaultNames.statuses, queued: "new", running: "queued", completed: "done" },
  id: "objectId",
};

export const id = "65f0c0ffee65f0c0ffee0001";
export const beat = { id, expect: {}, increment: ["lease.hbSeq"], now: ["lease.hbAt"] };

export async function failed(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

/** A real MongoDB, with an empty database for each test. */
export interface RealDatabase {
  readonly mongo: RealMongo;
  /** A client for looking behind the stores. */
  readonly client: MongoClient;
  readonly db: Db;
  /** The collection of campaigns as it is. */
  raw(): ReturnType<Db["collection"]>;
  /** A store of our own, closed after the test. */
  opened(names?: RecordNames): Store;
  /** @param fault of the server's fail point `failCommand` */
  whileFailing<T>(fault: object, act: () => Promise<T>): Promise<T>;
  /** @param fault that the server has once */
  failNext(fault: object): Promise<void>;
}

const FAIL_POINT = { configureFailPoint: "failCommand" };

export function onRealMongo(tests: (on: RealDatabase) => void): void {
  tier("real MongoDB", server.missing, () => {
    let mongo: RealMongo;
    let client: MongoClient;
    let db: Db;
    let stores: Store[];
    let databases = 0;
    beforeAll(async () => {
      if (server.missing !== undefined) return;
      mongo = await server.start();
      client = await new MongoClient(mongo.uri).connect();
    });
    afterAll(async () => {
      await client.close();
      await mongo.stop();
    });
    beforeEach(() => {
      db = client.db(`server-${process.pid}-${databases++}`);
      stores = [];
    });
    afterEach(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await db.dropDatabase();
    });
    const failing = (how: object) => client.db("admin").command({ ...FAIL_POINT, ...how });

    tests({
      get mongo() {
        return mongo;
      },
      get client() {
        return client;
      },
      get db() {
        return db;
      },
      raw: () => db.collection(defaultNames.collections.campaigns),
      opened(names = defaultNames) {
        const store = openMongo({ uri: mongo.uri, database: db.databaseName, names });
        stores.push(store);
        return store;
      },
      async whileFailing(fault, act) {
        await failing({ mode: "alwaysOn", data: fault });
        try {
          return await act();
        } finally {
          await failing({ mode: "off" });
        }
      },
      async failNext(fault) {
        await failing({ mode: { times: 1 }, data: fault });
      },
    });
  });
}
