import { inspect } from "node:util";
import { Long, MongoClient, ObjectId } from "mongodb";
import { describe, expect, test } from "vitest";
import { mongoOver } from "../../../../runtime/store/mongo.ts";
import { defaultNames } from "../../../../runtime/store/names.ts";
import { beat, failed, id, onRealMongo, testOnOwnServer, theirNames } from "./database.ts";

onRealMongo((on) => {
  describe("an existing collection", () => {
    test("is read and written in its owner's words", async () => {
      const { campaigns } = on.opened(theirNames).work;
      const patient = { name: "somebody", phone: "a number" };
      await on.raw().insertOne({ _id: new ObjectId(id), state: "new", agentLease: null, patient });
      const expect_ = { status: "queued", "lease.epoch": [null, 0] };
      const [listed] = await campaigns.list({ expect: expect_, fields: ["status", "lease"], limit: 9 });
      expect(listed).toEqual({ id, status: "queued", lease: null });
      const claim = { id, expect: expect_, set: { status: "running", "lease.epoch": 1 } };
      expect(await campaigns.update(claim)).toBe(true);
      expect(await on.raw().findOne()).toEqual({
        _id: new ObjectId(id),
        state: "queued",
        agentLease: { epoch: 1 },
        patient,
      });
      expect(await campaigns.find(id)).toEqual({ id, status: "running", lease: { epoch: 1 } });
    });

    test("keeps its own statuses: one that only sounds like ours is left alone", async () => {
      const { campaigns } = on.opened(theirNames).work;
      await on.raw().insertOne({ _id: new ObjectId(id), state: "running" });
      expect(await campaigns.find(id)).toEqual({ id, status: "other:running" });
      expect(await campaigns.update({ id, expect: { status: "running" }, set: { "lease.epoch": 1 } })).toBe(false);
      expect(await campaigns.list({ expect: { status: ["running", "queued"] }, fields: [], limit: 9 })).toEqual([]);
      await on.raw().updateOne({}, { $set: { state: "archived" } });
      expect(await campaigns.find(id)).toEqual({ id, status: "archived" });
    });

    test("shows nothing of a patient, also where a field of its owner has one of our names", async () => {
      await on.raw().insertOne({ _id: new ObjectId(id), state: "new", lease: "of the clinic's rooms", patient: {} });
      expect(await on.opened(theirNames).work.campaigns.find(id)).toEqual({ id, status: "queued" });
    });

    test("may hold its numbers as 64-bit integers", async () => {
      await on.raw().insertOne({
        _id: new ObjectId(id),
        agentLease: { epoch: Long.fromNumber(3), hbSeq: Long.fromInt(7) },
      });
      const theirs = await new MongoClient(on.mongo.uri, { promoteLongs: false }).connect();
      const store = mongoOver({ work: theirs.db(on.db.databaseName) }, theirNames);
      expect(await store.work.campaigns.find(id)).toEqual({ id, lease: { epoch: 3, hbSeq: 7 } });
      expect(await store.work.campaigns.update({ ...beat, expect: { "lease.epoch": 3 } })).toBe(true);
      await theirs.close();
    });

    test("with ids of another type than was said is told, since no campaign of it would ever be found", async () => {
      await on.raw().insertOne({ _id: new ObjectId(id), status: "queued" });
      const store = on.opened();
      expect(await store.work.campaigns.find(id)).toBeUndefined();
      expect(await store.work.campaigns.list({ expect: { status: "queued" }, fields: [], limit: 9 })).toEqual([]);
      expect((await failed(store.prepare())).message).toContain("the ids in the collection are of another type");
      await on.opened(theirNames).prepare();
    });

    test("with ids of two types has full pages of those that were said", async () => {
      for (const _id of ["a text", new ObjectId(id), 7] as ObjectId[])
        await on.raw().insertOne({ _id, status: "queued" });
      const page = { expect: { status: "queued" }, fields: [], limit: 1 };
      const names = { ...defaultNames, id: "objectId" } as const;
      expect(await on.opened(names).work.campaigns.list(page)).toEqual([{ id }]);
      expect(await on.opened().work.campaigns.list(page)).toEqual([{ id: "a text" }]);
    });

    test("with a unique index of its own refuses a record without showing what it holds", async () => {
      await on.raw().createIndex({ phone: 1 }, { unique: true });
      const { campaigns } = on.opened().work;
      await campaigns.insert({ id: "first", phone: "a number" });
      const error = await failed(campaigns.insert({ id: "second", phone: "a number" }));
      expect(inspect(error, { depth: 9 })).not.toContain("a number");
      expect(error.message).toContain("code 11000");
    });
  });

  describe("indexes", () => {
    const named = async (collection: string) =>
      (await on.db.collection(collection).indexes()).map(({ key, expireAfterSeconds }) => ({
        key,
        expireAfterSeconds,
      }));
    const byId = { key: { _id: 1 }, expireAfterSeconds: undefined };

    test("are created, for what is asked and for what is long over", async () => {
      await on.opened(theirNames).prepare();
      expect(await named("campaigns")).toEqual([byId, { key: { state: 1, _id: 1 }, expireAfterSeconds: undefined }]);
      expect(await named("agent_shifts")).toEqual([byId, { key: { "lease.hbAt": 1 }, expireAfterSeconds: 2_592_000 }]);
      expect(await named("agent_containers")).toEqual([byId, { key: { hbAt: 1 }, expireAfterSeconds: 86_400 }]);
    });

    test("let a sweep read the campaigns that run, in order, and no others", async () => {
      await on.opened().prepare();
      await on
        .raw()
        .insertMany(
          Array.from({ length: 300 }, (_, n) => ({ _id: `${n}`, status: n % 30 ? "completed" : "running" })) as never,
        );
      const explained = await on
        .raw()
        .find({ status: "running", _id: { $gte: "" } } as never)
        .sort({ _id: 1 })
        .limit(500)
        .explain("executionStats");
      expect(explained.executionStats.totalDocsExamined).toBe(10);
      expect(JSON.stringify(explained.queryPlanner.winningPlan)).not.toMatch(/COLLSCAN|"SORT"/);
    });

    test("of the owner's that serve as well are used, under their names", async () => {
      await on.raw().createIndex({ status: 1, _id: 1, more: 1 }, { name: "theirs" });
      await on.db.collection("agent_containers").createIndex({ hbAt: 1 }, { name: "ours", expireAfterSeconds: 86_400 });
      await on.opened().prepare();
      expect((await on.raw().indexes()).map(({ name }) => name)).toEqual(["_id_", "theirs"]);
      expect(await named("agent_containers")).toHaveLength(2);
    });

    test("of only some records, or in the order of some language, do not serve", async () => {
      await on.raw().createIndex({ status: 1, _id: 1 }, { name: "a", partialFilterExpression: { status: "queued" } });
      await on.raw().createIndex({ status: 1, _id: 1 }, { name: "b", collation: { locale: "de" } });
      await on.opened().prepare();
      expect(await on.raw().indexes()).toHaveLength(4);
    });

    test("in the way of ours are all told, with commands that put it right", async () => {
      await on.db.collection("agent_containers").createIndex({ hbAt: 1 }, { name: "theirs" });
      await on.db.collection("agent_shifts").createIndex({ "lease.hbAt": 1 }, { expireAfterSeconds: 60 });
      const { message } = await failed(on.opened().prepare());
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
      await on.db.collection("agent_containers").dropIndex("theirs");
      await on.db.collection("agent_shifts").dropIndex("lease.hbAt_1");
      await on.opened().prepare();
    });

    testOnOwnServer("that exist need no right to create any", async () => {
      await on.opened().prepare();
      await on.whileFailing({ failCommands: ["createIndexes"], errorCode: 13 }, () => on.opened().prepare());
    });

    testOnOwnServer("that are missing, without the right to create them, are told", async () => {
      const fault = { failCommands: ["createIndexes", "listIndexes"], errorCode: 13 };
      const { message } = await on.whileFailing(fault, () => failed(on.opened().prepare()));
      expect(message).toMatch(/campaigns lack an index: .*Unauthorized.*needs the role readWrite/);
      expect(message.match(/By hand/g)).toHaveLength(3);
    });
  });

  describe("a worker's own client", () => {
    test("stays open when the store is closed, and the store stays closed", async () => {
      const store = mongoOver({ work: on.db }, defaultNames);
      await store.work.campaigns.insert({ id });
      await store.close();
      expect((await failed(store.work.campaigns.find(id))).message).toBe("find campaigns: the store is closed");
      expect(await on.raw().countDocuments()).toBe(1);
    });

    test("that makes ids of its own is refused for ObjectIds, instead of finding nothing", async () => {
      const theirs = new MongoClient(on.mongo.uri, { pkFactory: { createPk: () => "text" as never } });
      const store = mongoOver({ work: theirs.db(on.db.databaseName) }, theirNames);
      expect((await failed(store.work.campaigns.find(id))).message).toContain("pkFactory");
      expect(await store.work.shifts.find(id)).toBeUndefined();
      await theirs.close();
    });
  });
});
