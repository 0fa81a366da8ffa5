import { describe, expect, test } from "vitest";
import { type Fault, WorkerHealth } from "../../../runtime/supervisor/health.ts";
import type { HttpAnswer } from "../../../runtime/supervisor/http.ts";
import { calendar, dental, utc } from "../../domain/clinic.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { world } from "./stand-ins.ts";

const url = new URL("http://127.0.0.1:8081/");
const well: HttpAnswer = { status: 200, body: "OK" };
const ill: HttpAnswer = { status: 503, body: "inference process failed" };

/** A worker that answers as it is told to, or hangs: then an answer takes until the asker gives up. */
function probed() {
  const clock = new VirtualClock();
  const start = clock.monotonic();
  const asked: string[] = [];
  const spared: Fault[] = [];
  const worker: { says: HttpAnswer | "nothing" | "hangs"; jobs: unknown; failedAt?: number; fault?: Fault } = {
    says: "nothing",
    jobs: { active_jobs: 0 },
  };
  const get = (target: URL, timeout: number) => {
    asked.push(`${target.pathname} ${clock.monotonic() - start}`);
    if (worker.says === "hangs") {
      return new Promise<HttpAnswer>((_, reject) => clock.after(timeout, () => reject(new Error("no answer in 5 s"))));
    }
    if (worker.says === "nothing") return Promise.reject(new Error("connect ECONNREFUSED"));
    return Promise.resolve(
      target.pathname === "/worker" ? { status: 200, body: JSON.stringify(worker.jobs) } : worker.says,
    );
  };
  const health = new WorkerHealth({ clock, get, spared: (fault) => spared.push(fault) }, url);
  health.failed.then((fault) => {
    worker.failedAt = clock.monotonic() - start;
    worker.fault = fault;
  });
  return { clock, health, worker, asked, spared };
}

test("a worker that has no such endpoint is never judged", async () => {
  const { clock, health, worker, asked } = probed();
  await clock.advance(3_600_000);
  expect(asked).toHaveLength(360);
  expect(health.state).toBe("unknown");
  expect(worker.failedAt).toBeUndefined();
});

test("a worker that takes long to start is not killed for it", async () => {
  const { clock, worker } = probed();
  worker.says = ill;
  await clock.advance(600_000);
  worker.says = well;
  await clock.advance(60_000);
  expect(worker.failedAt).toBeUndefined();
});

test("a worker that hangs in the worst moment is found within 90 s", async () => {
  const { clock, worker, health } = probed();
  worker.says = well;
  await clock.advance(10_000);
  worker.says = "hangs";
  await clock.advance(59_000);
  expect([health.state, worker.failedAt]).toEqual(["unhealthy", undefined]);
  await clock.advance(31_000);
  expect(worker.failedAt).toBeLessThanOrEqual(10_000 + 89_000);
  expect(worker.fault?.answer).toContain("no answer in 5 s");
});

test("a worker that says 503 is given 60 s, and its answer is told", async () => {
  const { clock, worker } = probed();
  worker.says = well;
  await clock.advance(10_000);
  worker.says = ill;
  await clock.advance(60_000);
  expect(worker.failedAt).toBeUndefined();
  await clock.advance(20_000);
  expect(worker.failedAt).toBe(80_000);
  expect(worker.fault).toMatchObject({ answer: "status 503" });
});

describe("a worker that has calls, and says 503: its control connection is down", () => {
  function inCalls() {
    const made = probed();
    made.worker.says = well;
    made.worker.jobs = { active_jobs: 2 };
    return made;
  }

  test("keeps them for as long as it answers, and that is said once", async () => {
    const { clock, worker, health, spared } = inCalls();
    await clock.advance(10_000);
    worker.says = ill;
    await clock.advance(600_000);
    expect([health.state, worker.failedAt]).toEqual(["unhealthy", undefined]);
    expect(spared).toEqual([{ answer: "status 503", since: expect.any(Number) }]);
  });

  test("whose first calls come only then keeps those too", async () => {
    const { clock, worker } = inCalls();
    worker.jobs = { active_jobs: 0 };
    await clock.advance(10_000);
    worker.says = ill;
    worker.jobs = { active_jobs: 1 };
    await clock.advance(600_000);
    expect(worker.failedAt).toBeUndefined();
  });

  test("is killed once they are over, and it is not well", async () => {
    const { clock, worker } = inCalls();
    await clock.advance(10_000);
    worker.says = ill;
    await clock.advance(100_000);
    worker.jobs = { active_jobs: 0 };
    await clock.advance(10_000);
    expect(worker.failedAt).toBe(120_000);
  });

  test("is killed when it has not answered at all for a minute, however long it was ill before", async () => {
    const { clock, worker } = inCalls();
    await clock.advance(10_000);
    worker.says = ill;
    await clock.advance(100_000);
    worker.says = "hangs";
    await clock.advance(59_000);
    expect(worker.failedAt).toBeUndefined();
    await clock.advance(31_000);
    expect(worker.failedAt).toBeDefined();
  });

  test("and is well again has each later illness said again", async () => {
    const { clock, worker, spared } = inCalls();
    for (let time = 0; time < 2; time++) {
      worker.says = well;
      await clock.advance(10_000);
      worker.says = ill;
      await clock.advance(80_000);
    }
    expect(spared).toHaveLength(2);
  });
});

test("the calls of a worker that is not well are not cut, and a warning says so", async () => {
  const made = world({ wall: utc("2027-06-07 08:00"), settings: { calendar: calendar(dental), workerHealth: url } });
  let status = 200;
  made.answer = (path) => (path === "/worker" ? { status: 200, body: '{"active_jobs":1}' } : { status, body: "" });
  await made.clock.advance(10_000);
  status = 503;
  await made.clock.advance(300_000);
  expect(made.child()).toMatchObject({ terms: 0, kills: 0 });
  expect(made.events()).toEqual(["worker_started", "worker_unhealthy"]);
  expect(made.line("worker_unhealthy")).toMatchObject({ severity: "WARNING", calls: 1 });
});

test("a worker that recovers in between begins anew", async () => {
  const { clock, worker, health } = probed();
  for (let round = 0; round < 10; round++) {
    worker.says = well;
    await clock.advance(10_000);
    expect(health.state).toBe("healthy");
    worker.says = ill;
    await clock.advance(50_000);
  }
  expect(worker.failedAt).toBeUndefined();
});

test("the runtime's own absence is not the worker's fault", async () => {
  const { clock, worker, health } = probed();
  worker.says = well;
  await clock.advance(10_000);
  worker.says = "nothing";
  await clock.advance(10_000);
  expect(health.state).toBe("unhealthy");
  await clock.stop(300_000);
  await clock.advance(50_000);
  expect(worker.failedAt).toBeUndefined();
});

test("a machine that was moved gives its worker time to connect again", async () => {
  const { clock, worker, health } = probed();
  worker.says = well;
  await clock.advance(10_000);
  worker.says = ill;
  await clock.advance(55_000);
  health.forget();
  await clock.advance(59_000);
  expect(worker.failedAt).toBeUndefined();
});

describe("the number of calls", () => {
  test("is asked for every second while they end, and nothing is judged", async () => {
    const { clock, worker, health, asked } = probed();
    worker.says = well;
    worker.jobs = { active_jobs: 3 };
    await clock.advance(10_000);
    expect(health.calls).toBe(3);
    health.drain();
    worker.jobs = { active_jobs: 1 };
    await clock.advance(1000);
    expect(health.calls).toBe(1);
    worker.says = "hangs";
    asked.length = 0;
    await clock.advance(120_000);
    expect([health.calls, worker.failedAt]).toEqual([1, undefined]);
    // Each takes five seconds to give up, and a second later comes the next.
    expect(asked).toHaveLength(20);
  });

  test("is asked for only once at a time, also when the drain begins during an answer", async () => {
    const { clock, worker, health, asked } = probed();
    worker.says = well;
    await clock.advance(10_000);
    worker.says = "hangs";
    await clock.advance(12_000);
    asked.length = 0;
    health.drain();
    await clock.advance(3000);
    worker.says = well;
    await clock.advance(10_000);
    // Once that answer has come, or not: one each second.
    expect(asked.filter((line) => line.startsWith("/ "))).toHaveLength(10);
  });

  test.each(["[]", '{"active_jobs":"two"}', '{"active_jobs":-1}', "{"])(
    "is unknown where the answer is %s",
    async (body) => {
      const clock = new VirtualClock();
      const health = new WorkerHealth({ clock, get: async () => ({ status: 200, body }), spared: () => {} }, url);
      await clock.advance(10_000);
      expect(health.calls).toBeUndefined();
      health.stop();
      expect(clock.timers).toBe(0);
    },
  );
});

test("a worker that hangs inside a shift is killed, seen dead, and started again", async () => {
  const made = world({
    wall: utc("2027-06-07 08:00"),
    settings: { calendar: calendar(dental), workerHealth: url },
    answer: () => well,
  });
  await made.clock.advance(10_000);
  made.answer = () => undefined;
  await made.clock.advance(89_000);
  expect(made.children).toHaveLength(2);
  expect(made.children[0]).toMatchObject({ terms: 0 });
  expect(made.told).toContain("dead crashed 80000");
  expect(made.events()).toEqual([
    "worker_started",
    "worker_unhealthy",
    "worker_killed",
    "worker_exited",
    "worker_restarts",
    "worker_started",
  ]);
});

test("a worker that is ill again and again ends the task with 137", async () => {
  const made = world({
    wall: utc("2027-06-07 08:00"),
    settings: { calendar: calendar(dental), workerHealth: url, restarts: 1 },
  });
  made.answer = () => (made.child().kills === 0 && made.clock.monotonic() % 100_000 < 15_000 ? well : ill);
  expect(await made.clock.until(made.code)).toBe(137);
  expect(made.children).toHaveLength(2);
});

test("a machine that was moved does not cost its worker the calls: it is judged anew", async () => {
  const made = world({ wall: utc("2027-06-07 08:00"), settings: { calendar: calendar(dental), workerHealth: url } });
  made.answer = () => well;
  await made.clock.advance(10_000);
  made.answer = () => ill;
  await made.clock.advance(55_000);
  made.signal("SIGTSTP");
  made.signal("SIGCONT");
  await made.clock.advance(55_000);
  expect(made.children).toHaveLength(1);
});

test("a worker that was ill before it had run ten minutes has not run ten good ones", async () => {
  const made = world({
    wall: utc("2027-06-07 08:00"),
    settings: { calendar: calendar(dental), workerHealth: url, restarts: 1 },
    answer: () => well,
  });
  await made.clock.advance(0);
  made.child().end({ code: 1 });
  await made.clock.advance(585_000);
  made.answer = () => ill;
  expect(await made.clock.until(made.code)).toBe(137);
  expect(made.now()).toBeGreaterThan(640_000);
  expect(made.children).toHaveLength(2);
});
