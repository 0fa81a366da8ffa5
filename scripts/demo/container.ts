/** A container as Cloud Run would run it, without its walls: the bundled runtime, and below it the worker. */
import { spawn } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A line of the runtime's log. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly event: string;
  readonly message: string;
  /** When it was read, of `performance.now()`: its own time is the container's, which may be wrong. */
  readonly heardAt: number;
};

export interface ContainerOrder {
  /** The runtime's file. */
  readonly bundle: string;
  readonly worker: readonly string[];
  /** All that it has besides PATH and TMPDIR. */
  readonly environment: Readonly<Record<string, string>>;
  /** Stands before the command, and gives its process over to it: `ip netns exec NAME`. */
  readonly launch?: readonly string[];
  /** Where its temporary directory is made; the machine's own by default. */
  readonly directory?: string;
}

/** What `/v1/state` says, as far as it is of use here. */
export interface RuntimeState {
  readonly ready: boolean;
  readonly details: {
    readonly still?: readonly {
      readonly id: string;
      readonly unmovedSeconds: number;
      readonly dueInSeconds: number;
    }[];
  };
  readonly campaigns: readonly { readonly id: string; readonly state: string }[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Of `performance.now()`. */
  readonly at: number;
}

const TERM_WITHIN_MS = 5_000;
/** Two signals at once are one. */
const BETWEEN_SIGNALS_MS = 100;

const running = new Set<Container>();
process.once("exit", () => {
  for (const container of running) container.signalAll("SIGKILL");
});

export class Container {
  readonly lines: LogLine[] = [];
  /** What is no line of the runtime: the worker's own words. */
  readonly said: string[] = [];
  /** When it has ended, and all that it wrote was read. */
  readonly ended: Promise<Ended>;
  /** Every process of a worker that it has had. */
  readonly workers = new Set<number>();
  readonly #pid: number;
  readonly #living = new Set<number>();
  readonly #temporary: string;
  readonly #listeners = new Set<() => void>();
  #over = false;

  constructor({ bundle, worker, environment, launch = [], directory = tmpdir() }: ContainerOrder) {
    this.#temporary = mkdtempSync(join(directory, "aw-"));
    const [command = "", ...args] = [...launch, process.execPath, bundle, "--", ...worker];
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      // Not in the group of whoever runs it: a Ctrl-C there would end it behind our back.
      detached: true,
      env: { PATH: process.env.PATH, TMPDIR: this.#temporary, ...environment },
    });
    this.#pid = child.pid ?? 0;
    const read = (line: string) => {
      this.#hear(line);
      for (const call of this.#listeners) call();
    };
    createInterface(child.stdout).on("line", read);
    createInterface(child.stderr).on("line", read);
    running.add(this);
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        this.#over = true;
        resolve({ code, signal, at: performance.now() });
        for (const call of this.#listeners) call();
      });
    });
  }

  get over(): boolean {
    return this.#over;
  }

  #hear(line: string): void {
    const heard = logLine(line);
    if (heard?.event === undefined) {
      this.said.push(line);
      return;
    }
    this.lines.push(heard);
    if (typeof heard.pid !== "number") return;
    if (heard.event === "worker_started") {
      this.workers.add(heard.pid);
      this.#living.add(heard.pid);
    }
    if (heard.event === "worker_exited") this.#living.delete(heard.pid);
  }

  /** Calls whenever there is more to read, or it has ended. */
  onChange(call: () => void): void {
    this.#listeners.add(call);
  }

  has(event: string): boolean {
    return this.lines.some((line) => line.event === event);
  }

  /** To the runtime alone, as Cloud Run does it. */
  signal(name: NodeJS.Signals): void {
    if (!this.#over) process.kill(this.#pid, name);
  }

  /** To everything in it at once: what happens to a container happens to all of it. */
  signalAll(name: NodeJS.Signals): void {
    this.signal(name);
    for (const worker of this.#living) toGroup(worker, name);
    if (name === "SIGKILL") this.#living.clear();
  }

  /** Its own account of how things stand; undefined where there is none. */
  state(): Promise<RuntimeState | undefined> {
    const [socketPath] = globSync(join(this.#temporary, "agent-runtime-*", "socket"));
    if (socketPath === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const asked = request({ socketPath, path: "/v1/state", timeout: 1_000 }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("close", () => resolve(response.complete ? (JSON.parse(text) as RuntimeState) : undefined));
      });
      asked.on("timeout", () => asked.destroy());
      asked.on("error", () => resolve(undefined));
      asked.end();
    });
  }

  /** Ends it, politely first, and leaves nothing of it. */
  async close(): Promise<void> {
    this.signal("SIGTERM");
    // Twice means: at once, without waiting for calls.
    const impatient = setTimeout(() => this.signal("SIGTERM"), BETWEEN_SIGNALS_MS);
    const late = setTimeout(() => this.signalAll("SIGKILL"), TERM_WITHIN_MS);
    await this.ended;
    clearTimeout(impatient);
    clearTimeout(late);
    this.signalAll("SIGKILL");
    running.delete(this);
    rmSync(this.#temporary, { recursive: true, force: true });
  }
}

function toGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    // All of it has ended.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** @returns undefined for what a worker says in words of its own */
function logLine(line: string): LogLine | undefined {
  try {
    return line.startsWith("{") ? { ...(JSON.parse(line) as LogLine), heardAt: performance.now() } : undefined;
  } catch {
    return undefined;
  }
}
