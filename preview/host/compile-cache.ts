/**
 * Where Node may keep compiled code between runs: the SDK is 4 MB of JavaScript, and compiling it is a good part of
 * the time of a preview. Outside the repository, private to the user, and never a reason to fail.
 */
import { lstatSync, mkdirSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** @returns a directory that exists and is ours, or undefined when there is none */
export function compileCacheDir(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.NODE_COMPILE_CACHE !== undefined) return env.NODE_COMPILE_CACHE === "" ? undefined : env.NODE_COMPILE_CACHE;
  const candidates = [
    join(env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "agent-worker", "node"),
    join(tmpdir(), `agent-worker-node-${process.getuid?.() ?? "cache"}`),
  ];
  return candidates.find(ours);
}

/** Compiled code is executed: a directory that somebody else made, say in /tmp, must not be used. */
function ours(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const status = lstatSync(directory);
    return status.isDirectory() && (process.getuid === undefined || status.uid === process.getuid());
  } catch {
    return false;
  }
}
