/** Scripts of workflows, with stand-ins for the commands that they call. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach } from "vitest";
import { repository } from "./stack-previews.ts";

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A directory with commands that do what a line of shell says. */
export function standIns(commands: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "stand-ins-"));
  directories.push(directory);
  for (const [name, line] of Object.entries(commands)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

/** @param directory of the stand-ins, in front of every other command */
export function bash(script: string, directory: string, env: Readonly<Record<string, string>> = {}, cwd = repository) {
  // As GitHub runs `shell: bash`: https://docs.github.com/actions/reference/workflow-syntax#jobsjob_idstepsshell (November 2026)
  const { status, stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
    cwd,
    encoding: "utf8",
    env: { PATH: [directory, dirname(process.execPath), process.env.PATH].join(delimiter), STACK: "prod", ...env },
  });
  return { status, said: stdout + stderr };
}
