/** Sweeps over many campaigns, in processes with the flags and the memory that the runtime has in an image. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Document, MongoClient } from "mongodb";
import type { Bench, Stage } from "./bench.ts";
import { imageFlags } from "./node-flags.ts";
import type { SweepReport } from "./sweep-process.ts";

const run = promisify(execFile);
const sweepProcess = join(import.meta.dirname, "sweep-process.ts");
/** With a way to ask for a collection. */
const flags = [...imageFlags(), "--expose-gc"];
const OWNERS = 1_000;

export const sweep: Bench = {
  measures: [
    ...(["sweepFew", "sweepFewFirst", "sweepFewHeap", "sweepFewPeak", "sweepFewBlock"] as const),
    ...([
      "sweepAll",
      "sweepAllFirst",
      "sweepAllCpu",
      "sweepAllRaw",
      "sweepAllHeap",
      "sweepAllPeak",
      "sweepAllBlock",
      "startAnew",
      "still",
    ] as const),
  ],
  async run(stage) {
    const { campaigns, running } = stage.size;
    const few = await swept(stage, "bench-sweep-few", running);
    const all = await swept(stage, "bench-sweep-all", campaigns);
    const later = ({ sweeps }: SweepReport) => (sweeps.length > 1 ? sweeps.slice(1) : sweeps);
    const first = ({ sweeps }: SweepReport) => sweeps.slice(0, 1);
    const seconds = (ms: number) => ms / 1000;
    return {
      sweepFew: few.flatMap(later),
      sweepFewFirst: few.flatMap(first),
      sweepFewHeap: few.map(({ heap }) => heap),
      sweepFewPeak: few.map(({ peak }) => peak),
      sweepFewBlock: few.flatMap(({ blocks }) => blocks),
      sweepAll: all.flatMap(later).map(seconds),
      sweepAllFirst: all.flatMap(first).map(seconds),
      sweepAllCpu: all.flatMap(({ cpu }) => cpu).map(seconds),
      sweepAllRaw: all.flatMap(({ raw }) => raw).map(seconds),
      sweepAllHeap: all.map(({ heap }) => heap),
      sweepAllPeak: all.map(({ peak }) => peak),
      sweepAllBlock: all.flatMap(({ blocks }) => blocks),
      startAnew: all.flatMap(({ startAnew }) => startAnew),
      still: all.flatMap(({ still }) => still),
    };
  },
};

async function swept({ uri, size, say }: Stage, database: string, running: number): Promise<readonly SweepReport[]> {
  say(`sweeps over ${size.campaigns} campaigns, ${running} running`);
  const client = new MongoClient(uri);
  try {
    await client.db(database).dropDatabase();
    await fill(client, database, size.campaigns, running);
    const reports: SweepReport[] = [];
    for (let i = 0; i < size.processes; i++) {
      const { stdout } = await run(process.execPath, [...flags, sweepProcess, uri, database, String(size.sweeps)]);
      const report = JSON.parse(stdout) as SweepReport;
      if (report.watched !== running)
        throw new Error(`the sweep saw ${report.watched} of ${running} running campaigns`);
      reports.push(report);
    }
    return reports;
  } finally {
    await client.db(database).dropDatabase();
    await client.close();
  }
}

/** Campaigns as they stand in a clinic's collection: those that run among those that are over. */
async function fill(client: MongoClient, database: string, count: number, running: number): Promise<void> {
  const campaigns = client.db(database).collection<Document & { _id: string }>("campaigns");
  const every = count / running;
  const document = (at: number) => {
    const runs = Math.floor(at / every) !== Math.floor((at - 1) / every);
    const lease = {
      owner: `dental-agent-worker-${at % OWNERS}/0/0/0123456789abcdef0123456789abcdef`,
      claimId: `01234567-89ab-4cde-8f01-${String(at).padStart(12, "0")}`,
      epoch: 1,
      hbSeq: at % 1_000,
      hbAt: new Date(),
      acqAt: new Date(),
      state: runs ? "held" : "free",
    };
    const _id = `campaign-2026-11-${String(at).padStart(8, "0")}`;
    return { _id, status: runs ? "running" : "completed", lease, resume: { cursor: 3, cursorEpoch: 1 } };
  };
  for (let from = 0; from < count; from += 10_000) {
    const some = Array.from({ length: Math.min(10_000, count - from) }, (_, at) => document(from + at));
    await campaigns.insertMany(some, { ordered: false });
  }
}
