/** How long a campaign is without an owner: after a kill, and after a clean stop. With real processes. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Document, MongoClient } from "mongodb";
import { variable } from "../../../domain/contract.ts";
import { Container } from "../../demo/container.ts";
import type { Bench, Stage } from "./bench.ts";
import { saw } from "./saw.ts";

const worker = [process.execPath, resolve(import.meta.dirname, "../../../runtime/examples/node/worker.mjs")];

/** Seconds: what the promise of 62 s is made for. */
const INTERVAL = 5;
const ORPHAN_AFTER = 51;
/** How often the worker that waits asks for a campaign. */
const POLL = 0.2;
const MOST_FOR_A_TAKEOVER = 90_000;

export const takeover: Bench = {
  measures: ["takeover", "cleanStop"],
  async run(stage) {
    const { takeovers, crash } = stage.size;
    const { say } = stage;
    const each = Array.from({ length: takeovers }, (_, at) => at);
    say(`${takeovers} clean stops`);
    const cleanStop: number[] = [];
    for (const _ of each) cleanStop.push(await world(stage, stopped));
    if (!crash) return { takeover: { missing: "takes a minute" }, cleanStop };
    say(`${takeovers} containers are killed, at all times of their interval: about a minute`);
    const killedAt = (at: number) => (1 + at / takeovers) * INTERVAL * 1000;
    return { takeover: await Promise.all(each.map((at) => world(stage, killed(killedAt(at))))), cleanStop };
  },
};

type Start = (callSeconds: number) => Container;

/** A database with one campaign, and containers that want it. */
async function world({ uri, bundle }: Stage, play: (start: Start) => Promise<number>): Promise<number> {
  const database = `bench-takeover-${randomUUID().slice(0, 8)}`;
  const client = new MongoClient(uri);
  const containers: Container[] = [];
  const directory = mkdtempSync(join(tmpdir(), "agent-worker-bench-"));
  const start: Start = (callSeconds) => {
    const environment = {
      MONGODB_URI: uri,
      AGENT_DATABASE: database,
      [variable.heartbeatInterval]: `${INTERVAL}s`,
      [variable.orphanAfter]: `${ORPHAN_AFTER}s`,
      AGENT_WORKER_HEALTH: "off",
      EFFECTS_FILE: join(directory, "effects.jsonl"),
      CALLS: "1000",
      CALL_SECONDS: `${callSeconds}`,
      POLL_SECONDS: `${POLL}`,
    };
    const container = new Container({ bundle, worker, environment });
    containers.push(container);
    return container;
  };
  try {
    const campaigns = client.db(database).collection<Document & { _id: string }>("campaigns");
    await campaigns.insertOne({ _id: "spring", status: "queued" });
    return await play(start);
  } finally {
    await Promise.all(containers.map((container) => container.close()));
    await client.db(database).dropDatabase();
    await client.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function stopped(start: Start): Promise<number> {
  const first = start(0.1);
  await saw(first, "campaign_claimed");
  const second = start(600);
  await saw(second, "worker_started");
  const givenBack = saw(first, "campaign_ended");
  const claimed = saw(second, "campaign_claimed");
  first.signal("SIGTERM");
  const [from, to] = await Promise.all([givenBack, claimed]);
  return (to - from) / 1000;
}

const killed = (after: number) => async (start: Start) => {
  const first = start(600);
  await saw(first, "campaign_claimed");
  const second = start(600);
  await saw(second, "worker_started");
  await pause(after);
  first.signalAll("SIGKILL");
  const kill = performance.now();
  return ((await saw(second, "orphan_recovered", MOST_FOR_A_TAKEOVER)) - kill) / 1000;
};
