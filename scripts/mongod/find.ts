/** The mongod that this machine has already. Only looks. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Finding } from "../../domain/findings.ts";
import { type Answer, cacheDirectory, isExecutable, onPath, type Program, shown } from "../programs/found.ts";

export const EXECUTABLE = process.platform === "win32" ? "mongod.exe" : "mongod";

/** The oldest that the driver talks to: MongoDB 4.4 (driver 7.9.0, wire version 9). */
const LEAST = "4.4";
/** Starting takes 0.1 s (measured). */
const MOST_MS = 10_000;

export function fetchedInto(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDirectory("mongod", env), "bin", EXECUTABLE);
}

/** Without network, and quick. */
export function findMongod(env: NodeJS.ProcessEnv = process.env): Program {
  const fetched = fetchedInto(env);
  const given = env.MONGOMS_SYSTEM_BINARY;
  const places = [
    { name: "MONGOMS_SYSTEM_BINARY", path: given, origin: "that MONGOMS_SYSTEM_BINARY names" },
    { name: "PATH", path: onPath(EXECUTABLE, env), origin: "on PATH" },
    { name: shown(fetched), path: isExecutable(fetched) ? fetched : undefined, origin: "fetched earlier" },
  ];
  const looked: Finding[] = [];
  for (const { name, path, origin } of places) {
    if (path === undefined || path === "") {
      looked.push({ path: name, problem: "has no mongod.", remedy: `One of MongoDB ${LEAST} or later would do.` });
      continue;
    }
    const { version, problem } = askVersion(path);
    if (version !== undefined) return { path, version, origin };
    looked.push({ path: name, problem: `has a mongod that ${problem}.`, remedy: "Put another one there." });
  }
  return { missing: "no mongod: `npm run mongod` gets one", looked };
}

/** The version that an executable says it has, if it is one that the driver talks to. */
export function askVersion(path: string): Answer {
  const { status, signal, error, stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: MOST_MS });
  if (error !== undefined) return { problem: `does not run (${(error as NodeJS.ErrnoException).code})` };
  if (status !== 0) return { problem: `does not run (${signal ?? `exit code ${status}`})` };
  const version = /db version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) return { problem: "does not tell its version" };
  const old = version.localeCompare(LEAST, "en", { numeric: true }) < 0;
  return old ? { problem: `is ${version}, older than ${LEAST}` } : { version };
}
