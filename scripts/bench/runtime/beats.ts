/** Heartbeats of a container that holds many campaigns: how long one bulk takes, and what it is on the wire. */
import { randomUUID } from "node:crypto";
import { type Document, MongoClient } from "mongodb";
import { openMongo } from "../../../runtime/store/mongo.ts";
import type { Collections, Records, Store } from "../../../runtime/store/store.ts";
import type { Bench, Stage } from "./bench.ts";
import { databaseAt, leasesOver } from "./leases.ts";
import { countedWire, type Wire } from "./wire.ts";

/** Seconds: the shortest that the settings allow. */
const INTERVAL = 1;
/** The first says what the server is asked for the first time. */
const WARM_UP = 2;

export const beats: Bench = {
  measures: ["beatBulk", "beatBytes", "beatBytesAlone"],
  async run(stage) {
    const { held } = stage.size;
    stage.say(`heartbeats of ${held} campaigns`);
    const bulks = await heartbeats(stage, held, stage.uri);
    const wire = await countedWire(stage.uri);
    try {
      const many = await heartbeats(stage, held, wire.uri, wire);
      const one = await heartbeats(stage, 1, wire.uri, wire);
      return {
        beatBulk: bulks.map(({ ms }) => ms),
        beatBytes: many.map(({ bytes }) => bytes / held),
        beatBytesAlone: one.map(({ bytes }) => bytes),
      };
    } finally {
      await wire.close();
    }
  },
};

interface Heartbeat {
  readonly ms: number;
  readonly bytes: number;
}

/** The bulks of the heartbeats of a container with so many campaigns. */
async function heartbeats(
  { uri, size }: Stage,
  held: number,
  through: string,
  wire?: Wire,
): Promise<readonly Heartbeat[]> {
  const database = `bench-beats-${randomUUID().slice(0, 8)}`;
  const client = new MongoClient(uri);
  const heard: Heartbeat[] = [];
  const enough = Promise.withResolvers<void>();
  const store = withWatchedBulks(openMongo(databaseAt(through, database)), held, async (bulk) => {
    const before = wire?.bytes ?? 0;
    const started = performance.now();
    const changed = await bulk();
    if (changed !== held) throw new Error(`a heartbeat reached ${changed} of ${held} campaigns`);
    heard.push({ ms: performance.now() - started, bytes: (wire?.bytes ?? 0) - before });
    if (heard.length >= WARM_UP + size.beats) enough.resolve();
    return changed;
  });
  const leases = leasesOver(store, { capacity: held, interval: INTERVAL });
  try {
    const ids = Array.from({ length: held }, () => randomUUID());
    await client
      .db(database)
      .collection<Document & { _id: string }>("campaigns")
      .insertMany(ids.map((_id) => ({ _id, status: "queued" })));
    for (const id of ids) {
      const { claimId } = await leases.campaigns.claim(id, randomUUID());
      leases.campaigns.watch(id, claimId, () => {});
    }
    leases.start();
    await enough.promise;
    return heard.slice(WARM_UP);
  } finally {
    await leases.finish("released");
    await client.db(database).dropDatabase();
    await client.close();
  }
}

/** The store as it is; whoever watches is there when a heartbeat of that many campaigns is sent, and answered. */
function withWatchedBulks(store: Store, held: number, watch: (bulk: () => Promise<number>) => Promise<number>): Store {
  const { campaigns } = store.beats;
  const watched: Records = {
    find: (id) => campaigns.find(id),
    list: (listing) => campaigns.list(listing),
    insert: (record) => campaigns.insert(record),
    update: (write) => campaigns.update(write),
    updateAll: (writes) =>
      writes.length === held ? watch(() => campaigns.updateAll(writes)) : campaigns.updateAll(writes),
  };
  const beats: Collections = { ...store.beats, campaigns: watched };
  return {
    work: store.work,
    beats,
    prepare: () => store.prepare(),
    onTopologyChange: (call) => store.onTopologyChange(call),
    reconnect: () => store.reconnect(),
    close: () => store.close(),
  };
}
