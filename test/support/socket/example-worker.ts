import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { vi } from "vitest";

const examples = resolve(import.meta.dirname, "../../../runtime/examples");

/** The examples as they are. */
export const exampleWorkers = {
  Python: ["python3", join(examples, "python/worker_main.py")],
  Node: [process.execPath, join(examples, "node/worker.mjs")],
} as const;

/** What this machine lacks to run a Python worker, for `tier`. */
export function pythonMissing(): string | undefined {
  const least = "import sys; sys.exit(sys.version_info < (3, 9))";
  return spawnSync("python3", ["-c", least]).status === 0 ? undefined : "no python3 of 3.9 or later on the PATH";
}

export interface Effect {
  readonly campaign: string;
  readonly cursor: number;
  readonly attempt: string;
  readonly pid: number;
}

/** What reached the outside world, in its order. Nobody takes a line of it back. */
export function effectsIn(file: string): readonly Effect[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Effect);
}

export interface WorkerOptions {
  readonly language: keyof typeof exampleWorkers;
  readonly socket: string;
  readonly effects: string;
  /** Calls of a campaign. */
  readonly calls?: number;
  /** How long each lasts. */
  readonly callSeconds?: number;
  /** Python that runs before the worker's own. */
  readonly before?: string;
}

export interface ExampleWorker {
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it wrote to its stderr. */
  readonly said: string;
  signal(name: NodeJS.Signals): void;
  /** Waits until it has placed as many calls. */
  placed(count: number): Promise<void>;
}

const started = new Set<ChildProcess>();

/** An example's worker, as it is, in a process of its own. */
export function startWorker(options: WorkerOptions): ExampleWorker {
  const { language, socket, effects, calls = 3, callSeconds = 0, before } = options;
  const env = {
    PATH: process.env.PATH,
    PYTHONPATH: join(examples, "python"),
    PYTHONDONTWRITEBYTECODE: "1",
    AGENT_RUNTIME_SOCKET: socket,
    EFFECTS_FILE: effects,
    CALLS: String(calls),
    CALL_SECONDS: String(callSeconds),
  };
  const [command, ...args] =
    before === undefined
      ? exampleWorkers[language]
      : ["python3", "-c", `${before}\nimport worker_main\nworker_main.main()`];
  const child = spawn(command, args, { env, stdio: ["ignore", "inherit", "pipe"] });
  started.add(child);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) =>
    child.once("close", (code, signal) => {
      started.delete(child);
      done({ code, signal });
    }),
  );
  const pid = child.pid ?? 0;
  return {
    pid,
    exited,
    get said() {
      return said;
    },
    signal: (name) => void child.kill(name),
    placed: async (count) => {
      const enough = () => effectsIn(effects).filter((effect) => effect.pid === pid).length >= count;
      await vi.waitUntil(() => enough() || child.exitCode !== null, { timeout: 20_000, interval: 10 });
      if (!enough()) throw new Error(`the worker ended before it placed ${count}:\n${said}`);
    },
  };
}

/** Ends the workers that a test left. */
export function killWorkers(): void {
  for (const child of started) child.kill("SIGKILL");
}
