import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { MongoClient, ObjectId } from "mongodb";
import { MongoClient as MongoClient6 } from "mongodb6";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FindingsError, type Log, type Runtime, startRuntime } from "../../runtime/library.ts";
import { nodeProblem } from "../../runtime/node-version.ts";
import type { DriverCollection, DriverDatabase } from "../../runtime/store/mongo/driver.ts";
import { BuiltRuntime } from "../support/built-runtime.ts";
import { type RealMongo, realMongo } from "../support/mongod.ts";
import { repository } from "../support/stack-previews.ts";
import { tier } from "../support/tier.ts";

const server = await realMongo();

tier("the library with a real MongoDB", server.missing, () => {
  let mongo: RealMongo;
  let client: MongoClient;
  let lines: string[];
  let runtimes: Runtime[];
  const log: Log = (_, event) => void lines.push(event);
  const env = { HEARTBEAT_INTERVAL: "5s", ORPHAN_DETECTION_THRESHOLD: "51s", AGENT_CAPACITY: "2" };
  const db = () => client.db(`library-${process.pid}`);
  const campaigns = () => db().collection<{ _id: string; [field: string]: unknown }>("campaigns");

  beforeAll(async () => {
    if (server.missing !== undefined) return;
    mongo = await server.start();
    client = await new MongoClient(mongo.uri).connect();
  });
  beforeEach(async () => {
    lines = [];
    runtimes = [];
    await db().dropDatabase();
  });
  afterEach(async () => {
    await Promise.all(runtimes.map((runtime) => runtime.stop()));
  });
  afterAll(async () => {
    await db().dropDatabase();
    await client.close();
    await mongo.stop();
  });

  async function started(options: Partial<Parameters<typeof startRuntime>[0]> = {}): Promise<Runtime> {
    const runtime = await startRuntime({ db: db(), env, log, ...options });
    runtimes.push(runtime);
    return runtime;
  }

  test("the work's own writes can be fenced by the lease that the record has", async () => {
    await campaigns().insertOne({ _id: "recalls", status: "queued" });
    const runtime = await started();
    const cursor = await runtime.withCampaign("recalls", async (lease) => {
      const { epoch, claimId } = lease.fence;
      const mine = { _id: "recalls", "lease.epoch": epoch, "lease.claimId": claimId };
      const written = await campaigns().updateOne(mine, { $set: { note: "own write" } });
      expect(written.matchedCount).toBe(1);
      await lease.begin("call");
      await lease.step();
      return lease.cursor;
    });
    expect(cursor).toBe(1);
    expect(await campaigns().findOne({ _id: "recalls" })).toMatchObject({ status: "completed", note: "own write" });
  });

  test("two workers in one process take two campaigns, and each one once", async () => {
    await campaigns().insertMany(["a", "b", "c"].map((_id) => ({ _id, status: "queued" })));
    const [first, second] = [await started(), await started()];
    const done: string[] = [];
    const work = async (runtime: Runtime) => {
      while ((await runtime.withNextCampaign(async ({ id }) => void done.push(id))) !== undefined);
    };
    await Promise.all([work(first), work(second)]);
    expect(done.sort()).toEqual(["a", "b", "c"]);
    expect(await campaigns().countDocuments({ status: "completed" })).toBe(3);
  });

  test("what a stopped runtime had, the next one has at once", async () => {
    await campaigns().insertOne({ _id: "a", status: "queued" });
    const first = await started();
    let drained = false;
    let working = false;
    const work = first.withCampaign("a", async ({ draining }) => {
      working = true;
      await once(draining, "abort");
      drained = true;
      throw new Error("the container ends");
    });
    const refused = expect(work).rejects.toThrow("the container ends");
    await expect.poll(() => working).toBe(true);
    first.drain();
    await refused;
    expect(await first.withNextCampaign(async () => {})).toBeUndefined();
    await first.stop();
    expect(drained).toBe(true);
    const second = await started();
    await second.withCampaign("a", async (lease) => expect(lease.resumed).toBe(true));
    const record = await campaigns().findOne({ _id: "a" });
    expect(record).toMatchObject({ status: "completed" });
    // A drain is no death.
    expect(record).not.toHaveProperty("recovery");
  });

  test("a worker's client of driver 6, with ids that are ObjectIds, in the words of its collection", async () => {
    const client6 = await new MongoClient6(mongo.uri).connect();
    const _id = new ObjectId();
    await db().collection("outbound").insertOne({ _id, state: "pending" });
    const words = {
      AGENT_CAMPAIGNS_COLLECTION: "outbound",
      AGENT_STATUS_FIELD: "state",
      AGENT_STATUS_QUEUED: "pending",
      AGENT_CAMPAIGN_ID: "objectId",
    };
    try {
      const runtime = await started({ db: client6.db(db().databaseName), env: { ...env, ...words } });
      await runtime.withCampaign(String(_id), async (lease) => lease.step());
      expect(await db().collection("outbound").findOne({ _id })).toMatchObject({ state: "completed" });
      await runtime.stop();
    } finally {
      await client6.close();
    }
  });

  test("work that is only left when the container drains is not taken for done: eight patients are not forgotten", async () => {
    await campaigns().insertOne({ _id: "a", status: "queued" });
    const runtime = await started();
    const work = runtime.withCampaign("a", async (lease) => {
      await lease.step();
      // The record may be seen before the step's answer is heard.
      if (!lease.draining.aborted) await once(lease.draining, "abort");
    });
    await expect.poll(async () => (await campaigns().findOne({ _id: "a" }))?.resume).toMatchObject({ cursor: 1 });
    runtime.drain();
    await work;
    expect(await campaigns().findOne({ _id: "a" })).toMatchObject({ status: "interrupted", resume: { cursor: 1 } });
  });

  test("stop waits for work, tells it to end, and gives nothing back that goes on: no second owner beside it", async () => {
    await campaigns().insertMany(["deaf", "listens"].map((_id) => ({ _id, status: "queued" })));
    const runtime = await started({ env: { ...env, AGENT_GRACE: "5s" } });
    let end = () => {};
    let works = 0;
    const deaf = runtime.withCampaign("deaf", () => {
      works++;
      return new Promise<void>((resolve) => (end = resolve));
    });
    const listens = runtime.withCampaign("listens", async ({ signal }) => {
      works++;
      await once(signal, "abort");
    });
    const lost = Promise.allSettled([deaf, listens]);
    await expect.poll(() => works).toBe(2);
    await runtime.stop();
    expect(await campaigns().findOne({ _id: "listens" })).toMatchObject({ status: "interrupted" });
    expect(await campaigns().findOne({ _id: "deaf" })).toMatchObject({ status: "running" });
    end();
    expect(await lost).toMatchObject([{ reason: { code: "fenced" } }, { reason: { code: "fenced" } }]);
  });

  test("stop waits for what has its claim from campaigns alone, until it has ended it", async () => {
    await campaigns().insertOne({ _id: "a", status: "queued" });
    const runtime = await started();
    const held = await runtime.campaigns.claim("a", "request");
    const happened: string[] = [];
    const drained = Promise.withResolvers<void>();
    runtime.campaigns.watch("a", held.claimId, (event) => {
      if (event !== "renewed") happened.push(event);
      if (event === "draining") drained.resolve();
    });
    const stopped = runtime.stop().then(() => happened.push("stopped"));
    await drained.promise;
    await pause(500);
    await runtime.campaigns.step("a", { claimId: held.claimId, cursor: 0, outcome: "done" });
    await runtime.campaigns.end("a", { claimId: held.claimId, ending: "release" });
    happened.push("released");
    await stopped;
    expect(happened).toEqual(["draining", "released", "stopped"]);
    expect(await campaigns().findOne({ _id: "a" })).toMatchObject({ status: "interrupted", resume: { cursor: 1 } });
  });

  test("stop waits for the answer to an end that was sent before it: who sent it hears what became of it", async () => {
    await campaigns().insertOne({ _id: "a", status: "queued" });
    const answer = Promise.withResolvers<void>();
    let landed = false;
    const slow: DriverDatabase = {
      client: db().client,
      collection: (name, options) => {
        const collection = db().collection(name, options) as DriverCollection;
        if (name !== "campaigns") return collection;
        const updateOne: DriverCollection["updateOne"] = async (...write) => {
          const written = await collection.updateOne(...write);
          landed = (await campaigns().findOne({ _id: "a" }))?.status === "completed";
          if (landed) await answer.promise;
          return written;
        };
        return new Proxy(collection, {
          get: (of, key) => {
            const member = key === "updateOne" ? updateOne : Reflect.get(of, key);
            return typeof member === "function" ? member.bind(of) : member;
          },
        });
      },
    };
    const runtime = await started({ db: slow });
    const { claimId } = await runtime.campaigns.claim("a", "request");
    const happened: string[] = [];
    const ended = runtime.campaigns.end("a", { claimId, ending: "complete" }).then(() => happened.push("ended"));
    await expect.poll(() => landed).toBe(true);
    const stopped = runtime.stop().then(() => happened.push("stopped"));
    // As long as a stop takes that waits for nothing.
    await pause(300);
    answer.resolve();
    await Promise.all([ended, stopped]);
    expect(happened).toEqual(["ended", "stopped"]);
  });

  test("a claim from campaigns that acts on after stop is told to end, and nobody else gets its patient", async () => {
    await campaigns().insertOne({ _id: "a", status: "queued" });
    const runtime = await started({ env: { ...env, AGENT_GRACE: "5s" } });
    const { claimId } = await runtime.campaigns.claim("a", "request");
    const heard: string[] = [];
    runtime.campaigns.watch("a", claimId, (event) => heard.push(event));
    await runtime.stop();
    expect(heard.filter((event) => event !== "renewed")).toEqual(["draining", "fenced"]);
    expect(await campaigns().findOne({ _id: "a" })).toMatchObject({ status: "running" });
    await runtime.campaigns.stopped("a", claimId);
  });

  test("work that throws has given its campaign back before its caller hears of it", async () => {
    await campaigns().insertOne({ _id: "a", status: "queued" });
    const runtime = await started();
    const work = runtime.withCampaign("a", async () => {
      throw new Error("no trunk");
    });
    await expect(work).rejects.toThrow("no trunk");
    expect(await campaigns().findOne({ _id: "a" })).toMatchObject({ status: "interrupted", recovery: { count: 1 } });
  });

  describe("as it is shipped", () => {
    test("a worker imports it by name, leaves with its work, and its heartbeats keep no process alive", async () => {
      await campaigns().insertOne({ _id: "a", status: "queued" });
      const built = new BuiltRuntime();
      try {
        const library = pathToFileURL(join(built.directory, "agent-runtime-library.cjs"));
        const program = `
          import { MongoClient } from "mongodb";
          import { startRuntime } from ${JSON.stringify(library)};
          const client = await new MongoClient(process.env.URI).connect();
          const runtime = await startRuntime({ db: client.db(${JSON.stringify(db().databaseName)}) });
          await runtime.withNextCampaign((lease) => lease.step());
          await runtime.stop();
          await client.close();`;
        const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
          // Where its imports are looked for.
          cwd: repository,
          env: { ...process.env, ...env, URI: mongo.uri },
        });
        const [code] = await once(child, "exit");
        expect(code).toBe(0);
        expect(await campaigns().findOne({ _id: "a" })).toMatchObject({ status: "completed", resume: { cursor: 1 } });
      } finally {
        built.dispose();
      }
    });
  });
});

test("a Node that is too old is refused at the start, not in a call", () => {
  const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(engines.node).toBe(">=22.18");
  expect(["22.18.0", "22.20.1", "24.0.0"].map(nodeProblem)).toEqual([undefined, undefined, undefined]);
  for (const old of ["20.20.2", "22.17.1", "18.0.0"]) expect(nodeProblem(old)).toContain(`this is Node ${old}`);
});

test("settings that cannot work are refused before anything starts", async () => {
  const env = { HEARTBEAT_INTERVAL: "60s", ORPHAN_DETECTION_THRESHOLD: "60s" };
  await expect(startRuntime({ db: {} as never, env })).rejects.toThrow(FindingsError);
});
