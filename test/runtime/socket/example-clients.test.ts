/** What the examples' clients do with answers that come late, or never: the runtime's side is scripted here. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Refusal } from "../../../runtime/lease/campaigns.ts";
import { openSocket, type WorkerSocket } from "../../../runtime/socket/server.ts";
import { StoreError } from "../../../runtime/store/store.ts";
import {
  effectsIn,
  killWorkers,
  pythonMissing,
  startWorker,
  type WorkerOptions,
} from "../../support/socket/example-worker.ts";
import { realClock } from "../../support/socket/real-clock.ts";
import { held, ScriptedCampaigns } from "../../support/socket/scripted-campaigns.ts";
import { tier } from "../../support/tier.ts";

tier("the Python client", pythonMissing(), () => standsBadAnswers("Python"));
describe("the Node client", () => standsBadAnswers("Node"));

function standsBadAnswers(language: WorkerOptions["language"]): void {
  const clock = realClock();
  let campaigns: ScriptedCampaigns;
  let socket: WorkerSocket;
  let directory: string;
  let effects: string;
  /** How long a claim may be acted for, from now. */
  let time: number;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "c-"));
    effects = join(directory, "effects.jsonl");
    time = 60_000;
    campaigns = new ScriptedCampaigns();
    const notAfter = () => clock.monotonic() + time;
    let given = false;
    campaigns.script = {
      next: async () => {
        if (given) return undefined;
        given = true;
        return held({ notAfter: notAfter() });
      },
      watch: (_, __, listener) => {
        listener("renewed", notAfter());
        return () => {};
      },
      begin: async (_, { cursor }) => ({ attemptId: `attempt-${cursor}`, notAfter: notAfter() }),
      step: async (_, { cursor }) => ({ cursor: cursor + 1, notAfter: notAfter() }),
      end: async () => {},
      stopped: async () => {},
    };
    const probe = () => ({ ready: true, details: {} });
    socket = await openSocket({ campaigns, clock, log: () => {}, probe });
  });
  afterEach(async () => {
    killWorkers();
    await socket.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (options: Partial<WorkerOptions> = {}) =>
    startWorker({ language, socket: socket.path, effects, calls: 1, ...options });
  const asked = (name: string) => campaigns.calls.filter(([call]) => call === name);
  const untilAsked = (name: string) => vi.waitUntil(() => asked(name).length > 0, { timeout: 20_000, interval: 10 });

  test("never acts on an answer that came too late: it asks again, and then gives up", async () => {
    time = -1000;
    campaigns.script.end = async () => {
      throw new Refusal("open_effect", "step it first");
    };
    start();
    await untilAsked("stopped");
    expect(effectsIn(effects)).toEqual([]);
    expect(asked("begin").length).toBeGreaterThan(1);
    expect(asked("stopped")).toEqual([["stopped", "spring", "claim-1", "stopped"]]);
  });

  test("acts once it is told that there is time", async () => {
    time = -1000;
    start();
    await untilAsked("begin");
    time = 60_000;
    await untilAsked("end");
    expect(effectsIn(effects)).toMatchObject([{ cursor: 0, attempt: "attempt-0" }]);
  });

  test("repeats the very same call while the database is away", async () => {
    let failures = 3;
    const { step } = campaigns.script;
    campaigns.script.step = async (...call) => {
      if (failures-- > 0) throw new StoreError("update campaigns", new Error("no answer"));
      return (await step?.(...call)) as never;
    };
    start();
    await untilAsked("end");
    expect(asked("step")).toEqual(
      Array(4).fill(["step", "spring", { claimId: "claim-1", cursor: 0, outcome: "done" }]),
    );
    expect(effectsIn(effects)).toHaveLength(1);
  });

  test("asks for its claim with the same id until it has an answer", async () => {
    let failures = 3;
    const { next } = campaigns.script;
    campaigns.script.next = async (requestId) => {
      if (failures-- > 0) throw new StoreError("update campaigns", new Error("no answer"));
      return next?.(requestId);
    };
    start();
    await untilAsked("end");
    const ids = asked("next").map(([, requestId]) => requestId);
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("opens its stream again whenever that breaks off: without one the claim ends", async () => {
    let streams = 0;
    campaigns.script.watch = (_, __, listener) => {
      streams += 1;
      // More than a worker has to leave unread: the connection is cut.
      if (streams === 1) for (let line = 0; line < 5000; line++) listener("renewed", clock.monotonic() + time);
      listener("renewed", clock.monotonic() + time);
      return () => {};
    };
    const worker = start({ callSeconds: 600 });
    await worker.placed(1);
    await vi.waitUntil(() => streams === 2, { timeout: 20_000 });
  });

  test("hangs up a call when its time is over, though nobody tells it, and says so", async () => {
    time = 1500;
    campaigns.script.end = async () => {
      throw new Refusal("open_effect", "the call is open");
    };
    const worker = start({ callSeconds: 600 });
    await worker.placed(1);
    await untilAsked("stopped");
    expect(asked("stopped")).toEqual([["stopped", "spring", "claim-1", "stopped"]]);
    expect(effectsIn(effects)).toHaveLength(1);
  });

  test("fails after it was told to stop: what it was in the middle of is no death of its campaign", async () => {
    campaigns.script.step = async () => {
      throw new Refusal("cursor", "another step is next");
    };
    const worker = start({ callSeconds: 1 });
    await worker.placed(1);
    worker.signal("SIGTERM");
    expect((await worker.exited).code).toBe(1);
    // With its call open it is not released (Node does not ask), and stops.
    for (const [, , , how] of asked("stopped")) expect(how).toBe("stopped");
    expect(asked("stopped").length + asked("end").length).toBe(1);
  });

  if (language === "Node") {
    test("fails in one campaign: a call of another is not cut, and an effect that only the runtime knows of is left to the next owner", async () => {
      const { begin } = campaigns.script;
      const given = [held({ notAfter: clock.monotonic() + time })];
      campaigns.script.next = async () => given.pop();
      campaigns.script.begin = async (id, call) => {
        if (id === "spring") given.push(held({ id: "summer", claimId: "claim-2", notAfter: clock.monotonic() + time }));
        if (id === "summer") throw new Refusal("cursor", "another step is next");
        return (await begin?.(id, call)) as never;
      };
      campaigns.script.end = async (_, { ending }) => {
        if (ending === "release") throw new Refusal("open_effect", "the call is open");
      };
      const worker = start({ callSeconds: 3 });
      expect(await worker.exited).toEqual({ code: 1, signal: null });
      expect(asked("stopped")).toEqual([["stopped", "summer", "claim-2", "crashed"]]);
      expect(asked("end")).toContainEqual(["end", "spring", { claimId: "claim-1", ending: "complete" }]);
    });
  }

  const soon = "import agent_runtime.watch\nagent_runtime.watch.SOCKET_GONE = 0.2";

  // The rest looks into the client, which only Python lets a test do.
  if (language !== "Python") return;

  test("asks for it with the same id even after it gave up: the claim may be its own by now", async () => {
    let failures = 3;
    const { next } = campaigns.script;
    campaigns.script.next = async (requestId) => {
      if (failures-- > 0) throw new StoreError("update campaigns", new Error("no answer"));
      return next?.(requestId);
    };
    const before = `
import agent_runtime.wire
agent_runtime.wire.PATIENCE = 0
agent_runtime.Runtime.campaigns.__defaults__ = (0.1,)`;
    const worker = start({ before });
    await untilAsked("end");
    const ids = asked("next").map(([, requestId]) => requestId);
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(worker.said).toContain("no campaign, for now: the runtime did not do next: the database gave no answer");
  });

  test("waits for the runtime's word while the database is away until its time is over: a loss, and no failure of its work", async () => {
    const end = clock.monotonic() + 3000;
    campaigns.script.watch = (_, __, listener) => {
      listener("renewed", end);
      return () => {};
    };
    const given = [held({ notAfter: end })];
    campaigns.script.next = async () => given.pop();
    campaigns.script.begin = async () => {
      if (clock.monotonic() < end) throw new StoreError("update campaigns", new Error("no answer"));
      throw new Refusal("fenced", "no heartbeat was accepted for too long");
    };
    const worker = start({ before: "import agent_runtime.wire\nagent_runtime.wire.PATIENCE = 0" });
    await untilAsked("stopped");
    expect(asked("stopped")).toEqual([["stopped", "spring", "claim-1", "stopped"]]);
    await vi.waitUntil(() => asked("next").length > 1, { timeout: 20_000 });
    expect(worker.said).not.toContain("Traceback");
  });

  test("keeps a stream on which nothing happens for long", async () => {
    start({ callSeconds: 1, before: "import agent_runtime.wire\nagent_runtime.wire.TRY = 0.2" });
    await untilAsked("end");
    expect(asked("watch")).toHaveLength(1);
  });

  test("ends when the runtime is gone and its time is over, and not before", async () => {
    time = 2500;
    const worker = start({ callSeconds: 600, before: soon });
    await worker.placed(1);
    const { notAfter } = { notAfter: clock.monotonic() + time };
    await socket.close();
    expect(await worker.exited).toEqual({ code: 70, signal: null });
    expect(clock.monotonic()).toBeGreaterThan(notAfter - 1000);
    expect(worker.said).toContain("the runtime is gone");
    expect(effectsIn(effects)).toHaveLength(1);
  });

  test("hangs up a call that does not look by itself", async () => {
    time = 1000;
    const before = `
import time, worker_main
def dial(campaign, room):
    campaign.on_lost = lambda: open(worker_main.EFFECTS, "a").write('{"hungUp": "' + room + '"}\\n')
    time.sleep(3)
worker_main.dial = dial`;
    start({ before });
    await vi.waitUntil(() => effectsIn(effects).length > 0, { timeout: 20_000 });
    await untilAsked("step");
    expect(effectsIn(effects)).toEqual([{ hungUp: "attempt-0" }]);
  });

  test("ends at once though it hangs up before its stream is there: a thread that reads for ever would keep the worker", async () => {
    const before = `
from agent_runtime.wire import Connection
connect = Connection.connect
def late(self):
    self.hang_up()
    connect(self)
connection = Connection("${socket.path}", 30)
connection.connect = lambda: late(connection)
try:
    connection.request("GET", "/live")
    print(connection.getresponse().status)
except ConnectionAbortedError as aborted:
    import sys
    sys.exit(f"aborted: {aborted}")`;
    const worker = start({ before });
    expect((await worker.exited).code).toBe(1);
    expect(worker.said).toContain("aborted: hung up");
  });
}
