import { chmodSync, closeSync, copyFileSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { tier } from "../../support/tier.ts";
import { endAll, launch, missing } from "./real.ts";

const directory = mkdtempSync(join(tmpdir(), "exits-"));
afterAll(() => {
  endAll();
  rmSync(directory, { recursive: true });
});

const bash = (script: string) => ["bash", "-c", script];

tier("exits of real processes", missing("bash", "--version"), () => {
  describe("the runtime exits with its worker's code", () => {
    const notExecutable = join(directory, "not-executable");
    writeFileSync(notExecutable, "#!/bin/sh\n");
    chmodSync(notExecutable, 0o644);
    const [first, second] = [join(directory, "first"), join(directory, "second")];
    symlinkSync(first, second);
    symlinkSync(second, first);
    test.concurrent.each<[number, string, readonly string[]]>([
      [0, "0", bash("exit 0")],
      [1, "1", bash("exit 1")],
      [7, "7", bash("exit 7")],
      [143, "a SIGTERM of its own", bash("kill -TERM $$")],
      [137, "a SIGKILL, as when memory runs out", bash("kill -KILL $$")],
      [139, "a crash", bash("ulimit -c 0; kill -SEGV $$")],
      [127, "a command that is not there", ["no-such-worker"]],
      [127, "a path that is not there", ["/nowhere/worker"]],
      [126, "a file that is not executable", [notExecutable]],
      [126, "a directory", [directory]],
      [127, "a path through a file", [join(notExecutable, "worker")]],
      [126, "links that lead to each other", [first]],
    ])("%i: %s", async (code, _, command) => {
      const launched = launch(command);
      expect(await launched.ended).toMatchObject({ code, signal: null });
      // The last line is there: nothing is lost at the exit.
      expect(launched.lines().at(-1)).toMatchObject({ event: "runtime_exited", code });
    });

    test("and says what was not found", async () => {
      const launched = launch(["no-such-worker"]);
      await launched.ended;
      expect(launched.line("worker_exited")).toMatchObject({ severity: "ERROR", code: 127 });
      expect(launched.line("worker_exited").message).toContain("no-such-worker was not found");
    });
  });

  test("a program that is just being written is started again, and is no mistake of the runtime", async () => {
    const busy = join(directory, "busy");
    copyFileSync("/bin/true", busy);
    const writing = openSync(busy, "r+");
    const launched = launch([busy], { settings: { runFor: 600, restarts: 1 } });
    await launched.says("worker_restarts");
    expect(launched.line("worker_exited")).toMatchObject({ code: 126, message: expect.stringContaining("ETXTBSY") });
    closeSync(writing);
    await launched.says("worker_started");
    launched.signal("SIGTERM");
    await launched.ended;
  });
});
