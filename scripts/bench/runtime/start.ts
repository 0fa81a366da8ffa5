/** From the start of the runtime's process to its worker's first output, beside what Node alone takes to its first. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { statSync } from "node:fs";
import { MongoClient } from "mongodb";
import type { Bench } from "./bench.ts";
import { imageFlags } from "./node-flags.ts";
import { openForHours } from "./shift.ts";

const WORD = "here I am";
const says = ["sh", "-c", `echo '${WORD}'; exec sleep 600`];

export const start: Bench = {
  measures: ["startBare", "startAlone", "startDatabase", "startShift", "bundle"],
  async run({ uri, bundle, size, say }) {
    const database = `bench-start-${randomUUID().slice(0, 8)}`;
    const runtime = [...imageFlags(), bundle, "--", ...says];
    const stored = { MONGODB_URI: uri, AGENT_DATABASE: database };
    const kinds = {
      bare: () => firstWord([...imageFlags(), "--eval", `require("fs").writeSync(1, "${WORD}\\n")`], {}),
      alone: () => firstWord(runtime, {}),
      database: () => firstWord(runtime, stored),
      shift: () => firstWord(runtime, { ...stored, ...openForHours(`start-${randomUUID()}`) }),
    };
    say(`${size.starts} starts of each kind`);
    const times = { bare: [] as number[], alone: [] as number[], database: [] as number[], shift: [] as number[] };
    const names = Object.keys(kinds) as (keyof typeof kinds)[];
    // The first of each reads files that the others find in memory.
    for (const name of names) await kinds[name]();
    for (let i = 0; i < size.starts; i++) for (const name of names) times[name].push(await kinds[name]());
    const client = new MongoClient(uri);
    await client.db(database).dropDatabase();
    await client.close();
    const beyond = (all: readonly number[]) => all.map((ms, at) => ms - (times.bare[at] ?? Number.NaN));
    return {
      startBare: times.bare,
      startAlone: beyond(times.alone),
      startDatabase: beyond(times.database),
      startShift: beyond(times.shift),
      bundle: [statSync(bundle).size / 1024],
    };
  },
};

/** Milliseconds from the spawn of Node to that output. */
async function firstWord(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const env = { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, AGENT_WORKER_HEALTH: "off", ...environment };
  const started = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  const heard = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
      if (text.includes(`${WORD}\n`)) resolve(performance.now() - started);
    });
    child.once("close", () => reject(new Error(`the worker did not speak:\n${text}`)));
  });
  const ended = once(child, "close");
  try {
    return await heard;
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}
