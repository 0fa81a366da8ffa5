/**
 * A process that sweeps: the runtime's own sweep over the real store, started again as soon as it is over.
 *
 * usage: node --expose-gc scripts/bench/runtime/sweep-process.ts URI DATABASE SWEEPS
 * Prints a `SweepReport` as JSON.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Document, MongoClient } from "mongodb";
import { Offers } from "../../../runtime/lease/offers.ts";
import { Orphans } from "../../../runtime/lease/orphans.ts";
import { Sweep } from "../../../runtime/lease/sweep.ts";
import { timingOf } from "../../../runtime/lease/timing.ts";
import { nodeClock } from "../../../runtime/node-clock.ts";
import type { Clock } from "../../../runtime/ports.ts";
import { bounded } from "../../../runtime/store/bounded.ts";
import { openMongo } from "../../../runtime/store/mongo.ts";
import { databaseAt } from "./leases.ts";

export interface SweepReport {
  /** Milliseconds of each sweep, in their order. */
  readonly sweeps: readonly number[];
  /** Milliseconds of this process's CPU in each of them; it waits for the database for the rest. */
  readonly cpu: readonly number[];
  /** Milliseconds in which the driver alone reads the same pages, after each of them. */
  readonly raw: readonly number[];
  /** Milliseconds of the longest block in each of as many sweeps, that are not among those. */
  readonly blocks: readonly number[];
  /** What is in the heap after them and was not before, in MB; and how much larger the process ever was. */
  readonly heap: number;
  readonly peak: number;
  readonly startAnew: readonly number[];
  readonly still: readonly number[];
  /** How many campaigns are watched. */
  readonly watched: number;
}

/** Of `Sweep`. */
const PAGE = 500;
/** As `LeaseKeeper` shows them. */
const SHOWN = 20;
/** How finely the event loop is watched, in milliseconds. */
const RESOLUTION = 1;
const MEGA = 1e6;

const [uri = "", database = "", count = "1"] = process.argv.slice(2);
// So long that none becomes due, however slow the machine is.
const timing = timingOf(30, 3_600);
const store = bounded(openMongo(databaseAt(uri, database)), nodeClock, timing.operation);
const { campaigns } = store.work;

/** A clock on which the next sweep is due when the one before is over. */
let over = Promise.withResolvers<() => void>();
const clock: Clock = {
  ...nodeClock,
  after: (_delay, call) => {
    over.resolve(call);
    return () => {};
  },
};
const log = (severity: string, event: string, message: string) => {
  if (severity !== "INFO") throw new Error(`${event}: ${message}`);
};
const random = { bytes: (length: number) => new Uint8Array(length), fraction: () => 0 };
const ports = { clock, random, log, timing };
// Its own heartbeat is always fresh, so that it judges at each sweep.
const orphans = new Orphans({ me: "bench", ...ports, ownHeartbeatAge: () => 0, isInHand: () => false });
const rules = { policy: "resume", limit: 3 } as const;
const offers = new Offers({ campaigns, orphans, rules, open: () => true, ...ports });
const sweep = new Sweep({ work: store.work, orphans, offers, ...ports });

async function once(): Promise<number> {
  const begin = await over.promise;
  over = Promise.withResolvers();
  const started = performance.now();
  begin();
  await over.promise;
  return performance.now() - started;
}

/** What the sweep asks for, and nothing done with it. */
async function rawPages(uri: string, database: string): Promise<number> {
  const client = await new MongoClient(uri, { retryWrites: false }).connect();
  const options = { readConcern: { level: "majority" } } as const;
  const campaigns = client.db(database).collection<Document & { _id: string }>("campaigns", options);
  const fields = { _id: 1, "lease.owner": 1, "lease.claimId": 1, "lease.epoch": 1, "lease.hbSeq": 1 };
  const started = performance.now();
  for (let after: string | undefined = ""; after !== undefined; ) {
    const filter = { status: "running", _id: { $gt: after } };
    const order = { projection: fields, sort: { _id: 1 }, limit: PAGE, batchSize: PAGE } as const;
    const page: { _id: string }[] = await campaigns.find(filter, order).toArray();
    after = page.length < PAGE ? undefined : page.at(-1)?._id;
  }
  const ms = performance.now() - started;
  await client.close();
  return ms;
}

async function blocked(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  await once();
  delay.disable();
  return delay.max / 1e6 - RESOLUTION;
}

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

const inHeap = () => {
  global.gc?.();
  global.gc?.();
  return process.memoryUsage().heapUsed;
};
const times = async (work: () => Promise<number> | number) => {
  const all: number[] = [];
  for (let i = 0; i < Number(count); i++) all.push(await work());
  return all;
};

// The indexes, and a connection.
await store.prepare();
sweep.start();
const heapBefore = inHeap();
const sizeBefore = process.memoryUsage().rss;
const cpu: number[] = [];
const sweeps = await times(async () => {
  const before = process.cpuUsage();
  const ms = await once();
  const { user, system } = process.cpuUsage(before);
  cpu.push((user + system) / 1000);
  return ms;
});
const peak = process.resourceUsage().maxRSS * 1024 - sizeBefore;
const heap = inHeap() - heapBefore;
const raw = await times(() => rawPages(uri, database));
const report: SweepReport = {
  sweeps,
  cpu,
  raw,
  blocks: await times(blocked),
  heap: heap / MEGA,
  peak: peak / MEGA,
  startAnew: await times(() => timed(() => orphans.startAnew())),
  still: await times(() => timed(() => orphans.still(SHOWN))),
  watched: orphans.campaigns.size,
};
console.log(JSON.stringify(report));
process.exit();
