import { resolve } from "node:path";
import { type Document, MongoClient } from "mongodb";
import { campaignOf } from "../../runtime/lease/record.ts";
import { startMongod } from "../mongod/start.ts";
import { Container } from "./container.ts";
import { type Actor, campaignIds, environmentOf, type Name, type Stage } from "./stage.ts";

export const workerFile = resolve(import.meta.dirname, "../../runtime/examples/node/worker.mjs");

const LAST = 5;

/** A mongod of its own, and the bundled runtime in processes, each with a worker. */
export async function realStage(
  mongod: { path: string; version: string },
  bundle: string,
  effects: string,
): Promise<Stage> {
  const server = await startMongod(mongod.path);
  const client = new MongoClient(server.uri);
  const collection = client.db("demo").collection<Document & { _id: string }>("campaigns");
  const containers: Container[] = [];
  const close = async () => {
    await Promise.all(containers.map((container) => container.close()));
    await client.close();
    await server.stop();
  };
  try {
    await collection.insertMany(campaignIds.map((_id) => ({ _id, status: "queued" })));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    told: `a MongoDB ${mongod.version} and two agent-runtime processes, all real and on this machine`,
    start: (name: Name): Actor => {
      const container = new Container({
        bundle,
        worker: [process.execPath, workerFile],
        environment: { MONGODB_URI: server.uri, AGENT_DATABASE: "demo", ...environmentOf(name, effects) },
      });
      containers.push(container);
      return actor(container);
    },
    campaigns: async () =>
      (await collection.find().toArray()).map(({ _id: id, ...fields }) => campaignOf({ ...fields, id })),
    close,
  };
}

function actor(container: Container): Actor {
  return {
    get containerId() {
      const id = container.lines.find(({ event }) => event === "runtime_started")?.containerId;
      return typeof id === "string" ? id : undefined;
    },
    workers: container.workers,
    get over() {
      return container.over;
    },
    get lastLines() {
      const log = container.lines.filter(({ event }) => event !== "worker_heartbeat").map(({ message }) => message);
      return [...log.slice(-LAST), ...container.said.slice(-LAST)];
    },
    still: async () => (await container.state())?.details.still ?? [],
    kill: () => container.signalAll("SIGKILL"),
  };
}
