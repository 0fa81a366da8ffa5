/** Containers over a real database: the bundle as processes, real workers, calls that nobody can take back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Db, type Document, MongoClient } from "mongodb";
import { encodeCalendar, variable } from "../../domain/contract.ts";
import { Container, type LogLine } from "../../scripts/demo/container.ts";
import { effectsIn } from "./socket/python-worker.ts";

const examples = resolve(import.meta.dirname, "../../runtime/examples");

/** The examples as they are, and who begins a call and never makes it. */
export const worker = {
  node: [process.execPath, join(examples, "node/worker.mjs")],
  python: ["python3", join(examples, "python/worker_main.py")],
  hesitant: [
    process.execPath,
    "--input-type=module",
    "--eval",
    `import { campaigns } from ${JSON.stringify(join(examples, "node/agent-runtime.mjs"))};
     for await (const campaign of campaigns()) {
       const room = await campaign.begin("dial");
       console.log("began", room);
       await new Promise(() => setInterval(() => {}, 1000));
     }`,
  ],
  /** Answers calls, and knows nothing of campaigns. */
  receptionist: ["sleep", "600"],
} as const;

export interface Start {
  readonly worker: readonly string[];
  readonly calls?: number;
  readonly callSeconds?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Heartbeat {
  /** Seconds. */
  readonly interval: number;
  readonly orphanAfter: number;
}

const LOOK_EVERY_MS = 50;

export class RealWorld {
  readonly db: Db;
  readonly #client: MongoClient;
  readonly #uri: string;
  readonly #bundle: string;
  readonly #heartbeat: Heartbeat;
  readonly #directory = mkdtempSync(join(tmpdir(), "takeover-"));
  readonly #effects = join(this.#directory, "effects.jsonl");
  readonly #containers: Container[] = [];

  /** @param name of the database: a world of its own on a server that several share */
  constructor(uri: string, name: string, bundle: string, heartbeat: Heartbeat) {
    this.#uri = uri;
    this.#client = new MongoClient(uri);
    this.db = this.#client.db(name);
    this.#bundle = bundle;
    this.#heartbeat = heartbeat;
  }

  async campaign(...ids: readonly string[]): Promise<void> {
    await this.db
      .collection<Document & { _id: string }>("campaigns")
      .insertMany(ids.map((_id) => ({ _id, status: "queued" })));
  }

  async record(id: string): Promise<Document> {
    const found = await this.db.collection<Document & { _id: string }>("campaigns").findOne({ _id: id });
    if (found === null) throw new Error(`no campaign ${id}`);
    return found;
  }

  start({ worker, calls = 3, callSeconds = 0, environment = {} }: Start): Container {
    const container = new Container({
      bundle: this.#bundle,
      worker,
      environment: {
        MONGODB_URI: this.#uri,
        AGENT_DATABASE: this.db.databaseName,
        [variable.heartbeatInterval]: `${this.#heartbeat.interval}s`,
        [variable.orphanAfter]: `${this.#heartbeat.orphanAfter}s`,
        // None of these workers is LiveKit's.
        AGENT_WORKER_HEALTH: "off",
        PYTHONDONTWRITEBYTECODE: "1",
        EFFECTS_FILE: this.#effects,
        CALLS: `${calls}`,
        CALL_SECONDS: `${callSeconds}`,
        POLL_SECONDS: "0.2",
        ...environment,
      },
    });
    this.#containers.push(container);
    return container;
  }

  /** The calls that were made, in their order: `spring 0`. */
  calls(): readonly string[] {
    return effectsIn(this.#effects).map(({ campaign, cursor }) => `${campaign} ${cursor}`);
  }

  attempts(): readonly string[] {
    return effectsIn(this.#effects).map(({ attempt }) => attempt);
  }

  /** Which process made each call. */
  callers(): readonly number[] {
    return effectsIn(this.#effects).map(({ pid }) => pid);
  }

  /** @throws Error with all that was written when it is not so in time */
  async until(what: string, seconds: number, so: () => boolean | Promise<boolean>): Promise<void> {
    for (const from = performance.now(); performance.now() - from < seconds * 1000; await pause(LOOK_EVERY_MS))
      if (await so()) return;
    throw new Error(`not within ${seconds} s: ${what}\n${this.told()}`);
  }

  async says(container: Container, event: string, seconds: number): Promise<LogLine> {
    await this.until(`${event} in the log`, seconds, () => container.has(event));
    return lineOf(container, event);
  }

  becomes(id: string, status: string, seconds: number): Promise<void> {
    return this.until(`${id} is ${status}`, seconds, async () => (await this.record(id)).status === status);
  }

  /** For people who read why a test failed. */
  told(): string {
    return this.#containers
      .map(({ lines, said }, at) => {
        const log = lines.map(({ time, severity, event, message, ...fields }) =>
          event === "worker_heartbeat" ? "" : `  ${time} ${severity} ${event}: ${message} ${JSON.stringify(fields)}\n`,
        );
        return `container ${at}\n${log.join("")}${said.map((line) => `  | ${line}\n`).join("")}`;
      })
      .join("");
  }

  async close(): Promise<void> {
    if (process.env.SHOW_LOGS) console.log(`${this.db.databaseName}\n${this.told()}`);
    await Promise.all(this.#containers.map((container) => container.close()));
    await this.#client.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export function lineOf({ lines }: Container, event: string): LogLine {
  const line = lines.find((line) => line.event === event);
  if (line === undefined) throw new Error(`no ${event}`);
  return line;
}

export function linesOf({ lines }: Container, event: string): readonly LogLine[] {
  return lines.filter((line) => line.event === event);
}

/** When a line was written, on the wall clock that all containers here share. */
export function timeOf(line: LogLine): number {
  return Date.parse(String(line.time));
}

/** What went wrong, as the log has it: `WARNING orphan_recovered`. */
export function troubles({ lines }: Container): readonly string[] {
  return lines
    .filter(({ severity }) => severity !== "INFO" && severity !== "NOTICE" && severity !== "DEBUG")
    .map(({ severity, event }) => `${severity} ${event}`);
}

/** What a Job of a clinic that is open now, and for hours, has in its environment. */
export function openNow(job: string, now = Date.now()): Readonly<Record<string, string>> {
  const { hour, minute } = zoned(now);
  const calendar = {
    timeZone: "UTC",
    // From an hour ago on, so that midnight is never in the way of an opening that must be over.
    windows: [
      {
        name: "always",
        days: [1, 2, 3, 4, 5, 6, 7] as const,
        open: hour * 60 + minute,
        close: hour * 60 + minute + 6 * 60,
      },
    ],
    holidays: [],
    lead: 0,
    drain: 60,
  };
  return {
    [variable.job]: `projects/clinic-project/locations/us-central1/jobs/${job}`,
    [variable.calendar]: encodeCalendar(calendar),
  };
}

function zoned(now: number): { readonly hour: number; readonly minute: number } {
  const at = new Date(now - 3_600_000);
  return { hour: at.getUTCHours(), minute: at.getUTCMinutes() };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
