import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { event, variable } from "../../domain/contract.ts";
import { Container, type Ended } from "../demo/container.ts";
import type { GivenBack } from "./check.ts";
import type { Life } from "./containers.ts";
import type { Host } from "./network.ts";
import type { Said } from "./story.ts";
import { monotonic, monotonicAt } from "./ticks.ts";
import type { WallClock } from "./wall-clock.ts";

/** Calls of a campaign, and how long each lasts: so that most of the time somebody claims, begins, steps or completes. */
export const CALLS = 10;
const CALL_SECONDS = 0.4;
/** In seconds: the quickest that the settings allow. */
export const INTERVAL = 1;
export const ORPHAN_AFTER = 47;
/** As long as Cloud Run waits between SIGTERM and SIGKILL. */
const GRACE_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** Two calls, and the steps between them. */
const HELD_WITHIN_MS = 1_000;

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

interface Stay {
  readonly container: Container;
  toldAt?: number;
  ended?: Ended;
}

/** A place where one container runs after another, as the executions of a Job do. */
export class Seat {
  readonly host: Host;
  readonly clock: WallClock;
  readonly #options: SeatOptions;
  /** Nobody's: while one ends as it was told, and when all is over. */
  #stay: Stay | undefined;
  readonly #all: Stay[] = [];

  constructor(options: SeatOptions) {
    this.host = options.host;
    this.clock = options.clock;
    this.#options = options;
  }

  get container(): Container {
    if (this.#stay === undefined) throw new Error(`nothing runs on ${this.host.name}`);
    return this.#stay.container;
  }

  /** The ids of all its containers. */
  get owners(): readonly string[] {
    return this.#all.map(({ container }) => ownerIn(container));
  }

  /** All its containers, with what they said, but that they live. */
  get lives(): readonly Life[] {
    return this.#all.map(({ container, toldAt, ended }) => ({
      seat: this.host.name,
      owner: ownerIn(container),
      toldAt,
      ended: ended && { at: monotonicAt(ended.at), code: ended.code },
      lines: container.lines
        .filter((line) => line.event !== event.heartbeat)
        .map((line) => ({ ...line, at: monotonicAt(line.heardAt) })),
    }));
  }

  /**
   * What its containers said that the database took back from them, all of them. Where some of several had gone already, a line
   * does not say which. It is rare: a container has one campaign at a time, and several only when one could not be given back before.
   */
  get givenBack(): readonly GivenBack[] {
    return this.#all.flatMap(({ container }) =>
      container.lines.flatMap(({ event, campaigns, changed }) =>
        event === "campaign_ended" && Array.isArray(campaigns) && changed === campaigns.length
          ? campaigns.map((campaign) => ({ campaign: String(campaign), owner: ownerIn(container) }))
          : [],
      ),
    );
  }

  /** What its containers said, all of them, but that they live. */
  get said(): readonly Said[] {
    return this.#all.flatMap(({ container }) =>
      container.lines
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
        HOLD: this.#hold,
      },
    });
    const stay: Stay = { container };
    this.#stay = stay;
    this.#all.push(stay);
    void container.ended.then((ended) => {
      stay.ended = ended;
      if (this.#stay === stay) this.fill();
    });
  }

  /** Ends its container as Cloud Run does, and starts another one. @returns what it exited with; null when it had to be killed */
  async replace(): Promise<number | null> {
    const stay = this.#stay;
    const { container } = this;
    // Before it listens, a signal ends it like any other program.
    while (!container.has(event.runtimeStarted) && !container.over) await pause(LOOK_EVERY_MS);
    if (stay === undefined || container.over) return null;
    this.#stay = undefined;
    stay.toldAt = monotonic();
    container.signal("SIGTERM");
    const impatient = setTimeout(() => container.signalAll("SIGKILL"), GRACE_MS);
    const { code } = await container.ended;
    clearTimeout(impatient);
    this.fill();
    return code;
  }

  /** From now on a call goes on until the campaign is lost. @returns when one is under way */
  async holdCalls(): Promise<void> {
    writeFileSync(this.#hold, "");
    await pause(HELD_WITHIN_MS);
  }

  endCalls(): void {
    rmSync(this.#hold, { force: true });
  }

  get #hold(): string {
    return join(this.#options.directory, `${this.host.name}.hold`);
  }

  empty(): void {
    const container = this.#stay?.container;
    this.#stay = undefined;
    container?.signalAll("SIGKILL");
  }
}

function ownerIn({ lines }: Container): string {
  return String(lines.find(({ event }) => event === "runtime_started")?.containerId);
}
