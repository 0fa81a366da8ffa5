import { spawnSync } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { sources } from "../build-runtime/commit.ts";

const root = resolve(import.meta.dirname, "../..");

/**
 * The runtime as it is shipped, built where there is none or an older one.
 *
 * @param say for people who wait
 * @returns its path
 * @throws Error when it cannot be built
 */
export function builtRuntime(say: (text: string) => void): string {
  const file = join(root, "dist/agent-runtime.cjs");
  const built = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  const files = sources.flatMap((path) => [path, ...globSync(`${path}/**/*.ts`, { cwd: root })]);
  const newest = Math.max(...files.map((path) => statSync(join(root, path)).mtimeMs));
  if (built !== undefined && built >= newest) return file;
  say(`dist/agent-runtime.cjs is ${built === undefined ? "not there" : "older than its sources"}: it is built now`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "scripts/build-runtime.ts")], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the runtime could not be built:\n${stdout}${stderr}`);
  return file;
}
