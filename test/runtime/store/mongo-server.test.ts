import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { inspect } from "node:util";
import { type CommandStartedEvent, type Db, Long, MongoClient, ObjectId } from "mongodb";
import { MongoClient as MongoClient6 } from "mongodb6";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bounded } from "../../../runtime/store/bounded.ts";
import { mongoOver, openMongo } from "../../../runtime/store/mongo.ts";
import { defaultNames, type RecordNames } from "../../../runtime/store/names.ts";
import { type Store, StoreError } from "../../../runtime/store/store.ts";
import { type RealMongo, realMongo, writable } from "../../support/mongod.ts";
import { tier } from "../../support/tier.ts";

const server = await realMongo();

/** Somebody else's collection, whose words for what we mean differ from ours, and mean other things. */
const theirNames: RecordNames = {
  ...defaultNames,
  fields: { status: "state", lease: "agentLease", resume: "agentResume", recovery: "agentRecovery" },
  statuses: { ...defaultNames.statuses, queued: "new", running: "queued", completed: "done" },
  id: "objectId",
};

/** The real clock: a server that is stopped does not wait for a fake one. */
const clock = {
  monotonic: () => performance.now(),
  boot: () => performance.now(),
  wall: () => Date.now(),
  after(delay: number, call: () => void) {
    const timer = setTimeout(call, delay);
    return () => clearTimeout(timer);
  },
};

const id = "65f0c0ffee65f0c0ffee0001";
const beat = { id, expect: {}, increment: ["lease.hbSeq"], now: ["lease.hbAt"] };

async function failed(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

tier("real MongoDB", server.missing, () => {
  let mongo: RealMongo;
  let client: MongoClient;
  beforeAll(async () => {
    if (server.missing !== undefined) return;
    mongo = await server.start();
    client = await new MongoClient(mongo.uri).connect();
  });
  afterAll(async () => {
    await client.close();
    await mongo.stop();
  });

  let databases = 0;
  let db: Db;
  let stores: Store[];
  beforeEach(() => {
    db = client.db(`server-${process.pid}-${databases++}`);
    stores = [];
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await db.dropDatabase();
  });
  function opened(names = defaultNames): Store {
    const store = openMongo({ uri: mongo.uri, database: db.databaseName, names });
    stores.push(store);
    return store;
  }
  const raw = () => db.collection(defaultNames.collections.campaigns);
  async function whileFailing<T>(fault: object, act: () => Promise<T>): Promise<T> {
    const failCommand = { configureFailPoint: "failCommand" };
    await client.db("admin").command({ ...failCommand, mode: "alwaysOn", data: fault });
    try {
      return await act();
    } finally {
      await client.db("admin").command({ ...failCommand, mode: "off" });
    }
  }

  describe("an existing collection", () => {
    test("is read and written in its owner's words", async () => {
      const { campaigns } = opened(theirNames).work;
      const patient = { name: "somebody", phone: "a number" };
      await raw().insertOne({ _id: new ObjectId(id), state: "new", agentLease: null, patient });
      const expect_ = { status: "queued", "lease.epoch": [null, 0] };
      const [listed] = await campaigns.list({ expect: expect_, fields: ["status", "lease"], limit: 9 });
      expect(listed).toEqual({ id, status: "queued", lease: null });
      const claim = { id, expect: expect_, set: { status: "running", "lease.epoch": 1 } };
      expect(await campaigns.update(claim)).toBe(true);
      expect(await raw().findOne()).toEqual({
        _id: new ObjectId(id),
        state: "queued",
        agentLease: { epoch: 1 },
        patient,
      });
      expect(await campaigns.find(id)).toEqual({ id, status: "running", lease: { epoch: 1 } });
    });

    test("keeps its own statuses: one that only sounds like ours is left alone", async () => {
      const { campaigns } = opened(theirNames).work;
      await raw().insertOne({ _id: new ObjectId(id), state: "running" });
      expect(await campaigns.find(id)).toEqual({ id, status: "other:running" });
      expect(await campaigns.update({ id, expect: { status: "running" }, set: { "lease.epoch": 1 } })).toBe(false);
      expect(await campaigns.list({ expect: { status: ["running", "queued"] }, fields: [], limit: 9 })).toEqual([]);
      await raw().updateOne({}, { $set: { state: "archived" } });
      expect(await campaigns.find(id)).toEqual({ id, status: "archived" });
    });

    test("shows nothing of a patient, also where a field of its owner has one of our names", async () => {
      await raw().insertOne({ _id: new ObjectId(id), state: "new", lease: "of the clinic's rooms", patient: {} });
      expect(await opened(theirNames).work.campaigns.find(id)).toEqual({ id, status: "queued" });
    });

    test("may hold its numbers as 64-bit integers", async () => {
      await raw().insertOne({
        _id: new ObjectId(id),
        agentLease: { epoch: Long.fromNumber(3), hbSeq: Long.fromInt(7) },
      });
      const theirs = await new MongoClient(mongo.uri, { promoteLongs: false }).connect();
      const store = mongoOver({ work: theirs.db(db.databaseName) }, theirNames);
      expect(await store.work.campaigns.find(id)).toEqual({ id, lease: { epoch: 3, hbSeq: 7 } });
      expect(await store.work.campaigns.update({ ...beat, expect: { "lease.epoch": 3 } })).toBe(true);
      await theirs.close();
    });

    test("with ids of another type than was said is told, since no campaign of it would ever be found", async () => {
      await raw().insertOne({ _id: new ObjectId(id), status: "queued" });
      const store = opened();
      expect(await store.work.campaigns.find(id)).toBeUndefined();
      expect(await store.work.campaigns.list({ expect: { status: "queued" }, fields: [], limit: 9 })).toEqual([]);
      expect((await failed(store.prepare())).message).toContain("the ids in the collection are of another type");
      await opened(theirNames).prepare();
    });

    test("with ids of two types has full pages of those that were said", async () => {
      for (const _id of ["a text", new ObjectId(id), 7] as ObjectId[]) await raw().insertOne({ _id, status: "queued" });
      const page = { expect: { status: "queued" }, fields: [], limit: 1 };
      const names = { ...defaultNames, id: "objectId" } as const;
      expect(await opened(names).work.campaigns.list(page)).toEqual([{ id }]);
      expect(await opened().work.campaigns.list(page)).toEqual([{ id: "a text" }]);
    });

    test("with a unique index of its own refuses a record without showing what it holds", async () => {
      await raw().createIndex({ phone: 1 }, { unique: true });
      const { campaigns } = opened().work;
      await campaigns.insert({ id: "first", phone: "a number" });
      const error = await failed(campaigns.insert({ id: "second", phone: "a number" }));
      expect(inspect(error, { depth: 9 })).not.toContain("a number");
      expect(error.message).toContain("code 11000");
    });
  });

  describe("indexes", () => {
    const named = async (collection: string) =>
      (await db.collection(collection).indexes()).map(({ key, expireAfterSeconds }) => ({ key, expireAfterSeconds }));
    const byId = { key: { _id: 1 }, expireAfterSeconds: undefined };

    test("are created, for what is asked and for what is long over", async () => {
      await opened(theirNames).prepare();
      expect(await named("campaigns")).toEqual([byId, { key: { state: 1, _id: 1 }, expireAfterSeconds: undefined }]);
      expect(await named("agent_shifts")).toEqual([byId, { key: { "lease.hbAt": 1 }, expireAfterSeconds: 2_592_000 }]);
      expect(await named("agent_containers")).toEqual([
        byId,
        { key: { state: 1, _id: 1 }, expireAfterSeconds: undefined },
        { key: { hbAt: 1 }, expireAfterSeconds: 86_400 },
      ]);
    });

    test("let a sweep read the campaigns that run, in order, and no others", async () => {
      await opened().prepare();
      await raw().insertMany(
        Array.from({ length: 300 }, (_, n) => ({ _id: `${n}`, status: n % 30 ? "completed" : "running" })) as never,
      );
      const explained = await raw()
        .find({ status: "running", _id: { $gte: "" } } as never)
        .sort({ _id: 1 })
        .limit(500)
        .explain("executionStats");
      expect(explained.executionStats.totalDocsExamined).toBe(10);
      expect(JSON.stringify(explained.queryPlanner.winningPlan)).not.toMatch(/COLLSCAN|"SORT"/);
    });

    test("of the owner's that serve as well are used, under their names", async () => {
      await raw().createIndex({ status: 1, _id: 1, more: 1 }, { name: "theirs" });
      await db.collection("agent_containers").createIndex({ hbAt: 1 }, { name: "ours", expireAfterSeconds: 86_400 });
      await opened().prepare();
      expect((await raw().indexes()).map(({ name }) => name)).toEqual(["_id_", "theirs"]);
      expect(await named("agent_containers")).toHaveLength(3);
    });

    test("of only some records do not serve", async () => {
      await raw().createIndex({ status: 1, _id: 1 }, { name: "some", partialFilterExpression: { status: "queued" } });
      await opened().prepare();
      expect(await raw().indexes()).toHaveLength(3);
    });

    test("in the way of ours are all told, with commands that put it right", async () => {
      await db.collection("agent_containers").createIndex({ hbAt: 1 }, { name: "theirs" });
      await db.collection("agent_shifts").createIndex({ "lease.hbAt": 1 }, { expireAfterSeconds: 60 });
      const { message } = await failed(opened().prepare());
      const [shifts, containers, ...others] = message
        .split("\n")
        .map((line) => line.slice(line.indexOf("By hand: ") + 9));
      expect(others).toEqual([]);
      expect(containers).toBe(
        'db.getCollection("agent_containers").dropIndex("theirs"); db.getCollection("agent_containers").createIndex({"hbAt":1}, {"expireAfterSeconds":86400})',
      );
      expect(shifts).toBe(
        'db.getCollection("agent_shifts").dropIndex("lease.hbAt_1"); db.getCollection("agent_shifts").createIndex({"lease.hbAt":1}, {"expireAfterSeconds":2592000})',
      );
      await db.collection("agent_containers").dropIndex("theirs");
      await db.collection("agent_shifts").dropIndex("lease.hbAt_1");
      await opened().prepare();
    });

    test("that exist need no right to create any", async () => {
      await opened().prepare();
      await whileFailing({ failCommands: ["createIndexes"], errorCode: 13 }, () => opened().prepare());
    });

    test("that are missing, without the right to create them, are told", async () => {
      const fault = { failCommands: ["createIndexes", "listIndexes"], errorCode: 13 };
      const { message } = await whileFailing(fault, () => failed(opened().prepare()));
      expect(message).toMatch(/campaigns lack an index: .*Unauthorized.*needs the role readWrite/);
      expect(message.match(/By hand/g)).toHaveLength(4);
    });
  });

  describe("every operation", () => {
    async function each({ work }: Store): Promise<PromiseSettledResult<unknown>[]> {
      const write = { ...beat, set: { "lease.epoch": 1 } };
      return [
        ...(await Promise.allSettled([work.campaigns.insert({ id })])),
        ...(await Promise.allSettled([work.campaigns.update(write)])),
        ...(await Promise.allSettled([work.campaigns.updateAll([write, write])])),
        ...(await Promise.allSettled([work.campaigns.find(id)])),
        ...(await Promise.allSettled([work.campaigns.list({ expect: {}, fields: [], limit: 9 })])),
      ];
    }

    test.for([
      ["7", MongoClient],
      ["6", MongoClient6],
    ] as const)(
      "asks for a majority of the primary, whatever a worker's client of driver %s says",
      async ([, Client]) => {
        const options = { monitorCommands: true, writeConcern: { w: 1 }, readPreference: "nearest" } as const;
        const theirs = new Client(mongo.uri, options) as MongoClient;
        const commands: CommandStartedEvent["command"][] = [];
        theirs.on("commandStarted", ({ commandName, command }) => {
          if (["insert", "update", "find"].includes(commandName)) commands.push(command);
        });
        await each(mongoOver({ work: theirs.db(db.databaseName) }, theirNames));
        await theirs.close();
        expect(commands).toHaveLength(5);
        for (const { find, writeConcern, readConcern, $readPreference } of commands) {
          if (find === undefined) expect(writeConcern).toMatchObject({ w: "majority" });
          else {
            expect(readConcern).toMatchObject({ level: "majority" });
            expect($readPreference ?? { mode: "primary" }).toEqual({ mode: "primary" });
          }
        }
      },
    );

    test("that no majority acknowledged is an error, not a success", async () => {
      const store = opened();
      await store.work.campaigns.insert({ id: "another" });
      const fault = {
        failCommands: ["insert", "update"],
        writeConcernError: { code: 64, errmsg: "waiting timed out" },
      };
      const outcomes = await whileFailing(fault, () => each(store));
      expect(outcomes.map(({ status }) => status)).toEqual([
        "rejected",
        "rejected",
        "rejected",
        "fulfilled",
        "fulfilled",
      ]);
      for (const outcome of outcomes)
        if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(StoreError);
    });

    test("that no majority acknowledged is an error also when another write of it met null", async () => {
      const { campaigns } = opened().work;
      await campaigns.insert({ id: "null", lease: null });
      await campaigns.insert({ id });
      const data = { failCommands: ["update"], writeConcernError: { code: 64, errmsg: "waiting timed out" } };
      // The first answer only: the second attempt, with the null filled, would be acknowledged.
      await client.db("admin").command({ configureFailPoint: "failCommand", mode: { times: 1 }, data });
      await failed(campaigns.updateAll([{ ...beat, id: "null" }, beat]));
    });

    test("is sent once: a repetition that the driver sends by itself could land late", async () => {
      const store = opened();
      await store.work.campaigns.insert({ id });
      const fault = { failCommands: ["update"], errorCode: 189, errorLabels: ["RetryableWriteError"] };
      await client.db("admin").command({ configureFailPoint: "failCommand", mode: { times: 1 }, data: fault });
      expect((await failed(store.work.campaigns.update(beat))).message).toContain("the primary stepped down");
      expect(await store.work.campaigns.update(beat)).toBe(true);
    });
  });

  describe("heartbeats", () => {
    test("get through while all connections of the work wait for the server", async () => {
      const store = opened();
      await store.work.campaigns.insert({ id });
      const fault = { failCommands: ["find"], blockConnection: true, blockTimeMS: 1_500 };
      await whileFailing(fault, async () => {
        const order: string[] = [];
        const finds = Array.from({ length: 8 }, () => store.work.campaigns.find(id).then(() => order.push("find")));
        await store.beats.campaigns.update(beat).then(() => order.push("beat"));
        await client.db("admin").command({ configureFailPoint: "failCommand", mode: "off" });
        await Promise.all(finds);
        expect(order[0]).toBe("beat");
      });
    });
  });

  describe("a database that does not answer", () => {
    test("costs an operation the runtime's limit and no more; the write may land afterwards", async ({ skip }) => {
      const { signal } = mongo;
      if (signal === undefined) return skip("the server of MONGODB_URI is not ours to stop");
      const store = bounded(opened(), clock, 400);
      await store.work.campaigns.insert({ id });
      await store.work.campaigns.update(beat);
      signal("SIGSTOP");
      try {
        const from = performance.now();
        const [work, beats] = await Promise.all([
          failed(store.work.campaigns.update(beat)),
          failed(store.beats.campaigns.updateAll([beat])),
        ]);
        expect(performance.now() - from).toBeLessThan(1_500);
        expect(work.message).toBe("update campaigns: no answer in 0.4 s: it may have happened");
        expect(beats.operation).toBe("update all campaigns");
      } finally {
        signal("SIGCONT");
      }
      expect(await opened().work.campaigns.update({ ...beat, expect: { "lease.hbSeq": [1, 2, 3] } })).toBe(true);
    });

    test("does not hold what is under way after a migration of the machine: a reconnection drops it", async ({
      skip,
    }) => {
      const { signal } = mongo;
      if (signal === undefined) return skip("the server of MONGODB_URI is not ours to stop");
      const store = opened();
      await store.work.campaigns.insert({ id });
      await store.beats.campaigns.find(id);
      signal("SIGSTOP");
      try {
        const hanging = [failed(store.work.campaigns.update(beat)), failed(store.beats.campaigns.find(id))];
        const from = performance.now();
        await new Promise((resolve) => setImmediate(resolve));
        await store.reconnect();
        await Promise.all(hanging);
        expect(performance.now() - from).toBeLessThan(2_000);
      } finally {
        signal("SIGCONT");
      }
      expect(await store.work.campaigns.update(beat)).toBe(true);
    });

    test("is told in words without the password, which is nowhere in the error", async () => {
      const { host } = new URL(mongo.uri.replace("mongodb", "http"));
      const addresses = [
        `mongodb://user:hunter2@${host}/clinic?authSource=admin`,
        "mongodb://user:hunter2@127.0.0.1:1/clinic",
        "mongodb://user:hunter2@127.0.0.1:1/clinic?tls=maybe&password=hunter2",
        "mongodb://user:hunter%2@127.0.0.1:1/clinic",
      ];
      const told = await Promise.all(
        addresses.map(async (uri) => {
          const store = openMongo({ uri, database: undefined, names: defaultNames });
          const error = await failed(store.work.campaigns.find(id));
          await store.close();
          expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/hunter|user:/);
          return error.message;
        }),
      );
      expect(told[0]).toContain("its user or password is wrong");
      expect(told[1]).toContain("connect ECONNREFUSED 127.0.0.1:1");
      expect(told[2]).toContain("MONGODB_URI can");
      expect(told[3]).toContain("MONGODB_URI can");
    });
  });

  describe("another primary", () => {
    test("is told, since what was seen before may have been rolled back; a heartbeat of the driver is not", async () => {
      const store = opened();
      const theirs = await new MongoClient(mongo.uri, { heartbeatFrequencyMS: 500 }).connect();
      const over = mongoOver({ work: theirs.db(db.databaseName) }, defaultNames);
      let calls = 0;
      const changed = Promise.all(
        [store, over].map(
          (each) =>
            new Promise<void>((resolve) => {
              each.onTopologyChange(() => {
                calls += 1;
                resolve();
              });
            }),
        ),
      );
      await store.work.campaigns.insert({ id });
      await new Promise((resolve) => theirs.once("serverHeartbeatSucceeded", resolve));
      expect(calls).toBe(0);
      await client.db("admin").command({ replSetStepDown: 1, force: true });
      await changed;
      await writable(client);
      expect(calls).toBe(2);
      await over.close();
      await theirs.close();
    });
  });

  describe("a worker's own client", () => {
    test("stays open when the store is closed, and the store stays closed", async () => {
      const store = mongoOver({ work: db }, defaultNames);
      await store.work.campaigns.insert({ id });
      await store.close();
      expect((await failed(store.work.campaigns.find(id))).message).toBe("find campaigns: the store is closed");
      expect(await raw().countDocuments()).toBe(1);
    });

    test("that makes ids of its own is refused for ObjectIds, instead of finding nothing", async () => {
      const theirs = new MongoClient(mongo.uri, { pkFactory: { createPk: () => "text" as never } });
      const store = mongoOver({ work: theirs.db(db.databaseName) }, theirNames);
      expect((await failed(store.work.campaigns.find(id))).message).toContain("pkFactory");
      expect(await store.work.shifts.find(id)).toBeUndefined();
      await theirs.close();
    });
  });
});

test("a worker does not wait for the driver: opening a store loads nothing of it", () => {
  const module = join(import.meta.dirname, "../../../runtime/store/mongo.ts");
  const script = `
    import { createRequire } from "node:module";
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes("/mongodb/"));
    const { openMongo } = await import(${JSON.stringify(module)});
    const { defaultNames } = await import(${JSON.stringify(module.replace("mongo.ts", "names.ts"))});
    const store = openMongo({ uri: "mongodb://127.0.0.1:1/clinic", database: undefined, names: defaultNames });
    const before = loaded().length;
    const asked = store.work.campaigns.find("a").catch(() => {});
    await import("mongodb");
    console.log(JSON.stringify([before, loaded().length > 0]));
    process.exit(0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  expect([stdout.trim(), stderr]).toEqual(["[0,true]", ""]);
});
