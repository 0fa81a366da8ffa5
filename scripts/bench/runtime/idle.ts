/** What the runtime costs while nothing happens: as a process of its own, and as a library inside a worker. */
import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { MongoClient } from "mongodb";
import type { Bench, Stage } from "./bench.ts";
import { imageFlags } from "./node-flags.ts";
import { openForHours } from "./shift.ts";

const run = promisify(execFile);
const libraryProcess = join(import.meta.dirname, "library-process.ts");
const NANO = 1e9;

export const idle: Bench = {
  measures: ["idleCpu", "idleRss", "loopDelay"],
  async run(stage) {
    const database = `bench-idle-${randomUUID().slice(0, 8)}`;
    try {
      return { ...(await ofProcess(stage, database)), loopDelay: await ofLibrary(stage, database) };
    } finally {
      const client = new MongoClient(stage.uri);
      await client.db(database).dropDatabase();
      await client.close();
    }
  },
};

/** All at their defaults: a beat every 30 s, sweeps, a shift, and a worker that is asked every few seconds how it is. */
async function ofProcess({ uri, bundle, size, say }: Stage, database: string) {
  if (process.platform !== "linux") {
    const missing = "read from /proc, on Linux";
    return { idleCpu: { missing }, idleRss: { missing } };
  }
  say(`an idle runtime, for ${size.idle} s`);
  const worker = createServer((_, response) => response.end("OK")).listen(0, "127.0.0.1");
  await once(worker, "listening");
  const env = {
    PATH: process.env.PATH,
    TMPDIR: process.env.TMPDIR,
    MONGODB_URI: uri,
    AGENT_DATABASE: database,
    AGENT_WORKER_HEALTH: `http://127.0.0.1:${(worker.address() as AddressInfo).port}/`,
    ...openForHours("idle"),
  };
  const child = spawn(process.execPath, [...imageFlags(), bundle, "--", "sleep", "6000"], { env, stdio: "ignore" });
  const ended = once(child, "exit");
  const pid = child.pid ?? 0;
  try {
    await Promise.race([pause(size.settle * 1000), ended]);
    const before = cpuSeconds(pid);
    await pause(size.idle * 1000);
    const percent = (100 * (cpuSeconds(pid) - before)) / size.idle;
    return { idleCpu: [percent], idleRss: [residentBytes(pid) / 1e6] };
  } finally {
    child.kill("SIGTERM");
    await ended;
    worker.close();
    worker.closeAllConnections();
  }
}

/** Of all its threads, to the nanosecond: in `stat` it is in hundredths of a second. @throws where it has ended */
function cpuSeconds(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const ran = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]));
  return ran.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / NANO;
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/** How much later the event loop of a worker is with the library than without, in pairs. */
async function ofLibrary({ uri, bundle, size, say }: Stage, database: string): Promise<readonly number[]> {
  say(`${size.pairs} pairs of workers, ${size.loop} s each, with the library and without`);
  const file = join(dirname(bundle), "agent-runtime-library.cjs");
  const delay = async (how: "with" | "without") =>
    Number((await run(process.execPath, [libraryProcess, how, file, uri, database, String(size.loop)])).stdout);
  const added: number[] = [];
  for (let pair = 0; pair < size.pairs; pair++) {
    const without = await delay("without");
    added.push((await delay("with")) - without);
  }
  return added;
}
