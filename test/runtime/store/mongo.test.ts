import { MongoClient } from "mongodb";
import { MongoClient as MongoClient6 } from "mongodb6";
import { afterAll, beforeAll, describe } from "vitest";
import { mongoOver, openMongo } from "../../../runtime/store/mongo.ts";
import { defaultNames, type RecordNames } from "../../../runtime/store/names.ts";
import { type RealMongo, realMongo } from "../../support/mongod.ts";
import { tier } from "../../support/tier.ts";
import { conformance } from "./conformance.ts";

const server = await realMongo();

/** Somebody else's collection, in which our words mean other things. */
const foreignNames: RecordNames = {
  collections: { campaigns: "kampagnen", shifts: "schichten", containers: "behälter" },
  fields: { status: "zustand", lease: "status", resume: "lease", recovery: "wiederanlauf" },
  statuses: {
    queued: "wartet",
    running: "queued",
    interrupted: "running",
    completed: "fertig",
    failed: "gescheitert",
    quarantined: "gesperrt",
  },
  id: "objectId",
};

tier("real MongoDB", server.missing, () => {
  let mongo: RealMongo;
  let client: MongoClient;
  let databases = 0;
  const newDatabase = () => `store-${process.pid}-${databases++}`;
  beforeAll(async () => {
    if (server.missing !== undefined) return;
    mongo = await server.start();
    client = await new MongoClient(mongo.uri).connect();
  });
  afterAll(async () => {
    await client.close();
    await mongo.stop();
  });
  const serverNow = async () => (await client.db("admin").command({ hello: 1 })).localTime.getTime();

  describe.for([
    ["our own names", defaultNames],
    ["an existing collection's names and ObjectIds", foreignNames],
  ] as const)("our own client, %s", ([, names]) => {
    conformance(async () => {
      const settings = { uri: mongo.uri, database: newDatabase(), names };
      const [store, other] = [openMongo(settings), openMongo(settings)];
      const close = async () => {
        await Promise.all([store.close(), other.close()]);
        await client.db(settings.database).dropDatabase();
      };
      return { store, other, serverNow, close };
    });
  });

  describe.for([
    ["7", MongoClient],
    ["6", MongoClient6],
  ] as const)("a worker's client of driver %s", ([, Client]) => {
    conformance(async () => {
      const theirs = new Client(mongo.uri, { useBigInt64: true, writeConcern: { w: 1 } }) as MongoClient;
      const name = newDatabase();
      const [store, other] = [theirs, theirs].map((each) => mongoOver({ work: each.db(name) }, foreignNames));
      if (store === undefined || other === undefined) throw new Error("two stores");
      const close = async () => {
        await Promise.all([store.close(), other.close()]);
        await theirs.db(name).dropDatabase();
        await theirs.close();
      };
      return { store, other, serverNow, close };
    });
  });
});
