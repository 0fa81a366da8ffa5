import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { repository } from "./stack-previews.ts";

/** A git repository of a test's own, with the shipped stacks in it unless it says otherwise. */
export class ScratchRepository {
  readonly directory: string;
  /** For temporary files of what runs in it, so that leftovers are seen. */
  readonly temporary: string;

  constructor() {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "scratch-")));
    this.directory = join(root, "repository");
    this.temporary = join(root, "tmp");
    mkdirSync(this.directory);
    mkdirSync(this.temporary);
    this.git("init", "--quiet", "--initial-branch=main");
    this.write(
      "Pulumi.yaml",
      shipped("Pulumi.yaml").replace("main: index.ts", `main: ${resolve(repository, "index.ts")}`),
    );
    for (const file of ["Pulumi.prod.yaml", "Pulumi.staging.yaml"]) this.write(file, shipped(file));
    this.write(".gitignore", "node_modules\n");
    symlinkSync(resolve(repository, "node_modules"), join(this.directory, "node_modules"));
  }

  write(file: string, text: string): void {
    const path = join(this.directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** @throws when what is to be changed is not there: the test would test nothing */
  change(file: string, ...changes: readonly (readonly [string, string])[]): void {
    let text = readFileSync(join(this.directory, file), "utf8");
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
      text = text.replace(from, () => to);
    }
    this.write(file, text);
  }

  remove(file: string): void {
    rmSync(join(this.directory, file));
  }

  commit(): void {
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message=step");
  }

  git(...args: readonly string[]): string {
    const who = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    // Nobody's own hooks and settings.
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
    const { status, stdout, stderr } = spawnSync("git", [...who, ...args], {
      cwd: this.directory,
      env,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** What a comparison must not leave behind: checkouts, and temporary files. */
  leftovers(): readonly string[] {
    const worktrees = this.git("worktree", "list").split("\n").slice(1);
    return [...worktrees, ...readdirSync(this.temporary).filter((name) => name.startsWith("agent-worker-base"))];
  }

  dispose(): void {
    rmSync(dirname(this.directory), { recursive: true });
  }
}

const shipped = (file: string): string => readFileSync(resolve(repository, file), "utf8");

/** The branch of the product's promise: hours, CPU, an image, a secret's version, retries, a round less, a hospital more. */
export function changeEverything(scratch: ScratchRepository): void {
  scratch.change(
    "Pulumi.prod.yaml",
    ['open: "09:00", close: "17:00"', 'open: "08:30", close: "17:00"'],
    ["cpu: 2", "cpu: 4"],
    ["sha256:4f9c6a0b6c6f", "sha256:0badc0ffee00"],
    ['{ secret: openai-key, version: "1" }', '{ secret: openai-key, version: "2" }'],
    ["retry: { count: 3", "retry: { count: 1"],
    [', noon: "12:15"', ""],
    [
      "    attemptDeadline: 600s\n",
      "    general: true\n    hospitals: { north: { id: hospital_n, name: North Hospital } }\n    attemptDeadline: 600s\n",
    ],
  );
}
