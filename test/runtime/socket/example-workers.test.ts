/** The examples of workers, in processes of their own, over the leases: no patient is called twice, whatever happens. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { seeded } from "../../support/seeded.ts";
import { type SocketContainer, SocketWorld } from "../../support/socket/container.ts";
import {
  effectsIn,
  killWorkers,
  pythonMissing,
  startWorker,
  type WorkerOptions,
} from "../../support/socket/example-worker.ts";
import { exchange } from "../../support/socket/exchange.ts";
import { lossyProxy, type Mishap } from "../../support/socket/lossy-proxy.ts";
import { tier } from "../../support/tier.ts";

tier("a Python worker", pythonMissing(), () => keepsItsPatientsSafe("Python"));
describe("a Node worker", () => keepsItsPatientsSafe("Node"));

function keepsItsPatientsSafe(language: WorkerOptions["language"]): void {
  let world: SocketWorld;
  let directory: string;
  let effects: string;

  beforeEach(() => {
    world = new SocketWorld();
    world.campaign("spring");
    directory = mkdtempSync(join(tmpdir(), "w-"));
    effects = join(directory, "effects.jsonl");
  });
  afterEach(async () => {
    killWorkers();
    await world.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const startIn = ({ socket }: SocketContainer, options: Partial<WorkerOptions> = {}) =>
    startWorker({ language, socket: socket.path, effects, ...options });
  const calls = () => effectsIn(effects).map(({ campaign, cursor }) => `${campaign} ${cursor}`);
  const becomes = (status: string, id = "spring") =>
    vi.waitUntil(() => world.record(id).status === status, { timeout: 20_000, interval: 10 });

  test("makes each call of a campaign once, and completes it", async () => {
    const worker = startIn(await world.socket());
    await becomes("completed");
    expect(calls()).toEqual(["spring 0", "spring 1", "spring 2"]);
    expect(world.record("spring").resume).toMatchObject({ cursor: 3, open: undefined });
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(worker.said).toBe("");
  });

  test("killed in a call: the next owner hears of the call, and does not make it again", async () => {
    const here = await world.socket();
    const killed = startIn(here, { callSeconds: 600 });
    await killed.placed(1);
    killed.signal("SIGKILL");
    await killed.exited;
    await world.until(here.keeper.workerDead("crashed"));
    expect(world.record("spring")).toMatchObject({
      status: "interrupted",
      resume: { cursor: 0, open: { cursor: 0 } },
      recovery: { count: 1 },
    });
    startIn(await world.socket());
    await becomes("completed");
    expect(calls()).toEqual(["spring 0", "spring 1", "spring 2"]);
  });

  test("killed before its call: the next owner looks, finds none, and makes it", async () => {
    const here = await world.socket();
    const spring = (call: string, body: unknown) =>
      exchange(here.socket.path, `POST /v1/campaigns/spring/${call}`, body);
    const { claimId } = (await spring("claim", { requestId: "r" })).body as { claimId: string };
    const { attemptId } = (await spring("begin", { claimId, cursor: 0, effect: "dial" })).body as { attemptId: string };
    await world.until(here.keeper.workerDead("crashed"));
    startIn(await world.socket());
    await becomes("completed");
    expect(calls()).toEqual(["spring 0", "spring 1", "spring 2"]);
    expect(effectsIn(effects).map(({ attempt }) => attempt)).not.toContain(attemptId);
  });

  test("blocked until its campaign is another's: it makes no further call, and says that it stopped", async () => {
    const [here, there] = [await world.socket(), await world.socket()];
    const blocked = startIn(here, { callSeconds: 600 });
    await blocked.placed(1);
    blocked.signal("SIGSTOP");
    here.faults.partitioned = true;
    // By now the one may no longer act, and the other has watched the campaign for long enough.
    await world.seconds(300);
    expect(here.keeper.campaigns.list()).toMatchObject([{ state: "fenced" }]);
    expect(here.unconfirmed).toBe(1);
    startIn(there, { calls: 3 });
    await becomes("completed");
    here.faults.partitioned = false;
    blocked.signal("SIGCONT");
    await vi.waitUntil(() => here.keeper.campaigns.list().length === 0, { timeout: 20_000 });
    blocked.signal("SIGTERM");
    expect((await blocked.exited).code).toBe(0);
    expect(calls()).toEqual(["spring 0", "spring 1", "spring 2"]);
    const byBlocked = effectsIn(effects).filter(({ pid }) => pid === blocked.pid);
    expect(byBlocked).toMatchObject([{ cursor: 0 }]);
  });

  test("hangs up when its campaign is lost, within the time that it has to say so", async () => {
    const here = await world.socket();
    const worker = startIn(here, { callSeconds: 600 });
    await worker.placed(1);
    // No heartbeat is accepted any more: its time runs out.
    here.faults.partitioned = true;
    await world.seconds(107);
    await vi.waitUntil(() => here.keeper.campaigns.list().length === 0, { timeout: 5000 });
    await world.seconds(10);
    expect(here.unconfirmed).toBe(0);
    expect(calls()).toEqual(["spring 0"]);
  });

  test("told to end: it finishes its call, begins no other, and gives the campaign back", async () => {
    const worker = startIn(await world.socket(), { callSeconds: 0.5 });
    await worker.placed(1);
    worker.signal("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(calls()).toEqual(["spring 0"]);
    expect(world.record("spring")).toMatchObject({
      status: "interrupted",
      lease: { state: "free" },
      resume: { cursor: 1, open: undefined },
    });
  });

  test("hears by itself that its container ends", async () => {
    const here = await world.socket();
    const before = `
import time, worker_main
place = worker_main.dial
def dial(campaign, room):
    place(campaign, room)
    while not campaign._runtime.stopping: time.sleep(0.01)
worker_main.dial = dial`;
    const worker = startIn(here, language === "Python" ? { before } : { callSeconds: 2 });
    await worker.placed(1);
    here.keeper.drain("draining");
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(calls()).toEqual(["spring 0"]);
    expect(world.record("spring")).toMatchObject({ status: "interrupted", resume: { cursor: 1 } });
  });

  test("fails in its own code: the campaign goes back with its open call, that counts, and the error is seen", async () => {
    // A directory: a call cannot be placed.
    const worker = startIn(await world.socket(), { effects: directory });
    expect((await worker.exited).code).toBe(1);
    expect(worker.said).toMatch(/EISDIR|IsADirectoryError/);
    expect(world.record("spring")).toMatchObject({
      status: "interrupted",
      resume: { cursor: 0, open: { cursor: 0 } },
      recovery: { count: 1 },
    });
  });

  /** Two of five calls go wrong, each in its way. With a seed, it is the same ones of a sequence of calls. */
  function mishaps(seed: number): (call: string) => Mishap {
    const random = seeded(seed);
    return () =>
      (["answer lost", "request lost", undefined, undefined, undefined] as const)[Math.floor(random.fraction() * 5)];
  }

  test.each([1, 2, 3])("loses answers and requests: nothing is done twice (seed %d)", async (seed) => {
    const here = await world.socket();
    const proxy = await lossyProxy(join(directory, "p"), here.socket.path, mishaps(seed));
    startWorker({ language, socket: proxy.path, effects, calls: 8 });
    await becomes("completed");
    proxy.close();
    expect(proxy.lost).toBeGreaterThan(5);
    expect(calls()).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((cursor) => `spring ${cursor}`));
    expect(world.record("spring")).toMatchObject({ lease: { epoch: 1 }, resume: { cursor: 8 } });
  });

  test("killed again and again, over bad connections, beside another: each call is made once", async () => {
    const campaigns = ["spring", "summer", "autumn"];
    for (const id of campaigns.slice(1)) world.campaign(id);
    const random = seeded(7);
    const containers = [await world.socket(), await world.socket()];
    const over = () => campaigns.every((id) => world.record(id).status === "completed");
    const lives = containers.map(async (container, number) => {
      const proxy = await lossyProxy(join(directory, `p${number}`), container.socket.path, mishaps(number));
      while (!over()) {
        const worker = startWorker({ language, socket: proxy.path, effects, calls: 6, callSeconds: 0.05 });
        await vi.waitUntil(over, { timeout: 600 + 1400 * random.fraction(), interval: 20 }).catch(() => {});
        worker.signal("SIGKILL");
        await worker.exited;
        await container.keeper.workerDead("killed");
      }
      proxy.close();
    });
    await Promise.all(lives);
    const all = campaigns.flatMap((id) => [0, 1, 2, 3, 4, 5].map((cursor) => `${id} ${cursor}`));
    expect([...calls()].sort()).toEqual(all.sort());
    // A claim may be acted for 105 s, and the containers' clock stands still: this ends before.
  }, 100_000);
}
