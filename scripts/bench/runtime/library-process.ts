/**
 * A worker that does nothing but hold one campaign, with the library, or nothing at all, without it.
 *
 * usage: node library-process.ts with|without LIBRARY URI DATABASE SECONDS
 * Prints by how many milliseconds its event loop was late, one time in a thousand.
 */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { type Document, MongoClient } from "mongodb";
import type * as Library from "../../../runtime/library.ts";

const [how, file = "", uri = "", database = "", seconds = "1"] = process.argv.slice(2);
/** One beat a second is one time in a thousand. */
const RESOLUTION_MS = 1;
const WORST = 99.9;
const SETTLED_MS = 1_000;

const client = await new MongoClient(uri).connect();
const db = client.db(database);
if (how === "with") {
  const { startRuntime } = createRequire(import.meta.url)(file) as typeof Library;
  const id = randomUUID();
  await db.collection<Document & { _id: string }>("campaigns").insertOne({ _id: id, status: "queued" });
  const env = { HEARTBEAT_INTERVAL: "1s", ORPHAN_DETECTION_THRESHOLD: "47s" };
  const { withCampaign } = await startRuntime({ db, env, log: () => {} });
  void withCampaign(id, () => new Promise(() => {}));
}
await pause(SETTLED_MS);
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
await pause(Number(seconds) * 1000);
delay.disable();
console.log(delay.percentile(WORST) / 1e6 - RESOLUTION_MS);
process.exit();
