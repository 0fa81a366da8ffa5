/** The runtime as it is shipped: built once a test file, and run as a process. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "./stack-previews.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Builds from the sources of some directory, of a commit that the test names: not this one, which may be anything. */
export function buildRuntime(outdir: string, root = repository, commit = "0123abc"): string {
  return execFileSync(process.execPath, [join(root, "scripts/build-runtime.ts"), "--outdir", outdir], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, SOURCE_COMMIT: commit },
  });
}

/** A built runtime, and what it does with a command line in an environment that holds nothing else. */
export class BuiltRuntime {
  readonly directory = mkdtempSync(join(tmpdir(), "agent-runtime-"));
  readonly file = join(this.directory, "agent-runtime.cjs");
  readonly told = buildRuntime(this.directory);

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return new Promise((resolve) => {
      const options = { env: { PATH: process.env.PATH, ...env }, encoding: "utf8", timeout: 40_000 } as const;
      execFile(process.execPath, [this.file, ...args], options, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, stdout, stderr });
      });
    });
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
