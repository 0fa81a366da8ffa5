import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program that somebody waits for. */
export interface Work {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The lines on stderr that tell how far it is, and nothing of why it fails; and what so many of them mean. */
  readonly progress?: { readonly line: RegExp; readonly tell: (lines: number) => string };
}

/** Whoever waits: hears how it goes, and may stop it. */
export interface Waiting {
  readonly say: (text: string) => void;
  readonly stop: AbortSignal;
}

/** The message goes on after the name of what failed: "ended with exit code 1: …". */
export class Failure extends Error {}

const TELL_EVERY_MS = 15_000;
const WINDOWS = process.platform === "win32";

/**
 * @returns the lines that the program printed
 * @throws Failure when it does not succeed, the signal's reason when it was stopped
 */
export async function run(work: Work, { say, stop }: Waiting): Promise<readonly string[]> {
  stop.throwIfAborted();
  const from = Date.now();
  const child = spawn(work.command, work.args, {
    cwd: work.cwd,
    env: { ...process.env, ...work.env },
    stdio: ["ignore", "pipe", "pipe"],
    // npm is a script for cmd.exe there.
    shell: WINDOWS && work.command === "npm",
    detached: !WINDOWS,
  });
  const printed: string[] = [];
  const said: string[] = [];
  createInterface(child.stdout).on("line", (line) => printed.push(line));
  let steps = 0;
  createInterface(child.stderr).on("line", (line) => {
    if (work.progress?.line.test(line)) steps += 1;
    else said.push(line);
  });
  // As a terminal does it: Go tidies up after an interrupt alone, and counts on its compilers hearing of it too.
  const interrupt = () => (child.pid !== undefined && !WINDOWS ? process.kill(-child.pid, "SIGINT") : child.kill());
  stop.addEventListener("abort", interrupt);
  const telling = setInterval(() => {
    const far = work.progress === undefined ? "" : `, ${work.progress.tell(steps)}`;
    say(`  ${Math.round((Date.now() - from) / 1000)} s${far}`);
  }, TELL_EVERY_MS);
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    stop.throwIfAborted();
    if (code !== 0) throw new Failure(`ended with ${signal ?? `exit code ${code}`}${lastWords([...printed, ...said])}`);
    return printed;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new Failure("is not on PATH.");
    throw error;
  } finally {
    clearInterval(telling);
    stop.removeEventListener("abort", interrupt);
  }
}

/** The last two lines that say something. */
function lastWords(lines: readonly string[]): string {
  const words = lines.map((line) => line.trim()).filter((line) => line !== "" && !/^npm (warn|notice)\b/.test(line));
  return words.length === 0 ? "." : `: ${words.slice(-2).join("; ").replace(/\.?$/, ".")}`;
}
