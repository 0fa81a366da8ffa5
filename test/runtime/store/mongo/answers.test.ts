import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { inspect } from "node:util";
import { type CommandStartedEvent, MongoClient } from "mongodb";
import { MongoClient as MongoClient6 } from "mongodb6";
import { describe, expect, test } from "vitest";
import { bounded } from "../../../../runtime/store/bounded.ts";
import { mongoOver, openMongo } from "../../../../runtime/store/mongo.ts";
import { defaultNames } from "../../../../runtime/store/names.ts";
import { type Store, StoreError } from "../../../../runtime/store/store.ts";
import { writable } from "../../../../scripts/mongod/start.ts";
import { beat, failed, id, onRealMongo, testOnOwnServer, theirNames } from "./database.ts";

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

/** A server that is told to stop may answer for a moment: its threads stop one after the other. */
async function failedAtLast(call: () => Promise<unknown>): Promise<StoreError> {
  for (let calls = 0; calls < 1_000; calls++) {
    const error: unknown = await call().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof StoreError) return error;
    if (error !== undefined) throw error;
  }
  throw new Error("a server that is stopped answers");
}

/** The soonest that the driver fails an operation whose server is stopped: its socket timeout. */
const DRIVER_GIVES_UP = 8_000;

onRealMongo((on) => {
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
        const theirs = new Client(on.mongo.uri, options) as MongoClient;
        const commands: CommandStartedEvent["command"][] = [];
        theirs.on("commandStarted", ({ commandName, command }) => {
          if (["insert", "update", "find"].includes(commandName)) commands.push(command);
        });
        await each(mongoOver({ work: theirs.db(on.db.databaseName) }, theirNames));
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

    test("for a page is one question and one answer", async () => {
      const theirs = new MongoClient(on.mongo.uri, { monitorCommands: true });
      const names: string[] = [];
      theirs.on("commandStarted", ({ commandName }) => names.push(commandName));
      const { campaigns } = mongoOver({ work: theirs.db(on.db.databaseName) }, defaultNames).work;
      await on.raw().insertMany(Array.from({ length: 300 }, (_, n) => ({ _id: `${n}`, status: "queued" })) as never);
      expect(await campaigns.list({ expect: {}, fields: [], limit: 250 })).toHaveLength(250);
      expect(names).toEqual(["find"]);
      await theirs.close();
    });

    testOnOwnServer("that no majority acknowledged is an error, not a success", async () => {
      const store = on.opened();
      await store.work.campaigns.insert({ id: "another" });
      const fault = {
        failCommands: ["insert", "update"],
        writeConcernError: { code: 64, errmsg: "waiting timed out" },
      };
      const outcomes = await on.whileFailing(fault, () => each(store));
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

    testOnOwnServer("is sent once: a repetition that the driver sends by itself could land late", async () => {
      const store = on.opened();
      await store.work.campaigns.insert({ id });
      const fault = { failCommands: ["update"], errorCode: 189, errorLabels: ["RetryableWriteError"] };
      await on.failNext(fault);
      expect((await failed(store.work.campaigns.update(beat))).message).toContain("the primary stepped down");
      expect(await store.work.campaigns.update(beat)).toBe(true);
    });
  });

  describe("heartbeats", () => {
    testOnOwnServer("get through while all connections of the work wait for the server", async () => {
      const store = on.opened();
      await store.work.campaigns.insert({ id });
      const fault = { failCommands: ["find"], blockConnection: true, blockTimeMS: 1_500 };
      await on.whileFailing(fault, async () => {
        const order: string[] = [];
        const finds = Array.from({ length: 8 }, () => store.work.campaigns.find(id).then(() => order.push("find")));
        await store.beats.campaigns.update(beat).then(() => order.push("beat"));
        await on.client.db("admin").command({ configureFailPoint: "failCommand", mode: "off" });
        await Promise.all(finds);
        expect(order[0]).toBe("beat");
      });
    });
  });

  describe("a database that does not answer", () => {
    testOnOwnServer("costs an operation the runtime's limit and no more; the write may land afterwards", async () => {
      const { signal } = on.mongo;
      const unbounded = on.opened();
      await unbounded.work.campaigns.insert({ id });
      await unbounded.beats.campaigns.update(beat);
      const store = bounded(unbounded, clock, 400);
      signal("SIGSTOP");
      try {
        const from = performance.now();
        const [work, beats] = await Promise.all([
          failedAtLast(() => store.work.campaigns.update(beat)),
          failedAtLast(() => store.beats.campaigns.updateAll([beat])),
        ]);
        expect(performance.now() - from).toBeLessThan(DRIVER_GIVES_UP / 2);
        expect(work.message).toBe("update campaigns: no answer in 0.4 s: it may have happened");
        expect(beats.operation).toBe("update all campaigns");
      } finally {
        signal("SIGCONT");
      }
      expect(await on.opened().work.campaigns.update(beat)).toBe(true);
    });

    testOnOwnServer(
      "does not hold what is under way after a migration of the machine: a reconnection drops it",
      async () => {
        const { signal } = on.mongo;
        const store = on.opened();
        await store.work.campaigns.insert({ id });
        await store.beats.campaigns.find(id);
        signal("SIGSTOP");
        try {
          const hanging = [failed(store.work.campaigns.update(beat)), failed(store.beats.campaigns.find(id))];
          const from = performance.now();
          await new Promise((resolve) => setImmediate(resolve));
          await store.reconnect();
          await Promise.all(hanging);
          expect(performance.now() - from).toBeLessThan(DRIVER_GIVES_UP / 2);
        } finally {
          signal("SIGCONT");
        }
        expect(await store.work.campaigns.update(beat)).toBe(true);
      },
    );

    test("is told in words without the password, which is nowhere in the error", async () => {
      const { host } = new URL(on.mongo.uri.replace("mongodb", "http"));
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
    testOnOwnServer(
      "is told, since what was seen before may have been rolled back; a heartbeat of the driver is not",
      async () => {
        const store = on.opened();
        const theirs = await new MongoClient(on.mongo.uri, { heartbeatFrequencyMS: 500 }).connect();
        const over = mongoOver({ work: theirs.db(on.db.databaseName) }, defaultNames);
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
        await on.client.db("admin").command({ replSetStepDown: 1, force: true });
        await changed;
        await writable(on.client);
        expect(calls).toBe(2);
        await over.close();
        await theirs.close();
      },
    );
  });
});

test("a worker does not wait for the driver: opening a store loads nothing of it", () => {
  const module = join(import.meta.dirname, "../../../../runtime/store/mongo.ts");
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
