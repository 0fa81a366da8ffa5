/** A replica set of three, containers around it that work, and a network between them that can be cut. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Document, MongoClient, type Timestamp } from "mongodb";
import { bundle } from "../build-runtime/bundle.ts";
import { type Node, ReplicaSet } from "../mongod/replica-set.ts";
import type { Mutant } from "../mutant.ts";
import { changeOf, type Streamed } from "./changes.ts";
import type { Deed } from "./check.ts";
import type { Life } from "./containers.ts";
import type { Change } from "./history.ts";
import { mutated } from "./mutants.ts";
import { type Host, Network } from "./network.ts";
import { Seat } from "./seat.ts";
import { type Accepted, acceptedIn, updatesOf } from "./senders.ts";
import type { Said } from "./story.ts";
import { type TickDocument, Ticks } from "./ticks.ts";
import { WallClock } from "./wall-clock.ts";

export type CampaignDocument = Document & { _id: string };

export interface WorldOptions {
  /** A mongod's path. */
  readonly mongod: string;
  readonly containers: number;
  /** What is wrong with the runtime; nothing in the one that is proven. */
  readonly mutants?: readonly Mutant[];
}

const root = resolve(import.meta.dirname, "../..");
const DATABASE = "clinic";
export class World {
  readonly set: ReplicaSet;
  readonly network: Network;
  readonly client: MongoClient;
  readonly seats: readonly Seat[];
  readonly clockOf: (node: Node) => WallClock;
  readonly hostOf: (node: Node) => Host;
  readonly ticks: Ticks;
  readonly #directory: string;

  static async start(options: WorldOptions): Promise<World> {
    const directory = mkdtempSync(join(tmpdir(), "replica-set-"));
    const network = new Network(directory);
    try {
      const file = join(directory, "agent-runtime.cjs");
      const plugins = options.mutants === undefined ? [] : [mutated(root, options.mutants)];
      const build = { version: "0.0.0", commit: "proof" };
      const built = await bundle(root, "runtime/cli.ts", { AGENT_RUNTIME_BUILD: JSON.stringify(build) }, plugins);
      writeFileSync(file, built.code);
      const world = new World(directory, network, file, options);
      await world.#open();
      return world;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  private constructor(directory: string, network: Network, bundled: string, options: WorldOptions) {
    this.#directory = directory;
    this.network = network;
    mkdirSync(join(directory, "deeds"));
    const placed = ["a", "b", "c"].map((name) => this.#placed(`node-${name}`));
    this.set = new ReplicaSet(
      options.mongod,
      directory,
      placed.map(({ host, clock }) => ({
        address: host.address,
        launch: [...host.launch, ...clock.launch],
        environment: clock.environment,
      })),
      updatesOf(`${DATABASE}.campaigns`),
    );
    const placeOf = (node: Node) => {
      const place = placed[this.set.nodes.indexOf(node)];
      if (place === undefined) throw new Error("no node of this set");
      return place;
    };
    this.clockOf = (node) => placeOf(node).clock;
    this.hostOf = (node) => placeOf(node).host;
    this.client = new MongoClient(this.set.uri, { socketTimeoutMS: 10_000 });
    this.seats = Array.from({ length: options.containers }, (_, at) => {
      const { host, clock } = this.#placed(`c${at}`);
      const { uri } = this.set;
      return new Seat({ host, clock, uri, database: DATABASE, bundle: bundled, directory });
    });
    this.ticks = new Ticks(this.client.db(DATABASE).collection<TickDocument>("ticks"));
  }

  async #open(): Promise<void> {
    await this.set.start();
    // A client whose first connection fails never connects again (driver 7.9.0).
    await this.client.connect();
    this.ticks.start();
    for (const seat of this.seats) seat.fill();
  }

  #placed(name: string): { readonly host: Host; readonly clock: WallClock } {
    return { host: this.network.host(name), clock: new WallClock(join(this.#directory, `${name}.clock`)) };
  }

  get campaigns() {
    return this.client.db(DATABASE).collection<CampaignDocument>("campaigns");
  }

  /** Where the history is now. */
  async now(): Promise<Timestamp> {
    const { operationTime } = await this.client.db(DATABASE).command({ ping: 1 });
    return operationTime;
  }

  /** All that a majority has of the writes since then, up to a tick. @throws Error as `changeOf` */
  async changes(since: Timestamp, lastTick: number): Promise<readonly Change[]> {
    const stream = this.client.db(DATABASE).watch([], { startAtOperationTime: since, maxAwaitTimeMS: 1_000 });
    const changes: Change[] = [];
    try {
      for await (const change of stream) {
        const told = changeOf(change as Streamed);
        if (told !== undefined) changes.push(told);
        if (told?.kind === "tick" && told.tick === lastTick) return changes;
      }
    } finally {
      await stream.close();
    }
    throw new Error("the history ended before the last tick");
  }

  /** What the workers wrote down of some campaigns. */
  deeds(campaigns: readonly string[]): readonly Deed[] {
    return campaigns.flatMap((campaign) => {
      const file = join(this.#directory, "deeds", encodeURIComponent(campaign));
      const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Deed);
    });
  }

  /** What all containers said. */
  get said(): readonly Said[] {
    return this.seats.flatMap(({ said }) => said);
  }

  /** All containers that there were. */
  get lives(): readonly Life[] {
    return this.seats.flatMap(({ lives }) => lives);
  }

  /** Of which length the nodes' logs are. */
  logged(): readonly number[] {
    return this.set.nodes.map(({ log }) => statSync(log).size);
  }

  /** What the nodes accepted of updates since then. */
  accepted(since: readonly number[]): readonly Accepted[] {
    return this.set.nodes.flatMap(({ log }, at) => {
      const bytes = readFileSync(log);
      return acceptedIn(bytes.toString("utf8", since[at]));
    });
  }

  /** Leaves nothing: no process, no network, no file. */
  async close(): Promise<void> {
    for (const seat of this.seats) seat.empty();
    await this.ticks.stop();
    await this.client.close();
    await this.network.close();
  }
}
