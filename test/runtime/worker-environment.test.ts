import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "../../runtime/settings/read.ts";
import { workerEnvironment } from "../../runtime/worker-environment.ts";
import { repository } from "../support/stack-previews.ts";

const launched = { PATH: "/bin", _AGENT_RUNTIME_WORKERS_LD_PRELOAD: "/libjemalloc.so", AGENT_REQUIRES: "LD_PRELOAD" };

test("a worker loses nothing that its image sets: what the launcher set aside comes back, and leaves no trace", () => {
  expect(workerEnvironment(launched)).toEqual({
    PATH: "/bin",
    LD_PRELOAD: "/libjemalloc.so",
    AGENT_REQUIRES: "LD_PRELOAD",
  });
});

test("a worker that requires what was set aside has it", () => {
  expect(() => readSettings(launched)).not.toThrow();
});

test("the launcher's name for it is the runtime's", () => {
  const launcher = readFileSync(join(repository, "runtime/image/launcher.c"), "utf8");
  expect(launcher).toContain('#define KEPT "_AGENT_RUNTIME_WORKERS_"');
});
