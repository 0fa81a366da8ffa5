import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { tier } from "../../support/tier.ts";
import { endAll, launch, missing, stateOf, workerOf } from "./real.ts";

const program = fileURLToPath(new URL("program.ts", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "output-"));
const started: ChildProcess[] = [];
afterAll(() => {
  endAll();
  for (const child of started.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    const worker = workerOf(child.pid);
    child.kill("SIGKILL");
    // A group of its own, which a SIGKILL of the runtime leaves.
    if (worker !== 0) process.kill(-worker, "SIGKILL");
  }
  rmSync(directory, { recursive: true });
});

const runtime = (settings: object, script: string) => [program, JSON.stringify(settings), "bash", "-c", script];

tier("a worker's output", missing("bash", "--version"), () => {
  test.concurrent("a log that nobody reads any more does not end the runtime, nor its SIGTERM", async () => {
    const child = spawn(process.execPath, runtime({ grace: 1, interval: 0.1 }, "sleep 1000"), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.push(child);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.stdout.destroy();
    // Some heartbeats into a pipe without a reader.
    await pause(500);
    expect(child.exitCode).toBeNull();
    child.kill("SIGTERM");
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(143);
  });

  test.concurrent("a log that nobody empties does not keep a SIGTERM from its end in time", async () => {
    const pipe = join(directory, "pipe");
    spawnSync("mkfifo", [pipe]);
    const fd = openSync(pipe, "r+");
    const script =
      "echo ready; while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done";
    const child = spawn(process.execPath, runtime({ grace: 4, interval: 0.1 }, script), {
      stdio: ["ignore", fd, "inherit"],
    });
    started.push(child);
    // Nobody empties the pipe: the worker fills it, and stops in its write.
    await expect.poll(() => stateOf(workerOf(child.pid)), { timeout: 10_000 }).toBe("S");
    await pause(200);
    const began = performance.now();
    child.kill("SIGTERM");
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(143);
    expect(performance.now() - began).toBeLessThan(4000);
    closeSync(fd);
  });

  test.concurrent("in a file the runtime's lines and the worker's do not overwrite each other", async () => {
    const file = join(directory, "log");
    const fd = openSync(file, "w");
    const script = "for i in 1 2 3 4 5; do echo worker $i; sleep 0.02; done";
    const child = spawn(process.execPath, runtime({ interval: 0.02 }, script), { stdio: ["ignore", fd, "inherit"] });
    started.push(child);
    closeSync(fd);
    await new Promise((resolve) => child.once("exit", resolve));
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("worker "))).toEqual([1, 2, 3, 4, 5].map((i) => `worker ${i}`));
    for (const line of lines.filter((line) => !line.startsWith("worker ")))
      expect(() => JSON.parse(line)).not.toThrow();
    expect(lines.at(-1)).toContain("runtime_exited");
  });

  test("every line is one object, with Cloud Logging's fields", () => {
    const { stdout } = spawnSync(process.execPath, runtime({}, "exit 3"), { encoding: "utf8" });
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ event }) => event)).toEqual([
      "runtime_started",
      "worker_heartbeat",
      "worker_started",
      "worker_exited",
      "runtime_exited",
    ]);
    for (const { severity, message, time } of lines) {
      expect(severity).toMatch(/^(INFO|WARNING|ERROR)$/);
      expect(message).toBeTypeOf("string");
      expect(Math.abs(Date.parse(String(time)) - Date.now())).toBeLessThan(60_000);
    }
  });
});

tier("a Python worker's output", missing("python3", "--version") ?? missing("bash", "--version"), () => {
  test.concurrent("is not refused because the runtime's own must not wait", async () => {
    const script = `import os, sys
print("blocking", os.get_blocking(1), flush=True)
for _ in range(3000): print("X" * 99)
`;
    const launched = launch(["python3", "-c", script], {
      settings: { interval: 0.05 },
      // A pipe, as a container's log is: what Node gives its children is a socket.
      below: ["bash", "-c", 'set -o pipefail; "$@" | cat', "bash"],
    });
    expect((await launched.ended).code).toBe(0);
    expect(launched.output()).toContain("blocking True\n");
    // Python writes 8 KiB at a time: the runtime's lines may stand between two halves of one of its own.
    expect(launched.output().match(/X/g)).toHaveLength(3000 * 99);
  });
});
