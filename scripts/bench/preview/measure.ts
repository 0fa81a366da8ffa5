/** What commands cost: the time from spawn to exit, and the peak of memory over all their processes. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Left out, ours. */
  readonly cwd?: string;
  /** Left out, ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether what it prints is of interest only when it fails. */
  readonly quiet?: boolean;
}

const SAMPLE_EVERY_MS = 25;

/** Milliseconds for commands one after another. */
export async function timed(commands: readonly Command[]): Promise<number> {
  const before = performance.now();
  for (const command of commands) await start(command).done;
  return performance.now() - before;
}

/** MiB of Pss at the worst moment of commands one after another, each with all its descendants. */
export async function peakOf(commands: readonly Command[]): Promise<number> {
  let peak = 0;
  for (const command of commands) {
    const { pid, done } = start(command);
    let over = false;
    const ended = done.finally(() => {
      over = true;
    });
    while (!over) {
      const now = processTree(pid).reduce((sum, each) => sum + pss(each), 0);
      peak = Math.max(peak, now);
      await sleep(SAMPLE_EVERY_MS);
    }
    await ended;
  }
  return peak / 1024;
}

function start({ file, args, cwd, env, quiet = false }: Command): {
  readonly pid: number;
  readonly done: Promise<void>;
} {
  const child = spawn(file, args, { cwd, env, stdio: quiet ? ["ignore", "ignore", "pipe"] : "inherit" });
  const complaints: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => complaints.push(chunk));
  const done = new Promise<void>((resolved, rejected) => {
    child.once("error", rejected);
    child.once("exit", (code) => {
      if (code === 0) resolved();
      else rejected(new Error(`${[file, ...args].join(" ")} ended with ${code}\n${Buffer.concat(complaints)}`));
    });
  });
  return { pid: child.pid ?? 0, done };
}

function processTree(root: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of existsSync("/proc") ? readdirSync("/proc") : []) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /^PPid:\s+(\d+)/m.exec(readProc(name, "status"))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const tree = [root];
  for (const member of tree) for (const [pid, parent] of parents) if (parent === member) tree.push(pid);
  return tree;
}

/** KiB. */
const pss = (pid: number): number => Number(/^Pss:\s+(\d+)/m.exec(readProc(String(pid), "smaps_rollup"))?.[1] ?? 0);

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // gone in the meantime
  }
}
