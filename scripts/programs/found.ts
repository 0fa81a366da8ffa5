/** Where the programs are that the tests need: on PATH, or fetched earlier. */
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, sep } from "node:path";
import type { Finding } from "../../domain/findings.ts";

/** A program that this machine has, or why not. */
export type Program =
  | {
      readonly path: string;
      readonly version: string;
      /** Where it comes from, for people. */
      readonly origin: string;
      readonly missing?: undefined;
    }
  | {
      /** Why there is none and how to get one, for `tier`. */
      readonly missing: string;
      /** What was found in each place. */
      readonly looked: readonly Finding[];
    };

/** What a program says of itself. */
export type Answer =
  | { readonly version: string; readonly problem?: undefined }
  | { readonly version?: undefined; readonly problem: string };

/** What is fetched is kept outside the repository, for all checkouts. */
export function cacheDirectory(name: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || ownCache(env), "agent-worker", name);
}

function ownCache(env: NodeJS.ProcessEnv): string {
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  if (process.platform === "win32") return env.LOCALAPPDATA || join(homedir(), "AppData", "Local");
  return join(homedir(), ".cache");
}

/** A path as people write it, without their name in it. */
export function shown(path: string): string {
  return path.startsWith(homedir() + sep) ? path.replace(homedir(), "~") : path;
}

export function onPath(executable: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, executable))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
