import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll } from "vitest";
import type { Settings } from "../../../runtime/settings.ts";

const program = fileURLToPath(new URL("program.ts", import.meta.url));

/** A runtime that runs as a process of its own, with a real worker. */
export interface Launched {
  readonly pid: number;
  /** Everything that it and its worker have written so far. */
  output(): string;
  /** Once the output holds this text. @throws Error when it ends, or has ended, without it */
  says(text: string): Promise<void>;
  /** Once it has ended, and how long after `since` (of `performance.now()`) that was. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly at: number }>;
  /** When it has ended itself, of `performance.now()`; `ended` also waits for whoever else has its standard output. */
  readonly exited: Promise<number>;
  signal(name: NodeJS.Signals): void;
  /** The runtime's own lines, with an event. */
  lines(): readonly Readonly<Record<string, unknown>>[];
  line(event: string): Readonly<Record<string, unknown>>;
}

export interface LaunchOptions {
  readonly settings?: Partial<Settings>;
  /** What it is started by: an init process. */
  readonly below?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What runs, instead of `program.ts`. */
  readonly program?: string;
}

const running = new Set<() => void>();

/** Ends what a failed test has left. */
export function endAll(): void {
  for (const end of running) end();
}

/** A directory for a test file, and what a failed test of it may have left: both are gone in the end. */
export function workplace(name: string): { readonly directory: string; readonly left: number[] } {
  const directory = mkdtempSync(join(tmpdir(), `${name}-`));
  const left: number[] = [];
  afterAll(() => {
    endAll();
    for (const pid of left.filter(lives)) process.kill(pid, "SIGKILL");
    rmSync(directory, { recursive: true });
  });
  return { directory, left };
}

/** Not `execFileSync`: what runs beside it here measures time. */
export const ran = (program: string, ...args: readonly string[]) =>
  promisify(execFile)(program, args, { timeout: 20_000 });

export const bash = (script: string) => ["bash", "-c", script];

export function launch(command: readonly string[], options: LaunchOptions = {}): Launched {
  const [first = "", ...rest] = [
    ...(options.below ?? []),
    process.execPath,
    options.program ?? program,
    JSON.stringify(options.settings ?? {}),
    ...command,
  ];
  const started = spawn(first, rest, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...options.environment, NODE_OPTIONS: "" },
  });
  let output = "";
  const waiting = new Set<() => void>();
  started.stdout.setEncoding("utf8");
  started.stdout.on("data", (part: string) => {
    output += part;
    for (const look of waiting) look();
  });
  const end = () => {
    started.kill("SIGKILL");
    for (const { event, pid } of lines())
      if (event === "worker_started" && lives(Number(pid))) process.kill(-Number(pid), "SIGKILL");
  };
  running.add(end);
  const ended = new Promise<Awaited<Launched["ended"]>>((resolve) => {
    started.once("close", (code, signal) => {
      running.delete(end);
      resolve({ code, signal, at: performance.now() });
    });
  });
  const exited = new Promise<number>((resolve) => started.once("exit", () => resolve(performance.now())));
  const lines = () =>
    output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return {
    pid: started.pid ?? 0,
    output: () => output,
    says: async (text) => {
      let look = () => {};
      const said = new Promise<void>((resolve) => {
        look = () => {
          if (output.includes(text)) resolve();
        };
      });
      waiting.add(look);
      look();
      await Promise.race([said, ended]);
      waiting.delete(look);
      if (!output.includes(text)) throw new Error(`it ended without saying ${text}:\n${output}`);
    },
    ended,
    exited,
    signal: (name) => void started.kill(name),
    lines,
    line: (event) => {
      const line = lines().find((line) => line.event === event);
      if (line === undefined) throw new Error(`no ${event} in:\n${output}`);
      return line;
    },
  };
}

/** The state of a process (`man 5 proc_pid_stat`), undefined when there is none. */
export function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2)[0];
  } catch {
    return undefined;
  }
}

export function lives(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== "Z" && state !== "X";
}

/** The first child of a runtime: its worker. 0 while there is none. */
export function workerOf(pid: number | undefined): number {
  try {
    return Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1"), 10) || 0;
  } catch {
    return 0;
  }
}

/** The processes that a worker said it had started: `started 4711`. */
export function startedIn(output: string): readonly number[] {
  return [...output.matchAll(/^started (\d+)$/gm)].map(([, pid]) => Number(pid));
}

export function missing(program: string, ...args: readonly string[]): string | undefined {
  return spawnSync(program, args).status === 0
    ? undefined
    : `no ${program} on the PATH; Debian's package is called ${program}`;
}
