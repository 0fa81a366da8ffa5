/**
 * Runs a Pulumi Node program as the CLI's language host would, against services of ours, and always comes back.
 *
 * The command line and environment are those of `pulumi-language-nodejs` (github.com/pulumi/pulumi, sdk/nodejs/cmd/
 * pulumi-language-nodejs/main.go): the program itself sees no difference.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import type { StackSettings } from "../stack/stack-files.ts";
import { compileCacheDir } from "./compile-cache.ts";
import { type Service, serve } from "./serve.ts";

/** How much of a program's own output is kept, from the end. */
const KEPT_OUTPUT = 64 * 1024; // characters a stream

/** The SDK names this variable where a program leaves promises behind, and then prints their stacks. */
const DEBUG_LEAKS = "PULUMI_DEBUG_PROMISE_LEAKS";

const LIGHTEN = join(import.meta.dirname, "lighten.cjs");

/** How many resource operations the SDK may have under way; the CLI's own number depends on the machine. */
const PARALLEL = 64;

export interface Launch {
  /** The directory of Pulumi.yaml, absolute. */
  readonly projectDir: string;
  readonly settings: StackSettings;
  /** What the program's process may call. */
  readonly services: readonly Service[];
  readonly timeoutMs: number;
  /** Runs the SDK just as it is, without `lighten.cjs`: several times slower, for comparison only. */
  readonly stock?: boolean;
  /** Resolves with a time in milliseconds when the program must end: it has that long to do so by itself. */
  readonly endEarly: Promise<number>;
}

export interface ProgramOutput {
  /** The last 64 Ki characters of each. */
  readonly stdout: string;
  readonly stderr: string;
}

export type Ending =
  | { readonly how: "exited"; readonly code: number }
  | { readonly how: "killed"; readonly signal: string }
  | { readonly how: "timed-out" }
  | { readonly how: "ended-early" }
  | { readonly how: "not-started"; readonly problem: string };

export interface Launched {
  readonly ending: Ending;
  readonly output: ProgramOutput;
}

/** Exit code of a program whose errors the SDK has already logged (cmd/run/index.js). */
export const ALREADY_REPORTED = 32;

/** Never rejects for anything that the program does. */
export async function launch(options: Launch): Promise<Launched> {
  const { port, close } = await serve(options.services);
  try {
    return await run(options, `127.0.0.1:${port}`);
  } finally {
    close();
  }
}

function run(options: Launch, address: string): Promise<Launched> {
  const command = commandLine(options, address);
  if ("problem" in command) return Promise.resolve(notStarted(command.problem));
  const child = start(command, options.settings);
  if ("problem" in child) return Promise.resolve(notStarted(child.problem));
  const stdout = keepEnd(child.stdout);
  const stderr = keepEnd(child.stderr);

  return new Promise((done) => {
    let cause: Ending | undefined;
    let over = false;
    const end = (how: Ending): void => {
      if (over) return;
      cause ??= how;
      killGroup(child);
    };
    const timers = [setTimeout(() => end({ how: "timed-out" }), options.timeoutMs)];
    options.endEarly.then((graceMs) => timers.push(setTimeout(() => end({ how: "ended-early" }), graceMs)));
    const forget = endWithUs(child);
    const finish = (ending: Ending): void => {
      for (const timer of timers) clearTimeout(timer);
      forget();
      done({ ending: cause ?? ending, output: { stdout: stdout(), stderr: stderr() } });
    };
    child.once("error", (error) => finish({ how: "not-started", problem: error.message }));
    child.once("exit", (code, signal) => {
      over = true;
      // What the program left running holds its pipes open, and would hold us.
      killGroup(child);
      const ending: Ending = code === null ? { how: "killed", signal: signal ?? "unknown" } : { how: "exited", code };
      const late = setTimeout(() => finish(ending), 1_000);
      child.once("close", () => {
        clearTimeout(late);
        finish(ending);
      });
    });
  });
}

const notStarted = (problem: string): Launched => ({
  ending: { how: "not-started", problem },
  output: { stdout: "", stderr: "" },
});

function start({ pwd, args }: Command, settings: StackSettings) {
  try {
    return spawn(process.execPath, args, {
      cwd: pwd,
      env: environment(settings),
      stdio: ["ignore", "pipe", "pipe"],
      // Its own process group, so that whatever it has started can be ended with it.
      detached: process.platform !== "win32",
    });
  } catch (error) {
    return { problem: `the program could not be started: ${error instanceof Error ? error.message : String(error)}` };
  }
}

interface Command {
  readonly pwd: string;
  readonly args: readonly string[];
}

/** The program's directory and entry as the engine derives them from `main` (pkg/engine/project.go, GetPwdMain). */
function commandLine(options: Launch, address: string): Command | { readonly problem: string } {
  const { project, stack } = options.settings;
  const main = resolve(options.projectDir, project.main ?? ".");
  const status = statSync(main, { throwIfNoEntry: false });
  if (status === undefined)
    return { problem: `Pulumi.yaml names ${project.main} as its program, and there is no such file` };
  const [pwd, entry] = status.isDirectory() ? [main, "."] : [dirname(main), basename(main)];
  const sdk = findSdk(pwd);
  if (sdk === undefined) return { problem: `@pulumi/pulumi is not installed for ${options.projectDir} (npm ci)` };
  return {
    pwd,
    args: [
      ...project.nodeArgs,
      // In one word: as two, the SDK would take it for a loader of the program's own (cmd/run/run.js, hasLoaders).
      ...(options.stock === true || process.env[DEBUG_LEAKS] ? [] : [`--require=${LIGHTEN}`]),
      sdk,
      ...["--monitor", address],
      ...["--engine", address],
      ...["--project", project.name],
      ...["--stack", stack],
      ...["--organization", "organization"], // the name that a backend without organizations gives
      ...["--root-directory", options.projectDir],
      ...["--pwd", pwd],
      "--dry-run",
      ...["--parallel", String(PARALLEL)],
      entry,
    ],
  };
}

function findSdk(directory: string): string | undefined {
  try {
    return createRequire(join(directory, "program.js")).resolve("@pulumi/pulumi/cmd/run/index.js");
  } catch {
    return undefined;
  }
}

function environment({ project, config, secretKeys }: StackSettings): NodeJS.ProcessEnv {
  // Settings of a CLI that may surround us (another stack's configuration, its backend) are not this program's.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_") || name === DEBUG_LEAKS);
  const cache = compileCacheDir();
  return {
    ...Object.fromEntries(inherited),
    ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }),
    ...(project.typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...configVariables(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
  };
}

/** Linux takes no longer one; the CLI's language host passes everything in one and fails (pulumi/pulumi#8680). */
const LONGEST_VARIABLE = 128 * 1024; // bytes, MAX_ARG_STRLEN, with the name and the final zero

/** True when the CLI could not start the program with this configuration, on Linux. */
export const tooLongForTheCli = (config: StackSettings["config"]): boolean =>
  Buffer.byteLength(`PULUMI_CONFIG=${JSON.stringify(config)}`) >= LONGEST_VARIABLE;

/** The configuration as the SDK reads it, or in pieces that `lighten.cjs` puts together. */
function configVariables(config: StackSettings["config"]): Record<string, string> {
  const text = JSON.stringify(config);
  if (!tooLongForTheCli(config)) return { PULUMI_CONFIG: text };
  const ascii = text.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const pieces = ascii.match(/.{1,100000}/g) ?? [];
  return Object.fromEntries(pieces.map((piece, i) => [`AGENT_WORKER_PREVIEW_CONFIG_${i}`, piece]));
}

/** @returns what was last written, decoded */
function keepEnd(stream: NodeJS.ReadableStream): () => string {
  let kept = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    kept = (kept + text).slice(-KEPT_OUTPUT);
  });
  return () => kept;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

const running = new Set<ChildProcess>();

function endAll(): void {
  for (const child of running) killGroup(child);
}

/** Our own end, by whatever signal, must not leave a program behind: in its own group it hears no Ctrl-C. */
function onSignal(signal: NodeJS.Signals): void {
  endAll();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(name, onSignal);
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function endWithUs(child: ChildProcess): () => void {
  if (running.size === 0) {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
    process.on("exit", endAll);
  }
  running.add(child);
  return () => {
    if (!running.delete(child) || running.size > 0) return;
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(name, onSignal);
    process.off("exit", endAll);
  };
}
