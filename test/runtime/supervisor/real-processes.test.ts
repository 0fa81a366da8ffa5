import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { nodeProcesses } from "../../../runtime/supervisor/node-processes.ts";
import { tier } from "../../support/tier.ts";
import { endAll, type Launched, launch, lives, missing, startedIn, stateOf } from "./real.ts";

const directory = mkdtempSync(join(tmpdir(), "supervisor-"));
/** What a failed test may have left. */
const left: number[] = [];
afterAll(() => {
  endAll();
  for (const pid of left.filter(lives)) process.kill(pid, "SIGKILL");
  rmSync(directory, { recursive: true });
});

const bash = (script: string) => ["bash", "-c", script];
/** A worker that takes any number of SIGTERMs, says so for each, and does not end. */
const deaf = bash('trap "echo got TERM" TERM; echo ready; while :; do sleep 0.05; done');

describe("the runtime exits with its worker's code", () => {
  const notExecutable = join(directory, "not-executable");
  writeFileSync(notExecutable, "#!/bin/sh\n");
  chmodSync(notExecutable, 0o644);
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

test("a worker has the runtime's environment, its socket, and a session and a group of its own", async () => {
  const launched = launch(bash("echo socket $AGENT_RUNTIME_SOCKET, kept $KEPT; ps -o sid=,pgid=,pid= -p $$"), {
    environment: { KEPT: "yes", AGENT_RUNTIME_SOCKET: "/another/runtime.sock" },
  });
  await launched.ended;
  expect(launched.output()).toContain("socket /nowhere/worker.sock, kept yes\n");
  const [session, group, pid] = /^ *(\d+) +(\d+) +(\d+)$/m.exec(launched.output())?.slice(1) ?? [];
  expect([session, group]).toEqual([pid, pid]);
});

describe("SIGTERM", () => {
  test.concurrent("is delivered once, and a worker that ignores it is killed in time", async () => {
    const launched = launch(deaf, { settings: { grace: 2 } });
    await launched.says("ready");
    const began = performance.now();
    launched.signal("SIGTERM");
    const { code, at } = await launched.ended;
    expect(code).toBe(143);
    expect(launched.output().match(/got TERM/g)).toHaveLength(1);
    expect(at - began).toBeGreaterThan(1200);
    expect(at - began).toBeLessThan(1900);
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
    expect(at - began).toBeLessThan(1000);
    expect(launched.output().match(/got TERM/g)).toHaveLength(1);
  });

  test.concurrent("an idle worker's end is the runtime's", async () => {
    const launched = launch(bash('trap "exit 0" TERM; echo ready; while :; do sleep 0.01; done'));
    await launched.says("ready");
    const began = performance.now();
    launched.signal("SIGTERM");
    const { code, at } = await launched.ended;
    expect(code).toBe(143);
    expect(at - began).toBeLessThan(1000);
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
  while (said() === "") await pause(10);
  child.term();
  while (!said().includes("TERM")) await pause(10);
  child.term();
  await pause(100);
  expect(said()).toBe("\nTERM\n");
  child.killGroup();
  expect(await child.exited).toEqual({ signal: "SIGKILL" });
  while (child.groupAlive()) await pause(10);
});

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
    const { spawnSync } = await import("node:child_process");
    const { stdout, status } = spawnSync(process.execPath, [script], { encoding: "utf8" });
    expect(status).not.toBe(0);
    const [pid = 0] = startedIn(stdout);
    for (let looks = 0; lives(pid) && looks < 50; looks++) await pause(10);
    expect(lives(pid)).toBe(false);
  });
});

test.concurrent("a machine that is moved, a terminal that hangs up: the worker sees none of it", async () => {
  const launched = launch(
    bash(
      'for s in TSTP CONT HUP QUIT USR1; do trap "echo got $s" $s; done; echo ready $$; while :; do sleep 0.02; done',
    ),
    { settings: { grace: 1 } },
  );
  await launched.says("ready");
  const worker = Number(/ready (\d+)/.exec(launched.output())?.[1]);
  for (const name of ["SIGTSTP", "SIGHUP", "SIGQUIT", "SIGCONT"] as const) {
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

test.concurrent("the end of AGENT_RUN_FOR is an exit with 0", async () => {
  const launched = launch(bash('trap "exit 9" TERM; while :; do sleep 0.02; done'), { settings: { runFor: 1 } });
  expect((await launched.ended).code).toBe(0);
  expect(launched.line("runtime_exited")).toMatchObject({ reason: "runOver" });
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
