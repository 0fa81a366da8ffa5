import { campaignOf } from "../../runtime/lease/record.ts";
import type { Leases } from "../../runtime/leases.ts";
import { nodeClock } from "../../runtime/node-clock.ts";
import { openLeases } from "../../runtime/open-leases.ts";
import type { Clock, Log } from "../../runtime/ports.ts";
import { run } from "../../runtime/run.ts";
import { readSettings } from "../../runtime/settings/read.ts";
import { openSocket, type WorkerSocket } from "../../runtime/socket/server.ts";
import type { Link } from "../../runtime/store/memory/link.ts";
import { MemoryServer, memoryStore } from "../../runtime/store/memory.ts";
import { defaultNames } from "../../runtime/store/names.ts";
import type { Child, Processes } from "../../runtime/supervisor/processes.ts";
import type { SignalName } from "../../runtime/supervisor/signals.ts";
import { systemParts } from "../../runtime/system.ts";
import { workerFile } from "./real-stage.ts";
import { type Actor, campaignIds, environmentOf, type Name, type Stage } from "./stage.ts";

const LAST = 5;

/**
 * The same runtime, twice in this process, over a database in its memory. The workers are real.
 *
 * @param why there is no MongoDB
 */
export function memoryStage(why: string, effects: string): Stage {
  const server = new MemoryServer(() => Date.now());
  for (const id of campaignIds) {
    server.perform({ kind: "campaigns", call: "insert", record: { id, status: "queued" } });
  }
  const containers: MemoryContainer[] = [];
  const killAll = () => {
    for (const container of containers) container.kill();
  };
  process.once("exit", killAll);
  return {
    told: `a database in memory (${why}) and two runtimes in this process; their workers are real`,
    start: (name) => {
      const container = new MemoryContainer(server, name, effects);
      containers.push(container);
      return container;
    },
    campaigns: async () => server.all("campaigns").map(campaignOf),
    close: async () => {
      await Promise.all(containers.map((container) => container.close()));
      process.off("exit", killAll);
    },
  };
}

class MemoryContainer implements Actor {
  readonly workers = new Set<number>();
  readonly #said: string[] = [];
  readonly #children: Child[] = [];
  readonly #code: Promise<number>;
  #containerId: string | undefined;
  #leases: Leases | undefined;
  #socket: WorkerSocket | undefined;
  #signal: (name: SignalName) => void = () => {};
  #over = false;
  #killed = false;

  constructor(server: MemoryServer, name: Name, effects: string) {
    const environment = { PATH: process.env.PATH, ...environmentOf(name, effects) };
    const settings = {
      ...readSettings(environment),
      database: { uri: "mongodb://in-memory", database: undefined, names: defaultNames },
    };
    const log: Log = (_severity, event, message, { containerId } = {}) => {
      if (typeof containerId === "string") this.#containerId = containerId;
      if (event !== "worker_heartbeat") this.#said.push(message);
    };
    // What is killed does nothing more, and its words arrive nowhere.
    const clock: Clock = {
      ...nodeClock,
      after: (delay, call) => nodeClock.after(delay, () => !this.#killed && call()),
    };
    const link: Link = {
      after: clock.after,
      fate: () => (this.#killed ? { request: "lost", reply: "lost" } : { request: 0, reply: 0 }),
    };
    const parts = systemParts(log);
    const processes: Processes = {
      spawn: async (...order) => {
        const child = await parts.processes.spawn(...order);
        this.#children.push(child);
        this.workers.add(child.pid);
        return child;
      },
    };
    const ports = { ...parts, clock, processes };
    this.#code = run(settings, [process.execPath, workerFile], {
      ...ports,
      environment,
      signals: (call) => {
        this.#signal = call;
        return () => {};
      },
      openLeases: (order) => {
        this.#leases = openLeases(memoryStore(server, link), order, ports);
        return this.#leases;
      },
      openSocket: async (order) => {
        this.#socket = await openSocket(order);
        return this.#socket;
      },
      openHealthPort: async () => ({ close: async () => {} }),
    });
    const over = (why?: unknown) => {
      if (why instanceof Error) this.#said.push(why.message);
      this.#over = true;
    };
    this.#code.then(() => over(), over);
  }

  get containerId(): string | undefined {
    return this.#containerId;
  }

  get over(): boolean {
    return this.#over;
  }

  get lastLines(): readonly string[] {
    return this.#said.slice(-LAST);
  }

  async still() {
    return this.#leases?.still() ?? [];
  }

  kill(): void {
    this.#killed = true;
    for (const child of this.#children) child.killAll();
  }

  async close(): Promise<void> {
    if (this.#killed) {
      await this.#socket?.close();
      return;
    }
    this.#signal("SIGTERM");
    // Twice means: at once.
    this.#signal("SIGTERM");
    // How it failed was said.
    await Promise.allSettled([this.#code]);
  }
}
