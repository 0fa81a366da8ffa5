/** The linters of the field, where they are. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { repository } from "../support/stack-previews.ts";
import { tier } from "../support/tier.ts";

// Without the linters of scripts that it calls where it finds them: the answer is to be the same everywhere.
lint("actionlint", ["-shellcheck=", "-pyflakes="], "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12");
lint("zizmor", ["--offline", "--no-progress", "--color=never", ".github"], "pip install zizmor==1.32.0");

function lint(command: string, args: readonly string[], install: string): void {
  const run = (args: readonly string[]) => spawnSync(command, args, { cwd: repository, encoding: "utf8" });
  const missing = run(["--version"]).status === 0 ? undefined : `no ${command}: ${install}`;
  tier(command, missing, () => {
    test("has nothing to say", () => {
      const { status, stdout, stderr } = run(args);
      expect(stdout + (status === 0 ? "" : stderr)).toMatch(/^(No findings.*\n?)?$/);
      expect(status).toBe(0);
    });
  });
}
