/**
 * The whole of it: the bundle, a real MongoDB, workers in Python and Node, and what kills them. All at once, since most
 * of it is waiting.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { timingOf } from "../../../runtime/lease/timing.ts";
import type { Container } from "../../../scripts/demo/container.ts";
import { BuiltRuntime } from "../../support/built-runtime.ts";
import { type RealMongo, realMongo } from "../../support/mongod.ts";
import {
  type Heartbeat,
  lineOf,
  linesOf,
  openNow,
  pause,
  RealWorld,
  timeOf,
  troubles,
  worker,
} from "../../support/real-world.ts";
import { pythonMissing } from "../../support/socket/example-worker.ts";
import { tier } from "../../support/tier.ts";

const server = await realMongo();

/** The quickest that the settings allow. */
const quick: Heartbeat = { interval: 1, orphanAfter: 47 };
/** How long an owner may act, and how long others must have watched, in seconds. */
const trust = ({ interval, orphanAfter }: Heartbeat) => timingOf(interval, orphanAfter).trust / 1000;
const observe = ({ interval, orphanAfter }: Heartbeat) => timingOf(interval, orphanAfter).observe / 1000;

/** What it no longer got from the database: who was frozen is not to blame that on it. */
const awayIn = (container: Container) =>
  linesOf(container, "database_unavailable").filter(({ what }) => what !== undefined);

const LONG = 150_000;
/** What processes that are started and a machine that is busy may add to any time, in seconds. */
const SLACK = 10;

tier("real MongoDB", server.missing ?? pythonMissing(), () => {
  let built: BuiltRuntime;
  let mongo: RealMongo;
  const worlds: RealWorld[] = [];
  const servers: RealMongo[] = [];
  beforeAll(async () => {
    built = new BuiltRuntime();
    mongo = await started();
  });
  afterAll(async () => {
    for (const { signal } of servers) signal?.("SIGCONT");
    await Promise.all(worlds.map((world) => world.close()));
    await Promise.all(servers.map((server) => server.stop()));
    built.dispose();
  });

  async function started(): Promise<RealMongo> {
    if (server.missing !== undefined) throw new Error(server.missing);
    const mongo = await server.start();
    servers.push(mongo);
    return mongo;
  }

  function world(name: string, heartbeat = quick, on = mongo): RealWorld {
    const made = new RealWorld(on.uri, `takeover-${process.pid}-${name}`, built.file, heartbeat);
    worlds.push(made);
    return made;
  }

  describe.concurrent("a campaign", () => {
    test("is another's at once after a clean stop: no threshold is waited for", { timeout: LONG }, async () => {
      const here = world("stop");
      await here.campaign("spring");
      const first = here.start({ worker: worker.python, calls: 30, callSeconds: 0.3 });
      await here.until("two calls are made", SLACK, () => here.calls().length >= 2);
      const second = here.start({ worker: worker.node, calls: 30 });
      await here.says(second, "worker_started", SLACK);
      first.signal("SIGTERM");
      expect(await first.ended).toMatchObject({ code: 143, signal: null });
      const ended = Date.now();
      const claimed = await here.says(second, "campaign_claimed", SLACK);
      expect(timeOf(claimed) - ended).toBeLessThan(5_000);
      await here.becomes("spring", "completed", SLACK);
      expect(here.calls()).toEqual(Array.from({ length: 30 }, (_, call) => `spring ${call}`));
      expect((await here.record("spring")).lease).toMatchObject({ epoch: 2 });
      expect([troubles(first), troubles(second)]).toEqual([[], []]);
    });

    test.each([
      ["Python", worker.python, worker.node],
      ["Node", worker.node, worker.python],
    ])(
      "is taken over within 62 s of a container that is killed in a call, and no patient is called twice: %s",
      { timeout: LONG },
      async (name, killed, next) => {
        const slower: Heartbeat = { interval: 5, orphanAfter: 51 };
        const here = world(`killed-${name}`, slower);
        await here.campaign("spring");
        const first = here.start({ worker: killed, callSeconds: 600 });
        await here.until("a call is made", SLACK, () => here.calls().length === 1);
        const second = here.start({ worker: next });
        await here.says(second, "worker_started", SLACK);
        // Wherever in the interval that is.
        await pause(3_000);
        first.signalAll("SIGKILL");
        const kill = Date.now();
        const recovered = await here.says(second, "orphan_recovered", 62 + SLACK);
        const seconds = (timeOf(recovered) - kill) / 1000;
        expect(seconds).toBeLessThan(62);
        // Not before the dead one, had it lived, would have stopped by itself.
        expect(seconds).toBeGreaterThan(trust(slower));
        await here.becomes("spring", "completed", SLACK);
        expect(here.calls()).toEqual(["spring 0", "spring 1", "spring 2"]);
        expect(new Set(here.callers()).size).toBe(2);
        expect(troubles(second)).toEqual(["WARNING orphan_recovered"]);
        expect(await here.record("spring")).toMatchObject({ lease: { epoch: 2 }, resume: { cursor: 3 } });
      },
    );

    test("whose call was begun and never made: the next one looks, finds none, and makes it once", {
      timeout: LONG,
    }, async () => {
      const here = world("hesitant");
      await here.campaign("spring");
      const first = here.start({ worker: worker.hesitant });
      await here.until("a call is begun", SLACK, () => first.said.some((line) => line.startsWith("began ")));
      first.signalAll("SIGKILL");
      const second = here.start({ worker: worker.node });
      await here.says(second, "orphan_recovered", observe(quick) + SLACK);
      await here.becomes("spring", "completed", SLACK);
      expect(here.calls()).toEqual(["spring 0", "spring 1", "spring 2"]);
      expect(first.said).not.toContain(`began ${here.attempts()[0]}`);
    });

    test("is not acted for by a container that was frozen and wakes as a past owner", { timeout: LONG }, async () => {
      const here = world("frozen");
      await here.campaign("spring");
      // In a call when it is frozen, whose end comes the moment it wakes.
      const first = here.start({ worker: worker.node, calls: 6, callSeconds: 2 });
      await here.until("two calls are made", SLACK, () => here.calls().length === 2);
      first.signalAll("SIGSTOP");
      const second = here.start({ worker: worker.python, calls: 6, callSeconds: 2 });
      await here.says(second, "orphan_recovered", observe(quick) + SLACK);
      await here.until("the next one has made a call", SLACK, () => here.calls().length === 3);
      first.signalAll("SIGCONT");
      await here.says(first, "campaign_fenced", SLACK);
      await here.becomes("spring", "completed", 20);
      expect(here.calls()).toEqual(Array.from({ length: 6 }, (_, call) => `spring ${call}`));
      const [frozen] = here.callers();
      expect(here.callers().map((caller) => caller === frozen)).toEqual([true, true, false, false, false, false]);
      // Its worker said that it stopped: nothing is killed, and it works on.
      await second.close();
      await here.campaign("summer");
      await here.becomes("summer", "completed", 30);
      expect(here.callers().at(-1)).toBe(frozen);
      expect(linesOf(first, "worker_started")).toHaveLength(1);
      expect(first.has("worker_killed")).toBe(false);
      expect(awayIn(first)).toEqual([]);
    });

    test("is not acted for by a worker that does not hear that it lost it: it is killed, and another is started", {
      timeout: LONG,
    }, async () => {
      const here = world("deaf");
      await here.campaign("spring");
      const first = here.start({ worker: worker.python, callSeconds: 600 });
      await here.until("a call is made", SLACK, () => here.calls().length === 1);
      first.signalAll("SIGSTOP");
      const second = here.start({ worker: worker.node });
      await here.says(second, "orphan_recovered", observe(quick) + SLACK);
      await here.becomes("spring", "completed", SLACK);
      // The runtime alone: its worker stays as it is.
      first.signal("SIGCONT");
      await here.says(first, "campaign_fenced", SLACK);
      await here.until("another worker is started", SLACK + 5, () => linesOf(first, "worker_started").length === 2);
      expect(lineOf(first, "worker_killed")).toMatchObject({ severity: "WARNING" });
      expect(lineOf(first, "worker_exited")).toMatchObject({ pid: here.callers()[0], signal: "SIGKILL" });
      expect(here.calls()).toEqual(["spring 0", "spring 1", "spring 2"]);
      expect(awayIn(first)).toEqual([]);
    });

    test("stays its owner's while the database is away for 20 s", { timeout: LONG }, async () => {
      const own = await started();
      const here = world("away", quick, own);
      await here.campaign("spring");
      const only = here.start({ worker: worker.python, calls: 20, callSeconds: 2, environment: openNow("away") });
      await here.until("a call is made", SLACK, () => here.calls().length >= 1);
      own.signal?.("SIGSTOP");
      await pause(20_000);
      own.signal?.("SIGCONT");
      await here.says(only, "database_available", 20);
      const made = here.calls().length;
      await here.until("it goes on", 20, () => here.calls().length > made + 1);
      expect(here.calls()).toEqual(Array.from(here.calls(), (_, call) => `spring ${call}`));
      expect((await here.record("spring")).lease).toMatchObject({ epoch: 1 });
      expect(new Set(troubles(only))).toEqual(new Set(["WARNING database_unavailable"]));
    });

    test("stops while the database is away for too long, and goes on by itself: its shift has never stopped", {
      timeout: LONG,
    }, async () => {
      const own = await started();
      const here = world("gone", quick, own);
      await here.campaign("spring");
      const only = here.start({ worker: worker.python, calls: 4, callSeconds: 3, environment: openNow("gone") });
      await here.until("a call is made", SLACK, () => here.calls().length === 1);
      own.signal?.("SIGSTOP");
      const stopped = Date.now();
      const fenced = await here.says(only, "campaign_fenced", trust(quick) + SLACK);
      expect((timeOf(fenced) - stopped) / 1000).toBeLessThan(trust(quick) + 5);
      await pause(6_000);
      const { length: before } = here.calls();
      own.signal?.("SIGCONT");
      await here.becomes("spring", "completed", observe(quick) + 2 * SLACK + 15);
      expect(before).toBeLessThanOrEqual(2);
      expect(here.calls()).toEqual(["spring 0", "spring 1", "spring 2", "spring 3"]);
      expect(linesOf(only, "worker_started")).toHaveLength(1);
      expect(only.over).toBe(false);
    });
  });

  describe.concurrent("a shift", () => {
    const shift = (here: RealWorld, execution: string, attempt = 0, job = "dental"): Container =>
      here.start({
        worker: worker.receptionist,
        environment: {
          ...openNow(job),
          CLOUD_RUN_EXECUTION: execution,
          CLOUD_RUN_TASK_INDEX: "0",
          CLOUD_RUN_TASK_ATTEMPT: `${attempt}`,
        },
      });

    test("is served by one of two executions, and by a third when that one dies", { timeout: LONG }, async () => {
      const here = world("shift");
      const first = shift(here, "dental-1");
      await here.says(first, "shift_claimed", SLACK);
      const second = shift(here, "dental-2");
      expect(await second.ended).toMatchObject({ code: 0 });
      expect(lineOf(second, "duplicate_execution")).toMatchObject({ severity: "NOTICE" });
      expect(second.has("worker_started")).toBe(false);
      const third = shift(here, "dental-3");
      await here.says(third, "shift_watched", SLACK);
      first.signalAll("SIGKILL");
      const killed = Date.now();
      const taken = await here.says(third, "shift_taken_over", observe(quick) + SLACK);
      expect((timeOf(taken) - killed) / 1000).toBeGreaterThan(trust(quick));
      await here.says(third, "worker_started", SLACK);
      third.signal("SIGTERM");
      expect(await third.ended).toMatchObject({ code: 143 });
    });

    test("is taken over at once by a retry of the execution that had it", { timeout: LONG }, async () => {
      const here = world("retry");
      const first = shift(here, "dental-1", 0);
      await here.says(first, "worker_started", SLACK);
      first.signalAll("SIGKILL");
      await first.ended;
      const again = shift(here, "dental-1", 1);
      const [started, taken] = [
        await here.says(again, "runtime_started", SLACK),
        await here.says(again, "shift_taken_over", SLACK),
      ];
      // Nothing is waited for but the database's first answer.
      expect(timeOf(taken) - timeOf(started)).toBeLessThan(5_000);
      await here.says(again, "worker_started", SLACK);
    });
  });
});
