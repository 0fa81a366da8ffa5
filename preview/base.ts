/**
 * Another revision of the repository, checked out beside it for as long as its programs run.
 *
 * The working tree is not touched. The checkout stands in a directory for temporary files, and goes again whatever
 * happens: after an error, and after Ctrl-C.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Revision } from "./compare/comparison.ts";

/** The revision cannot be used; the message says why, and what to do. */
export class BaseError extends Error {
  override readonly name = "BaseError";
  /** Whether what was asked for is not there, rather than something that failed. */
  readonly usage: boolean;

  constructor(message: string, usage = false) {
    super(message);
    this.usage = usage;
  }
}

export interface Checkout {
  readonly revision: Revision;
  /** Where the project is in it: as far below the repository's root as in the working tree. */
  readonly projectDir: string;
}

/**
 * Finds the commit that a revision means, without changing anything.
 *
 * @throws BaseError when there is none, or no repository
 */
export function findRevision(projectDir: string, ref: string): Revision {
  const inside = git(projectDir, "rev-parse", "--is-inside-work-tree");
  if (inside.problem !== undefined)
    throw new BaseError(`--base compares two revisions, and there is no git: ${inside.problem}`, true);
  if (inside.stdout !== "true") {
    const why = inside.stderr === "" ? "" : ` (${inside.stderr.split("\n", 1)[0]})`;
    throw new BaseError(`--base compares two revisions, and this is no git repository${why}.`, true);
  }
  // Not the revision itself: one that begins with a hyphen would be an option.
  const found = git(projectDir, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  if (found.status === 0) return { ref, commit: found.stdout };
  const shallow = git(projectDir, "rev-parse", "--is-shallow-repository").stdout === "true";
  const remedy = shallow ? "This clone is shallow: fetch it first." : "Fetch it first, or give another revision.";
  throw new BaseError(`--base ${ref}: there is no such commit here. ${remedy}`, true);
}

/**
 * Checks a revision out, lets it be used, and takes it away again.
 *
 * @param tell hears of what takes long
 * @throws BaseError when it cannot be checked out, or its packages cannot be installed
 */
export async function withCheckout<Result>(
  projectDir: string,
  revision: Revision,
  tell: (message: string) => void,
  use: (checkout: Checkout) => Promise<Result>,
): Promise<Result> {
  // By its real path: on a Mac the directory is a link, and a program would be found under two names.
  const directory = realpathSync(await mkdtemp(join(tmpdir(), "agent-worker-base-")));
  const tree = join(directory, "tree");
  const remove = removal(projectDir, directory, tree);
  const stop = endingWithUs(remove);
  try {
    const prefix = git(projectDir, "rev-parse", "--show-prefix").stdout;
    // Without hooks: what a checkout sets off here is meant for people.
    const added = git(
      projectDir,
      "-c",
      "core.hooksPath=/dev/null",
      "worktree",
      "add",
      "--detach",
      tree,
      revision.commit,
    );
    if (added.status !== 0) {
      throw new BaseError(`${revision.ref} could not be checked out beside the working tree: ${added.stderr}`);
    }
    const checkout = { revision, projectDir: join(tree, prefix) };
    await providePackages(projectDir, checkout, tell);
    return await use(checkout);
  } finally {
    stop();
    remove();
  }
}

/** With the same lock file the packages are the same: those that are here are used. Otherwise it gets its own. */
async function providePackages(
  projectDir: string,
  { revision, projectDir: other }: Checkout,
  tell: (message: string) => void,
): Promise<void> {
  if (!existsSync(other)) return; // its stacks will be missing, which is said elsewhere
  const modules = join(projectDir, "node_modules");
  const lock = "package-lock.json";
  if (textOf(join(projectDir, lock)) === textOf(join(other, lock))) {
    if (existsSync(modules)) symlinkSync(modules, join(other, "node_modules"), "junction");
    return;
  }
  tell(`Installing the packages of ${revision.ref}: its ${lock} is another one …`);
  const { code, output } = await npmCi(other);
  if (code === 0) return;
  throw new BaseError(
    `the packages of ${revision.ref} could not be installed (npm ci ended with ${code}), so that nothing was compared:\n\n${output}`,
  );
}

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

/** How much of what npm says is shown, from the end. */
const NPM_LINES = 15;

function npmCi(directory: string): Promise<{ readonly code: number | string; readonly output: string }> {
  return new Promise((done) => {
    // Without scripts: packages of another revision run nothing here but what its program imports.
    const child = spawn("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    const stop = (): boolean => child.kill();
    process.once("exit", stop);
    const lines: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => lines.push(data));
    child.once("error", (error) => done({ code: error.message, output: "" }));
    child.once("close", (code, signal) => {
      process.off("exit", stop);
      const output = Buffer.concat(lines).toString().trim().split("\n").slice(-NPM_LINES).join("\n");
      done({ code: code ?? signal ?? "no code", output });
    });
  });
}

/** Takes the checkout out of git's list, and everything off the disk; the second time it does nothing. */
function removal(projectDir: string, directory: string, tree: string): () => void {
  let removed = false;
  return () => {
    if (removed) return;
    removed = true;
    // Never through a link to the packages of the working tree: neither of the two follows links.
    git(projectDir, "worktree", "remove", "--force", tree);
    rmSync(directory, { recursive: true, force: true });
  };
}

/** By number, as a shell counts: 128 and the signal's. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

function endingWithUs(remove: () => void): () => void {
  const handlers = Object.entries(signals).map(([signal, code]) => {
    const handler = (): void => {
      remove();
      process.exit(code);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  process.on("exit", remove);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    process.off("exit", remove);
  };
}

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why git could not be started. */
  readonly problem?: string;
}

function git(directory: string, ...args: readonly string[]): Answer {
  // Inside of a hook of git's, these would be about the repository that the hook is for.
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync("git", args, {
    cwd: directory,
    env,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return {
    status,
    stdout: (stdout ?? "").trim(),
    stderr: (stderr ?? "").trim(),
    ...(error !== undefined && { problem: error.message }),
  };
}
