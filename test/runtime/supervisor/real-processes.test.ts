import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { budgetOf } from "../../../runtime/supervisor/budget.ts";
import { nodeProcesses } from "../../../runtime/supervisor/node-processes.ts";
import { tier } from "../../support/tier.ts";
import { bash, launch, missing, ran, startedIn, stateOf, workplace } from "./real.ts";

const { directory, left } = workplace("supervisor");

const IN_TIME = { timeout: 10_000, interval: 10 };
/** A worker that takes any number of SIGTERMs, says so for each, and does not end. */
const deaf = bash('trap "echo got TERM" TERM; echo ready; while :; do sleep 0.05; done');

tier("real processes", missing("bash", "--version"), () => {
  test("a worker has the runtime's environment, its socket, and a session and a group of its own", async () => {
    const launched = launch(bash("echo socket $AGENT_RUNTIME_SOCKET, kept $KEPT; cat /proc/$$/stat"), {
      environment: { KEPT: "yes", AGENT_RUNTIME_SOCKET: "/another/runtime.sock" },
    });
    await launched.ended;
    expect(launched.output()).toMatch(/^socket \/nowhere\/\d+\/worker.sock, kept yes$/m);
    const [pid, group, session] = /^(\d+) \(\w+\) \S \d+ (\d+) (\d+) /m.exec(launched.output())?.slice(1) ?? [];
    expect(pid).toBe(`${launched.line("worker_started").pid}`);
    expect([session, group]).toEqual([pid, pid]);
  });

  describe("SIGTERM", () => {
    test.concurrent("is delivered once, and a worker that ignores it is killed in time", async () => {
      const launched = launch(deaf, { settings: { grace: 6 } });
      await launched.says("ready");
      const began = performance.now();
      launched.signal("SIGTERM");
      const { code, at } = await launched.ended;
      expect(code).toBe(143);
      expect(launched.output().match(/got TERM/g)).toHaveLength(1);
      expect(at - began).toBeGreaterThan(budgetOf(6).kill - 100);
      // The host's own SIGKILL.
      expect(at - began).toBeLessThan(6000);
      expect(launched.line("worker_killed").severity).toBe("WARNING");
    });

    test.concurrent("a second one ends it at once, and the worker still got one", async () => {
      const launched = launch(deaf, { settings: { grace: 10 } });
      await launched.says("ready");
      launched.signal("SIGTERM");
      await launched.says("got TERM");
      const began = performance.now();
      launched.signal("SIGTERM");
      const { code, at } = await launched.ended;
      expect(code).toBe(143);
      expect(at - began).toBeLessThan(5000);
      expect(launched.output().match(/got TERM/g)).toHaveLength(1);
    });

    test.concurrent("an idle worker's end is the runtime's", async () => {
      const launched = launch(bash('trap "exit 0" TERM; echo ready; while :; do sleep 0.01; done'));
      await launched.says("ready");
      const began = performance.now();
      launched.signal("SIGTERM");
      const { code, at } = await launched.ended;
      expect(code).toBe(143);
      expect(at - began).toBeLessThan(5000);
    });
  });

  describe("a shell in front of the worker", () => {
    /** `depth` shells that do not exec, a worker, and a process of one call, which only the worker is to end. */
    function script(name: string, depth: number): { readonly path: string; readonly hangUp: string } {
      const file = (part: string | number) => join(directory, `${name}-${part}`);
      const written = (part: string | number, text: string) => {
        writeFileSync(file(part), text);
        return file(part);
      };
      const job = written(
        "job",
        `trap "echo job got TERM" TERM; echo job ready; until test -e ${file("hang-up")}; do sleep 0.02; done; echo call over`,
      );
      const worker = `trap "echo worker got TERM" TERM; bash ${job} & while kill -0 $!; do wait $!; done 2>/dev/null; echo worker over`;
      let path = written(depth, worker);
      for (let level = depth - 1; level >= 0; level--) path = written(level, `bash ${path}\necho a shell went on\n`);
      return { path, hangUp: file("hang-up") };
    }

    test.concurrent.each([1, 2])(
      "(%i deep) costs no call: its worker gets one SIGTERM, and its time",
      async (depth) => {
        const { path, hangUp } = script(`deep-${depth}`, depth);
        const launched = launch(["sh", path], { settings: { grace: 20 } });
        await launched.says("job ready");
        launched.signal("SIGTERM");
        await launched.says("worker got TERM");
        await pause(700);
        expect(launched.output()).not.toContain("call over");
        writeFileSync(hangUp, "");
        expect((await launched.ended).code).toBe(143);
        expect(launched.output()).toContain("call over\nworker over\n");
        expect(launched.output().match(/got TERM/g)).toHaveLength(1);
        expect(launched.lines().map(({ event }) => event)).not.toContain("worker_killed");
      },
    );

    test.concurrent("at closing: its call has the whole drain, and what is cut then is said", async () => {
      const { path } = script("closing", 1);
      const launched = launch(["sh", path], { settings: { runFor: 1, grace: 2 } });
      await launched.says("worker got TERM");
      const began = performance.now();
      const { code, at } = await launched.ended;
      expect(code).toBe(0);
      expect(at - began).toBeGreaterThan(1000);
      expect(launched.line("worker_killed")).toMatchObject({ severity: "WARNING", why: "drained" });
      expect(launched.output()).not.toContain("call over");
    });

    test.concurrent("that dies with nobody leaving is a death: what it left is killed, and it starts again", async () => {
      const { path } = script("death", 1);
      const launched = launch(["sh", path], { settings: { runFor: 600, restarts: 1, grace: 1 } });
      await launched.says("job ready");
      await launched.says("worker_started");
      process.kill(Number(launched.line("worker_started").pid), "SIGKILL");
      await launched.says("worker_restarts");
      expect(launched.output()).not.toContain("worker got TERM");
      launched.signal("SIGTERM");
      await launched.ended;
    });
  });

  test.concurrent("a worker that is told to end twice is told once: LiveKit's ends at once on a second SIGTERM", async () => {
    const file = join(directory, "terms");
    const child = await nodeProcesses.spawn(
      ["sh", "-c", `trap "echo TERM >> ${file}" TERM; echo >> ${file}; while :; do sleep 0.01; done`],
      { PATH: process.env.PATH },
    );
    left.push(child.pid);
    const said = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
    await expect.poll(said, IN_TIME).not.toBe("");
    child.term();
    await expect.poll(said, IN_TIME).toContain("TERM");
    child.term();
    await pause(100);
    expect(said()).toBe("\nTERM\n");
    child.killAll();
    expect(await child.exited).toEqual({ signal: "SIGKILL" });
    await expect.poll(() => child.alive(), IN_TIME).toBe(false);
  });

  test.concurrent("a machine that is moved, a terminal that hangs up, a timer of somebody's: the worker sees none of it, and is not left alone", async () => {
    const launched = launch(
      bash(
        'for s in TSTP CONT HUP QUIT USR1 USR2; do trap "echo got $s" $s; done; echo ready $$; while :; do sleep 0.02; done',
      ),
      { settings: { grace: 1 } },
    );
    await launched.says("ready");
    const worker = Number(/ready (\d+)/.exec(launched.output())?.[1]);
    for (const name of [
      "SIGTSTP",
      "SIGHUP",
      "SIGUSR1",
      "SIGUSR2",
      "SIGALRM",
      "SIGVTALRM",
      "SIGXCPU",
      "SIGXFSZ",
      "SIGIO",
      "SIGPWR",
      "SIGSTKFLT",
      "SIGQUIT",
      "SIGCONT",
    ] as const) {
      launched.signal(name);
      await launched.says(`"signal":"${name}"`);
    }
    await launched.says("migration_ended");
    expect(stateOf(worker)).toMatch(/[SR]/);
    expect(launched.output()).not.toContain("got ");
    expect(launched.lines().find(({ signal }) => signal === "SIGQUIT")).toMatchObject({
      doing: "migrating",
      pid: worker,
    });
    launched.signal("SIGTERM");
    expect((await launched.ended).code).toBe(143);
  });

  test.concurrent("a SIGTERM in the runtime's very last moment does not make its exit code another", async () => {
    const script = join(directory, "last.ts");
    const system = new URL("../../../runtime/system.ts", import.meta.url);
    writeFileSync(
      script,
      `import { systemParts } from ${JSON.stringify(system.href)};
     const came = [];
     const stop = systemParts(() => {}).signals((name) => came.push(name));
     process.kill(process.pid, "SIGTERM");
     await new Promise((resolve) => setTimeout(resolve, 50));
     stop();
     process.kill(process.pid, "SIGTERM");
     await new Promise((resolve) => setTimeout(resolve, 50));
     process.stdout.write(came.join());`,
    );
    expect((await ran(process.execPath, script)).stdout).toBe("SIGTERM");
  });

  test.concurrent("the end of AGENT_RUN_FOR is an exit with 0", async () => {
    const launched = launch(bash('trap "exit 9" TERM; while :; do sleep 0.02; done'), { settings: { runFor: 1 } });
    expect((await launched.ended).code).toBe(0);
    expect(launched.line("runtime_exited")).toMatchObject({ reason: "runOver" });
  });
});

tier("a Python worker", missing("python3", "--version"), () => {
  test.concurrent("is told to end once, and ends with what it has in hand", async () => {
    const script = join(directory, "worker.py");
    writeFileSync(
      script,
      `import signal, sys, time
count = 0
def term(*_):
    global count
    count += 1
signal.signal(signal.SIGTERM, term)
print("ready", flush=True)
while count == 0:
    time.sleep(0.01)
time.sleep(0.5)
print("terms", count, flush=True)
sys.exit(0)
`,
    );
    const launched = launch(["python3", script]);
    await launched.says("ready");
    launched.signal("SIGTERM");
    expect((await launched.ended).code).toBe(143);
    expect(launched.output()).toContain("terms 1\n");
  });
});

tier("below tini", missing("tini", "--version"), () => {
  const below = ["tini", "-s", "--"];

  test.concurrent("the exit code is the runtime's, and each SIGTERM reaches the worker once", async () => {
    const launched = launch(deaf, { below, settings: { grace: 1 } });
    await launched.says("ready");
    launched.signal("SIGTERM");
    expect((await launched.ended).code).toBe(143);
    expect(launched.output().match(/got TERM/g)).toHaveLength(1);
  });

  test.concurrent("no orphan of the worker stays a zombie", async () => {
    // Each subshell ends at once and leaves its sleep to whoever reaps here.
    const launched = launch(
      bash("for i in 1 2 3 4 5; do (sleep 0.1 & echo started $!); done; echo ready; sleep 1000"),
      { below, settings: { grace: 1 } },
    );
    await launched.says("ready");
    const pids = startedIn(launched.output());
    expect(pids).toHaveLength(5);
    for (let looks = 0; pids.some((pid) => stateOf(pid) !== undefined) && looks < 300; looks++) await pause(10);
    expect(pids.map(stateOf)).toEqual(pids.map(() => undefined));
    launched.signal("SIGTERM");
    await launched.ended;
  });
});
