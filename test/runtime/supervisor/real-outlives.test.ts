import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { tier } from "../../support/tier.ts";
import { bash, type Launched, launch, lives, missing, ran, startedIn, workplace } from "./real.ts";
import { livingOf } from "./real-lives/living.ts";

const { directory, left } = workplace("outlives");

/** What `ran` rejects with when the program ends with another code than 0. */
interface Failed {
  readonly code: number;
  readonly stdout: string;
}

/** The one process that was started, dead in a moment. Process 0 is nobody, and would be dead in any case. */
async function diesSoon(pid: number | undefined): Promise<void> {
  if (pid === undefined || !(pid > 0)) throw new Error("nothing was started");
  for (let looks = 0; lives(pid) && looks < 50; looks++) await pause(10);
  expect(lives(pid)).toBe(false);
}

tier("what a worker leaves", missing("bash", "--version"), () => {
  describe("nothing of a worker outlives it", () => {
    // In its group; in a group of its own, as a shell with job control or setpgid makes it; ignoring SIGTERM.
    const lone = "sleep 1000 >/dev/null & echo started $!;";
    const family = `trap "" TERM; ${lone} set -m; ${lone} set +m;`;

    async function familyOf(launched: Launched): Promise<readonly number[]> {
      await launched.says("ready");
      const pids = startedIn(launched.output());
      expect(pids).toHaveLength(2);
      left.push(...pids);
      return pids;
    }

    test.concurrent("when it is killed", async () => {
      const launched = launch(bash(`${family} echo ready; wait; wait; sleep 1000`), { settings: { grace: 1 } });
      const pids = await familyOf(launched);
      expect(pids.every(lives)).toBe(true);
      launched.signal("SIGTERM");
      expect((await launched.ended).code).toBe(143);
      expect(pids.filter(lives)).toEqual([]);
    });

    test.concurrent("when it dies by itself: its orphans are dead before the runtime exits", async () => {
      const launched = launch(bash(`${family} echo ready; exit 3`));
      const pids = await familyOf(launched);
      expect((await launched.ended).code).toBe(3);
      expect(pids.filter(lives)).toEqual([]);
    });

    test.concurrent("when it is started again: its orphans are dead before the next one runs", async () => {
      const script = `${family} echo ready; exit 3`;
      const launched = launch(bash(script), { settings: { runFor: 600, restarts: 1 } });
      await familyOf(launched);
      expect((await launched.ended).code).toBe(3);
      const events = launched.lines().map(({ event }) => event);
      expect(events.filter((event) => event === "worker_started")).toHaveLength(2);
      const pids = startedIn(launched.output());
      left.push(...pids);
      expect(pids).toHaveLength(4);
      expect(pids.filter(lives)).toEqual([]);
    });

    test.concurrent("when it had left for a session of its own, as a browser or a daemon does", async () => {
      const away = "setsid sleep 1000 >/dev/null & echo started $!;";
      const launched = launch(bash(`${away} ${away} sleep 0.3; echo ready; exit 3`));
      const pids = await familyOf(launched);
      expect((await launched.ended).code).toBe(3);
      expect(pids.filter(lives)).toEqual([]);
    });

    test.concurrent("when its orphans cannot be looked for, with every file descriptor in use", async () => {
      const script = join(directory, "descriptors.ts");
      const processes = new URL("../../../runtime/supervisor/node-processes.ts", import.meta.url);
      writeFileSync(
        script,
        `import { closeSync, openSync } from "node:fs";
       import { nodeProcesses } from ${JSON.stringify(processes.href)};
       const child = await nodeProcesses.spawn(["bash", "-c", "set -m; sleep 1000 >/dev/null & exit"], process.env);
       await child.exited;
       const used = [];
       try { for (;;) used.push(openSync("/dev/null")); } catch {}
       const blind = child.alive();
       for (const fd of used) closeSync(fd);
       child.killAll();
       while (child.alive());
       process.stdout.write("lives " + blind);`,
      );
      const { stdout } = await ran("bash", "-c", `ulimit -n 100; exec "$0" "$1"`, process.execPath, script);
      expect(stdout).toBe("lives true");
    });

    test.concurrent("when the runtime itself ends by a mistake", async () => {
      const script = join(directory, "mistake.ts");
      const processes = new URL("../../../runtime/supervisor/node-processes.ts", import.meta.url);
      writeFileSync(
        script,
        `import { nodeProcesses } from ${JSON.stringify(processes.href)};
       const child = await nodeProcesses.spawn(["sleep", "1000"], process.env);
       console.log("started " + child.pid);
       setTimeout(() => { throw new Error("a mistake"); }, 10);`,
      );
      const { code, stdout } = await ran(process.execPath, script).then(
        (ended) => ({ ...ended, code: 0 }),
        (error: Failed) => error,
      );
      expect(code).toBe(1);
      await diesSoon(startedIn(stdout)[0]);
    });
  });

  describe("a mistake that nobody waits for, in the runtime itself", () => {
    const cli = fileURLToPath(new URL("../../../runtime/cli.ts", import.meta.url));

    test.concurrent.each([
      ["in a timer", 'throw new Error("a mistake")'],
      ["a rejection", 'Promise.reject(new Error("a mistake"))'],
    ])("(%s) ends with 70 and a line that says so, and the worker is dead", async (_, mistake) => {
      const preload = `data:text/javascript,setTimeout(() => { ${mistake} }, 1500)`;
      const child = spawn(
        process.execPath,
        ["--import", preload, cli, "--", "bash", "-c", "echo started $$; sleep 1000"],
        {
          stdio: ["ignore", "pipe", "inherit"],
          env: { PATH: process.env.PATH },
        },
      );
      let output = "";
      child.stdout.on("data", (part) => {
        output += part;
      });
      const code = await new Promise((resolve) => child.once("close", resolve));
      const [pid] = startedIn(output);
      if (pid !== undefined) left.push(pid);
      expect(code).toBe(70);
      expect(JSON.parse(output.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
        severity: "CRITICAL",
        event: "runtime_exited",
        code: 70,
        message: expect.stringContaining("a mistake"),
      });
      await diesSoon(pid);
    });
  });
});

tier("what a Python worker leaves", missing("python3", "--version"), () => {
  test.concurrent.each([
    ["its group", ""],
    ["a session of its own", "os.setsid()"],
  ])("when it is another process at each look: it forks, goes on in the child, and ends, in %s", async (_, away) => {
    const life = `another-${process.pid}-${away}`;
    // The worker ends with its child's first fork: from then on nobody is there for longer than 3 ms.
    const script = `import os, time
if os.fork() != 0: time.sleep(0.5); os._exit(3)
${away}
end = time.monotonic() + 40
while time.monotonic() < end:
    if os.fork() != 0: os._exit(0)
    time.sleep(0.003)`;
    const began = performance.now();
    const launched = launch(["python3", "-c", script], { environment: { LIFE: life } });
    const { code, at } = await launched.ended;
    expect(code).toBe(3);
    // It has the runtime's standard output: that is closed when all of it has ended.
    expect(at - began).toBeLessThan(25_000);
    expect(launched.lines().map(({ event }) => event)).not.toContain("kill_unconfirmed");
    expect(livingOf(life)).toEqual([]);
  });
});
