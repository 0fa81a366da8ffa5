/** Three nodes of one set, each where the caller wants it, to be killed, stopped and started again on their files. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, MongoClient } from "mongodb";

/** Where a node runs. */
export interface Place {
  readonly address: string;
  /** Stands before the command, and gives its process over to it. */
  readonly launch: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const NAME = "rs0";
const PORT = 27017;
/** As long as a slow machine may take to elect one. It takes 2 to 4 s with the timing below. */
const PRIMARY_WITHIN_MS = 30_000;
/** A node that was away catches up first, and may have to roll back. 2 s, mostly; on a machine that is very busy, 30. */
const WHOLE_WITHIN_MS = 120_000;
const ANSWER_WITHIN_MS = 1_500;
const LOOK_EVERY_MS = 100;

export class Node {
  readonly place: Place;
  /** Its log's file. */
  readonly log: string;
  /** When it was killed without a warning, in milliseconds of `performance.now()`: the log may lack what it did last. */
  readonly kills: number[] = [];
  readonly #path: string;
  readonly #directory: string;
  readonly #told: string;
  #process: ChildProcess | undefined;

  /** @param told which operations its log tells, as a filter of profiles */
  constructor(path: string, directory: string, place: Place, told: string) {
    this.place = place;
    this.log = `${directory}.log`;
    this.#told = told;
    this.#path = path;
    this.#directory = directory;
    mkdirSync(directory);
  }

  get host(): string {
    return `${this.place.address}:${PORT}`;
  }

  start(): void {
    const [command = "", ...args] = [
      ...this.place.launch,
      this.#path,
      ...["--dbpath", this.#directory, "--port", String(PORT), "--bind_ip_all", "--nounixsocket"],
      ...["--replSet", NAME, "--oplogSize", "256", "--wiredTigerCacheSizeGB", "0.25"],
      ...["--setParameter", "diagnosticDataCollectionEnabled=false", "--profileFilter", this.#told],
      // From SIGTERM on it waits so long for a successor to be elected; 15 s by default.
      ...["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=1000"],
    ];
    const log = openSync(this.log, "a");
    this.#process = spawn(command, args, {
      stdio: ["ignore", log, log],
      detached: true,
      env: { PATH: process.env.PATH, ...this.place.environment },
    });
    closeSync(log);
  }

  /** For people: whether it runs. */
  get exit(): string {
    const { exitCode = null, signalCode = null } = this.#process ?? {};
    return exitCode === null && signalCode === null ? "runs" : `ended with ${signalCode ?? exitCode}`;
  }

  /** For people: the last that it said about its set or its end. */
  get lastLine(): string {
    const lines = readFileSync(this.log, "utf8").split("\n");
    return lines.findLast((line) => /"s":"[FEW]"|"c":"(REPL|ELECTION|ROLLBACK)"/.test(line))?.slice(0, 500) ?? "";
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** @param name SIGKILL: no warning. SIGTERM: it steps down first */
  async end(name: "SIGKILL" | "SIGTERM"): Promise<void> {
    const ending = this.#process;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = once(ending, "exit");
    if (name === "SIGKILL") this.kills.push(performance.now());
    ending.kill(name);
    await ended;
  }

  /**
   * What it answers to a command; undefined when it does not.
   *
   * @param ms after which it counts as away
   */
  async ask(command: Document, ms = ANSWER_WITHIN_MS): Promise<Document | undefined> {
    const within = `serverSelectionTimeoutMS=${ms}&socketTimeoutMS=${ms}`;
    const client = new MongoClient(`mongodb://${this.host}/?directConnection=true&${within}`);
    try {
      return await client.db("admin").command(command);
    } catch {
      return undefined;
    } finally {
      await client.close();
    }
  }
}

export class ReplicaSet {
  readonly nodes: readonly Node[];
  /** Without a database's name. */
  readonly uri: string;

  /**
   * @param directory that is there and becomes the nodes'
   * @param told which operations their logs tell, as a filter of profiles
   */
  constructor(path: string, directory: string, places: readonly Place[], told: string) {
    this.nodes = places.map((place, at) => new Node(path, join(directory, `node${at}`), place, told));
    this.uri = `mongodb://${this.nodes.map(({ host }) => host).join(",")}/?replicaSet=${NAME}`;
  }

  /** @throws Error when there is no set with a primary in time */
  async start(): Promise<void> {
    for (const node of this.nodes) node.start();
    const [first] = this.nodes;
    if (first === undefined) throw new Error("a set of no nodes");
    const config = {
      _id: NAME,
      members: this.nodes.map(({ host }, _id) => ({ _id, host })),
      // Servers are killed: what a majority has acknowledged must be on their disks.
      writeConcernMajorityJournalDefault: true,
      settings: { electionTimeoutMillis: 1500, heartbeatIntervalMillis: 500 },
    };
    await within("the nodes answer", async () => {
      const up = await Promise.all(this.nodes.map((node) => node.ask({ ping: 1 })));
      return up.every((answer) => answer !== undefined);
    });
    if ((await first.ask({ replSetInitiate: config }, PRIMARY_WITHIN_MS)) === undefined)
      throw new Error("the set was not initiated");
    await this.whole();
  }

  /** Who answers writes now. Of two that believe it, who was elected later. */
  async primary(): Promise<Node | undefined> {
    const answers = await Promise.all(this.nodes.map(async (node) => ({ node, hello: await node.ask({ hello: 1 }) })));
    const primaries = answers.filter(({ hello }) => hello?.isWritablePrimary === true);
    return primaries.sort((a, b) => elected(b.hello) - elected(a.hello))[0]?.node;
  }

  /** @throws Error when there is none in time */
  async primaryOtherThan(past?: Node): Promise<Node> {
    let found: Node | undefined;
    await within("a primary is elected", async () => {
      found = await this.primary();
      return found !== undefined && found !== past;
    });
    if (found === undefined) throw new Error("no primary");
    return found;
  }

  /**
   * Waits until one is primary and all others follow it.
   *
   * @throws Error with how each node stands when that is not so in time
   */
  async whole(): Promise<void> {
    const states = async (): Promise<readonly string[]> => {
      const status = await (await this.primary())?.ask({ replSetGetStatus: 1 });
      return (status?.members ?? []).map(({ stateStr }: { stateStr: string }) => stateStr);
    };
    let last: readonly string[] = [];
    const whole = async () => {
      last = await states();
      return last.filter((state) => state === "PRIMARY").length === 1 && last.every((state) => following.has(state));
    };
    await within("all nodes are there", whole, WHOLE_WITHIN_MS).catch((error: Error) => {
      const nodes = this.nodes.map(
        ({ host, exit, lastLine }, at) => `${host} ${last[at] ?? ""} ${exit}\n  ${lastLine}`,
      );
      throw new Error([error.message, ...nodes].join("\n"));
    });
  }
}

const following = new Set(["PRIMARY", "SECONDARY"]);

/** Terms begin electionIds, most significant bytes last. */
function elected(hello: Document | undefined): number {
  return Number.parseInt(String(hello?.electionId ?? "0").slice(8), 16);
}

async function within(what: string, so: () => Promise<boolean>, ms = PRIMARY_WITHIN_MS): Promise<void> {
  for (const from = performance.now(); performance.now() - from < ms; ) {
    if (await so()) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`not within ${ms} ms: ${what}`);
}
