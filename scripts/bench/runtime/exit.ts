/** From SIGTERM to the end of the process: with a database, a shift and heartbeats. */
import { randomUUID } from "node:crypto";
import { MongoClient } from "mongodb";
import { Container } from "../../demo/container.ts";
import type { Bench, Stage } from "./bench.ts";
import { saw } from "./saw.ts";
import { openForHours } from "./shift.ts";

/** A line of the worker's that is read like one of the runtime's: from then on it is what it is to be. */
const READY = "worker_is_ready";
const shell = (prepare: string, wait: string) => ["sh", "-c", `${prepare} echo '{"event":"${READY}"}'; ${wait}`];
const obedient = shell("", "exec sleep 600");
const deaf = shell("trap '' TERM;", "while :; do sleep 1; done");

export const exit: Bench = {
  measures: ["exitIdle", "exitDeaf"],
  async run(stage) {
    const { size, say } = stage;
    const database = `bench-exit-${randomUUID().slice(0, 8)}`;
    const once = (worker: readonly string[]) => termToExit(stage, database, worker);
    try {
      say(`${size.exits} exits, and ${size.deaf} with a deaf worker`);
      const exitIdle: number[] = [];
      for (let i = 0; i < size.exits; i++) exitIdle.push(await once(obedient));
      // Together: they wait.
      const waited = await Promise.all(Array.from({ length: size.deaf }, () => once(deaf)));
      return { exitIdle, exitDeaf: size.deaf === 0 ? { missing: "takes 7 s" } : waited.map((ms) => ms / 1000) };
    } finally {
      const client = new MongoClient(stage.uri);
      await client.db(database).dropDatabase();
      await client.close();
    }
  },
};

async function termToExit({ uri, bundle }: Stage, database: string, worker: readonly string[]): Promise<number> {
  const environment = {
    MONGODB_URI: uri,
    AGENT_DATABASE: database,
    AGENT_WORKER_HEALTH: "off",
    ...openForHours(`exit-${randomUUID()}`),
  };
  const container = new Container({ bundle, worker, environment });
  try {
    await saw(container, READY);
    await saw(container, "worker_heartbeat");
    const signalled = performance.now();
    container.signal("SIGTERM");
    const { at, code, signal } = await container.ended;
    if (code !== 143) throw new Error(`it ended with ${signal ?? code}, not 143`);
    return at - signalled;
  } finally {
    await container.close();
  }
}
