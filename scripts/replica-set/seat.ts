import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { event, variable } from "../../domain/contract.ts";
import { Container } from "../demo/container.ts";
import type { GivenBack } from "./check.ts";
import type { Host } from "./network.ts";
import type { Said } from "./story.ts";
import { monotonicAt } from "./ticks.ts";
import type { WallClock } from "./wall-clock.ts";

/** Calls of a campaign, and how long each lasts: so that most of the time somebody claims, begins, steps or completes. */
export const CALLS = 10;
const CALL_SECONDS = 0.4;
/** In seconds: the quickest that the settings allow. */
export const INTERVAL = 1;
export const ORPHAN_AFTER = 47;

/** The interpreter itself: a launcher in front of it would be started with every worker. */
function python(): string {
  return execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
}

const client = resolve(import.meta.dirname, "../../runtime/examples/python");

export interface SeatOptions {
  readonly host: Host;
  readonly clock: WallClock;
  readonly uri: string;
  readonly database: string;
  /** The runtime's file. */
  readonly bundle: string;
  /** Of the whole world. */
  readonly directory: string;
}

/** A place where one container runs after another, as the executions of a Job do. */
export class Seat {
  readonly host: Host;
  readonly clock: WallClock;
  /** What containers exited with that nobody had told to end. */
  readonly left: (number | null)[] = [];
  readonly #options: SeatOptions;
  #container: Container | undefined;
  readonly #all: Container[] = [];

  constructor(options: SeatOptions) {
    this.host = options.host;
    this.clock = options.clock;
    this.#options = options;
  }

  get container(): Container {
    if (this.#container === undefined) throw new Error(`nothing runs on ${this.host.name}`);
    return this.#container;
  }

  /** The ids of all its containers. */
  get owners(): readonly string[] {
    return this.#all.map(ownerIn);
  }

  /** What its containers said that the database took back from them, all of them. */
  get givenBack(): readonly GivenBack[] {
    return this.#all.flatMap((container) =>
      container.lines.flatMap(({ event, campaigns, changed }) =>
        event === "campaign_ended" && Array.isArray(campaigns) && changed === campaigns.length
          ? campaigns.map((campaign) => ({ campaign: String(campaign), owner: ownerIn(container) }))
          : [],
      ),
    );
  }

  /** What its containers said, all of them, but that they live. */
  get said(): readonly Said[] {
    return this.#all.flatMap(({ lines }) =>
      lines
        .filter((line) => line.event !== event.heartbeat)
        .map(({ heardAt, message, campaign, campaigns }) => ({
          at: monotonicAt(heardAt),
          seat: this.host.name,
          message,
          campaigns: [
            ...(Array.isArray(campaigns) ? campaigns : []),
            ...(campaign === undefined ? [] : [campaign]),
          ].map(String),
        })),
    );
  }

  /** Starts a container; and another one when it ends by itself. */
  fill(): void {
    const { host, clock, uri, database, bundle, directory } = this.#options;
    clock.right();
    const container = new Container({
      bundle,
      // Without the wrong clock: under libfaketime 0.9.10 Python's sleep fails.
      worker: ["env", "--unset=LD_PRELOAD", python(), join(import.meta.dirname, "worker.py")],
      launch: [...host.launch, ...clock.launch],
      directory,
      environment: {
        ...clock.environment,
        MONGODB_URI: uri,
        AGENT_DATABASE: database,
        [variable.heartbeatInterval]: `${INTERVAL}s`,
        [variable.orphanAfter]: `${ORPHAN_AFTER}s`,
        // Without it a container would end with its first worker that is killed.
        [variable.runFor]: "12h",
        AGENT_RESTARTS: "100",
        AGENT_WORKER_HEALTH: "off",
        PYTHONDONTWRITEBYTECODE: "1",
        CLIENT: client,
        DEEDS: join(directory, "deeds"),
        CALLS: `${CALLS}`,
        CALL_SECONDS: `${CALL_SECONDS}`,
      },
    });
    this.#container = container;
    this.#all.push(container);
    void container.ended.then(({ code }) => {
      if (this.#container !== container) return;
      this.left.push(code);
      this.fill();
    });
  }

  /** Ends its container as Cloud Run does, and starts another one. @returns what it exited with */
  async replace(): Promise<number | null> {
    const { container } = this;
    this.#container = undefined;
    container.signal("SIGTERM");
    const { code } = await container.ended;
    this.fill();
    return code;
  }

  empty(): void {
    const container = this.#container;
    this.#container = undefined;
    container?.signalAll("SIGKILL");
  }
}

function ownerIn({ lines }: Container): string {
  return String(lines.find(({ event }) => event === "runtime_started")?.containerId);
}
