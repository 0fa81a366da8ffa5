import { describe, expect, test } from "vitest";
import type { Entry } from "../../../runtime/leases.ts";
import { NOT_EXECUTABLE, NOT_FOUND, SpawnFailure } from "../../../runtime/supervisor/processes.ts";
import { calendar, dental, utc } from "../../domain/clinic.ts";
import { settled } from "../../support/virtual-clock.ts";
import { type FakeChild, type World, type WorldOptions, world } from "./stand-ins.ts";

const HOUR = 3_600_000;
const hours = calendar(dental, { lead: 300, drain: 900 });
const inHours = utc("2027-06-07 08:00");
const closing = utc("2027-06-07 12:00");

/** A container that starts on a Monday at 13:00 in the clinic. */
function atWork(options: WorldOptions = {}): World {
  return world({ wall: inHours, ...options, settings: { calendar: hours, ...options.settings } });
}

const exitsOnTerm = (after: number, code: number, clock: () => World["clock"]) => (child: FakeChild) => {
  child.onTerm = () => void clock().after(after, () => child.end({ code }));
};

describe("the order at the start", () => {
  test("a start on a holiday opens nothing, starts nothing and leaves with 0", async () => {
    const { code, told, children, events } = atWork({ settings: { calendar: { ...hours, holidays: ["2027-06-07"] } } });
    expect(await code).toBe(0);
    expect([told, children]).toEqual([[], []]);
    expect(events()).toEqual(["shift_closed", "runtime_exited"]);
  });

  test("the worker is not started before the shift's record has said so", async () => {
    const answer = Promise.withResolvers<Entry>();
    const { clock, children, told } = atWork({ entry: () => answer.promise });
    await clock.advance(200_000);
    expect(children).toHaveLength(0);
    answer.resolve({ enter: "run", leased: true });
    await settled();
    expect(children).toHaveLength(1);
    expect(told).toEqual(["enter projects/p/locations/l/jobs/dental/2027-06-07/weekday 0", "worker started 200000"]);
  });

  test("a slow clock waits for the start, and then works", async () => {
    const { clock, children, events } = atWork({ wall: utc("2027-06-07 03:50"), alone: true });
    await clock.advance(4 * 60_000);
    expect(children).toHaveLength(0);
    await clock.advanceTo(utc("2027-06-07 03:55"));
    expect(children).toHaveLength(1);
    expect(events()).toEqual(["shift_waits", "worker_started"]);
  });

  test("without a calendar the worker starts at once, and no record is asked", async () => {
    const { children, told } = world();
    await settled();
    expect(children).toHaveLength(1);
    expect(told).toEqual(["worker started 0"]);
  });

  test("two jobs whose names are not known do not share a record, which would leave one clinic unanswered", async () => {
    const { children, told } = atWork({ settings: { job: undefined } });
    await settled();
    expect(children).toHaveLength(1);
    expect(told).toEqual(["worker started 0"]);
  });

  test("a database that fails when the record is asked does not keep the clinic without a worker", async () => {
    const { children, line } = atWork({ entry: () => Promise.reject(new Error("no primary")) });
    await settled();
    expect(children).toHaveLength(1);
    expect(line("lease_unavailable").message).toContain("no primary");
  });

  test.each(["duplicate", "completed"] as const)(
    "a start that finds its shift %s leaves with 0, and does not say that it ended",
    async (why) => {
      const { code, children, told, events } = atWork({ entry: async () => ({ enter: "leave", why }) });
      expect(await code).toBe(0);
      expect(children).toHaveLength(0);
      expect(told.at(-2)).toBe("finish released 0");
      expect(events()).toEqual(["runtime_exited"]);
    },
  );

  test("AGENT_RUN_FOR on a closed day takes no record", async () => {
    const { children, told } = atWork({ wall: utc("2027-06-13 08:00"), settings: { runFor: 7200 } });
    await settled();
    expect(children).toHaveLength(1);
    expect(told).toEqual(["worker started 0"]);
  });

  test.each<[string, WorldOptions]>([
    ["waits for the start", { wall: utc("2027-06-07 03:50") }],
    ["watches another holder", { entry: () => new Promise(() => {}) }],
  ])("a SIGTERM while it %s ends it at once, with 143", async (_, options) => {
    const { clock, code, signal, children, told } = atWork(options);
    await clock.advance(1000);
    signal("SIGTERM");
    expect(await code).toBe(143);
    expect(children).toHaveLength(0);
    expect(told).toContain("finish released 1000");
  });

  test("closing while it watches another holder is no failure", async () => {
    const { clock, code, told } = atWork({ entry: () => new Promise(() => {}) });
    expect(await clock.until(code, 5 * HOUR)).toBe(0);
    expect(clock.wall()).toBe(closing);
    expect(told).toContain(`abort ${4 * HOUR}`);
  });
});

describe("SIGTERM", () => {
  test("the worker gets one, is given its time, and nothing is given back before it is dead", async () => {
    const { clock, code, child, told, signal } = atWork();
    await clock.advance(60_000);
    signal("SIGTERM");
    await clock.advance(6499);
    expect([child().terms, child().kills]).toEqual([1, 0]);
    expect(await clock.until(code)).toBe(143);
    expect(child().terms).toBe(1);
    expect(told.slice(-4)).toEqual([
      "drain closing 60000",
      "dead killed 66500",
      "finish released 66500",
      "close 66500",
    ]);
    expect(clock.timers).toBe(0);
  });

  test("a worker that ends by itself is not waited for any longer", async () => {
    const made: World = atWork({ spawn: () => exitsOnTerm(300, 0, () => made.clock) });
    await settled();
    made.signal("SIGTERM");
    expect(await made.clock.until(made.code)).toBe(143);
    expect(made.told.slice(-3)).toEqual(["dead killed 300", "finish released 300", "close 300"]);
    // Whatever it left behind is killed, and nothing is logged as cut.
    expect(made.child().kills).toBeGreaterThan(0);
    expect(made.events()).not.toContain("worker_killed");
  });

  test("a database that never answers does not take the half second that is left before the host's own kill", async () => {
    const { clock, code, leases, signal, told } = atWork();
    leases.slow = new Promise(() => {});
    await settled();
    signal("SIGTERM");
    expect(await clock.until(code)).toBe(143);
    expect(clock.monotonic() - 1_000_000).toBeLessThanOrEqual(9500);
    // Both were asked: the campaigns first, and the rest with what was left.
    expect(told.filter((line) => /^(dead|finish)/.test(line))).toEqual(["dead killed 6500", "finish released 8600"]);
  });

  test("a second one kills at once; the worker still gets only one SIGTERM", async () => {
    const { clock, code, child, signal, told } = atWork();
    await settled();
    signal("SIGTERM");
    await clock.advance(200);
    expect(child().kills).toBe(0);
    signal("SIGTERM");
    expect(await clock.until(code)).toBe(143);
    expect(child().terms).toBe(1);
    expect(told.at(-1)).toBe("close 200");
  });

  test("nothing is given back while something of the worker may live", async () => {
    const { clock, code, child, signal, told, line } = atWork();
    await settled();
    child().immortal = true;
    signal("SIGTERM");
    expect(await clock.until(code)).toBe(143);
    expect(told.join("\n")).not.toContain("dead");
    expect(told.at(-2)).toMatch(/^finish undefined 70/);
    expect(line("kill_unconfirmed").severity).toBe("ERROR");
  });

  test("between two starts of the worker it ends at once", async () => {
    const { clock, code, child, signal, told } = atWork();
    await settled();
    child().end({ code: 1 });
    await clock.advance(400);
    signal("SIGTERM");
    expect(await clock.until(code)).toBe(143);
    expect(told.slice(-2)).toEqual(["finish released 400", "close 400"]);
    expect(clock.timers).toBe(0);
  });

  test("while a worker that died is buried does not promise another start", async () => {
    const { clock, code, leases, child, signal, events } = atWork();
    await settled();
    leases.slow = new Promise((resolve) => clock.after(1000, resolve));
    child().end({ code: 1 });
    await clock.advance(500);
    signal("SIGTERM");
    expect(await clock.until(code)).toBe(143);
    expect(events()).not.toContain("worker_restarts");
  });

  test("while what a dead worker left outlives SIGKILL ends in time", async () => {
    const { clock, code, child, signal, now } = atWork();
    await settled();
    child().immortal = true;
    child().end({ code: 1 });
    await clock.advance(200);
    signal("SIGTERM");
    expect(await clock.until(code)).toBe(143);
    expect(now()).toBeLessThanOrEqual(7300);
  });

  test("stays one when the clinic closes meanwhile: the retry finds it closed", async () => {
    const { clock, code, signal, told } = atWork({ wall: closing - 3000 });
    await settled();
    signal("SIGTERM");
    expect(await clock.until(code)).toBe(143);
    expect(clock.wall()).toBeGreaterThan(closing);
    expect(told.at(-2)).toMatch(/^finish released/);
  });

  test("Ctrl-C is as a SIGTERM, with the code that a shell expects", async () => {
    const { clock, code, child, signal } = world();
    await settled();
    signal("SIGINT");
    expect(await clock.until(code)).toBe(130);
    expect(child().terms).toBe(1);
  });

  test("without a calendar too the task is not done: 143, whatever the worker's own code", async () => {
    const made: World = world({ spawn: () => exitsOnTerm(10, 0, () => made.clock) });
    await settled();
    made.signal("SIGTERM");
    expect(await made.clock.until(made.code)).toBe(143);
  });
});

describe("closing", () => {
  test("calls are given the calendar's drain, then cut, and it is said how many; the exit is 0", async () => {
    const made = atWork({
      settings: { workerHealth: new URL("http://127.0.0.1:8081/") },
      answer: (path) => ({ status: 200, body: path === "/worker" ? '{"active_jobs":2}' : "OK" }),
    });
    await made.clock.advanceTo(closing);
    expect([made.child().terms, made.child().kills]).toEqual([1, 0]);
    await made.clock.advance(899_999);
    expect(made.child().kills).toBe(0);
    expect(await made.clock.until(made.code)).toBe(0);
    expect(made.clock.wall()).toBe(closing + 900_000);
    expect(made.told.filter((line) => /drain|finish/.test(line))).toEqual([
      `drain draining ${4 * HOUR}`,
      `finish completed ${4 * HOUR + 900_000}`,
    ]);
    expect(made.line("calls_cut")).toMatchObject({ severity: "WARNING", calls: 2, why: "drained" });
  });

  test("a worker without calls leaves at closing; nobody starts the shift again", async () => {
    const made: World = atWork({ spawn: () => exitsOnTerm(2000, 0, () => made.clock) });
    expect(await made.clock.until(made.code, 5 * HOUR)).toBe(0);
    expect(made.clock.wall()).toBe(closing + 2000);
    expect(made.told).toContain(`finish completed ${4 * HOUR + 2000}`);
  });

  test("a worker that has to end without any drain still has its moment", async () => {
    const { clock, child, code } = atWork({ settings: { calendar: { ...hours, drain: 0 } } });
    await clock.advanceTo(closing + 6400);
    expect([child().terms, child().kills]).toEqual([1, 0]);
    expect(await clock.until(code)).toBe(0);
  });

  test("a SIGTERM while it drains hastens it, is no second one to the worker, and no failure", async () => {
    const { clock, code, child, signal, told } = atWork();
    await clock.advanceTo(closing + 60_000);
    signal("SIGTERM");
    const began = clock.monotonic();
    expect(await clock.until(code)).toBe(0);
    expect(clock.monotonic() - began).toBe(6500);
    expect(child().terms).toBe(1);
    expect(told.at(-2)).toMatch(/^finish completed/);
  });

  test("a SIGTERM at closing, before the timer has run, is a closing", async () => {
    const { clock, code, signal } = atWork({ wall: closing - 10_000 });
    await settled();
    clock.suspend(10_000);
    signal("SIGTERM");
    expect(await clock.until(code)).toBe(0);
  });

  test("a machine that was suspended closes soon after it wakes, though its timers stood still", async () => {
    const { clock, child } = atWork({ wall: closing - HOUR });
    await settled();
    clock.suspend(HOUR);
    await clock.advance(20_000);
    expect(child().terms).toBe(1);
  });

  test("between two starts of a worker it is still a closing", async () => {
    const { clock, code, child, told } = atWork({ wall: closing - 500 });
    await settled();
    child().end({ code: 1 });
    expect(await clock.until(code)).toBe(0);
    expect(told.at(-2)).toBe("finish completed 500");
  });

  test("the end of AGENT_RUN_FOR gives the shift back", async () => {
    const { clock, code, child, told } = atWork({ settings: { runFor: 1800 } });
    await clock.advance(1_800_000);
    expect(child().terms).toBe(1);
    expect(await clock.until(code)).toBe(0);
    expect(told.at(-2)).toBe(`finish released ${1_800_000 + 900_000}`);
  });
});

describe("a worker that dies", () => {
  test.each([0, 1, 7])("with %i inside a shift is buried first, and then started again", async (own) => {
    const { clock, child, children, told } = atWork();
    await clock.advance(5000);
    child().others = 1;
    child().end({ code: own });
    await settled();
    expect(child().kills).toBeGreaterThan(0);
    expect(child().others).toBe(0);
    expect(told.at(-1)).toBe("dead crashed 5000");
    await clock.advance(1000);
    expect(children).toHaveLength(2);
    expect(told.at(-1)).toBe("worker started 6000");
  });

  test("again and again waits longer each time, and then the task fails with its code", async () => {
    const starts: number[] = [];
    const made: World = atWork({
      spawn: () => (child) => {
        starts.push(made.clock.monotonic() - 1_000_000);
        made.clock.after(1, () => child.end({ signal: "SIGSEGV" }));
      },
    });
    expect(await made.clock.until(made.code)).toBe(139);
    expect(starts.map((at, index) => Math.round((at - (starts[index - 1] ?? 0)) / 1000))).toEqual([0, 1, 2, 4, 8, 16]);
    expect(made.told.at(-2)).toMatch(/^finish released/);
    expect(made.line("runtime_exited")).toMatchObject({ severity: "ERROR", reason: "gaveUp" });
  });

  test("with 0, again and again, is a failure all the same", async () => {
    const made: World = atWork({
      settings: { restarts: 0 },
      spawn: () => (child) => void made.clock.after(1, () => child.end({ code: 0 })),
    });
    expect(await made.clock.until(made.code)).toBe(70);
  });

  test("is forgiven what was before ten good minutes", async () => {
    const made: World = atWork({
      settings: { restarts: 1 },
      spawn: () => (child) => void made.clock.after(600_000, () => child.end({ code: 1 })),
    });
    await made.clock.advance(3 * HOUR);
    expect(made.children.length).toBeGreaterThan(15);
  });

  test.each([0, 3])("with %i and without a calendar ends the runtime with its own code", async (own) => {
    const { clock, code, child, told } = world();
    await settled();
    child().end({ code: own });
    expect(await clock.until(code)).toBe(own);
    expect(told.slice(-3)).toEqual(["dead crashed 0", "finish released 0", "close 0"]);
  });

  test("and leaves processes that outlive SIGKILL is not started a second time beside them", async () => {
    const { clock, code, child, children, told } = atWork();
    await settled();
    child().immortal = true;
    child().end({ code: 1 });
    expect(await clock.until(code)).toBe(70);
    expect(children).toHaveLength(1);
    expect(told.at(-2)).toMatch(/^finish undefined 100/);
    expect(told.join("\n")).not.toContain("dead");
  });

  test("does not wait for a database that is down before it is started again", async () => {
    const { clock, leases, child, children } = atWork();
    await settled();
    leases.slow = new Promise(() => {});
    child().end({ code: 1 });
    await clock.advance(3500);
    expect(children).toHaveLength(2);
  });

  test("a worker that does not confirm a fence is killed and started again, outside its count", async () => {
    const made = atWork({ settings: { restarts: 0 } });
    for (let time = 0; time < 3; time++) {
      await made.clock.advance(1000);
      made.leases.unconfirmed();
      await made.clock.advance(0);
      expect(made.children).toHaveLength(time + 2);
    }
    expect(made.told.filter((line) => line.startsWith("dead"))).toEqual([
      "dead killed 1000",
      "dead killed 2000",
      "dead killed 3000",
    ]);
    expect(made.child().terms).toBe(0);
  });

  test("a fence that is not confirmed while calls end kills at once: somebody else is about to act", async () => {
    const { clock, code, leases, child } = atWork();
    await clock.advanceTo(closing + 1000);
    leases.unconfirmed();
    expect(await clock.until(code)).toBe(0);
    expect(clock.wall()).toBe(closing + 1000);
    expect(child().kills).toBeGreaterThan(0);
  });
});

describe("a worker that cannot be started", () => {
  test.each([
    [NOT_FOUND, "was not found"],
    [NOT_EXECUTABLE, "cannot run it"],
  ] as const)("ends with %i at once: another start would not find it either", async (own, message) => {
    const { clock, code, line, told } = atWork({ spawn: () => new SpawnFailure(message, own, false) });
    expect(await clock.until(code)).toBe(own);
    expect(line("worker_exited")).toMatchObject({ severity: "ERROR", message, code: own });
    expect(told.at(-2)).toBe("finish released 0");
  });

  test("because the system had no room is started again later", async () => {
    const { clock, children } = atWork({
      spawn: (index) => (index === 0 && failures++ < 2 ? new SpawnFailure("no room", NOT_EXECUTABLE, true) : () => {}),
    });
    let failures = 0;
    await clock.advance(3000);
    expect(children).toHaveLength(1);
  });
});

test("a shift that belongs to another is drained, not cut, and left with 0", async () => {
  const { clock, code, leases, child, told } = atWork();
  await clock.advance(60_000);
  leases.lost();
  await clock.advance(899_999);
  expect([child().terms, child().kills]).toEqual([1, 0]);
  expect(await clock.until(code)).toBe(0);
  expect(told.filter((line) => /drain|finish/.test(line))).toEqual(["drain draining 60000", "finish released 960000"]);
});

test("a SIGTERM after the shift was lost is no failure: a retry would find the other one at work", async () => {
  const { clock, code, leases, signal } = atWork();
  await clock.advance(60_000);
  leases.lost();
  signal("SIGTERM");
  expect(await clock.until(code)).toBe(0);
});

describe("a machine that is moved", () => {
  test("neither signal reaches the worker, and the leases know", async () => {
    const { clock, signal, child, told, line, supervisor } = atWork();
    await settled();
    signal("SIGTSTP");
    expect(supervisor.state.doing).toBe("migrating");
    await clock.advance(10_000);
    clock.suspend(20_000);
    signal("SIGCONT");
    expect(supervisor.state.doing).toBe("running");
    expect(told.slice(-2)).toEqual(["migrating 0", "resumed 10000"]);
    expect(line("migration_ended").ms).toBe(30_000);
    expect([child().terms, child().kills]).toEqual([0, 0]);
  });
});

test("a shift that is leased later, or lost, is shown as it is then", async () => {
  const { leases, supervisor } = atWork({ entry: async () => ({ enter: "run", leased: false }) });
  leases.shiftLeased = false;
  await settled();
  expect(supervisor.state.leased).toBe(false);
  leases.shiftLeased = true;
  expect(supervisor.state.leased).toBe(true);
});

test("a worker behind a shell that has ended is drained, not cut: what was left is told once, and has all the time", async () => {
  const made: World = atWork({ spawn: () => exitsOnTerm(10, 143, () => made.clock) });
  await settled();
  made.child().others = 2;
  made.signal("SIGTERM");
  await made.clock.advance(5000);
  expect([made.child().othersTold, made.child().kills]).toEqual([2, 0]);
  const told = made.lines.filter(({ event }) => event === "drain_started").map(({ reason }) => reason);
  expect(told).toEqual(["terminated", "left"]);
  made.child().others = 0;
  expect(await made.clock.until(made.code)).toBe(143);
  expect(made.now()).toBeLessThan(5200);
  expect(made.events()).not.toContain("worker_killed");
  expect(made.clock.timers).toBe(0);
});

test("what a worker left and does not end is killed in time, and that is said", async () => {
  const made: World = atWork({ spawn: () => exitsOnTerm(10, 143, () => made.clock) });
  await settled();
  made.child().others = 1;
  made.signal("SIGTERM");
  expect(await made.clock.until(made.code)).toBe(143);
  expect(made.told).toContain("dead killed 6500");
  expect(made.line("worker_killed").severity).toBe("WARNING");
  expect(made.clock.timers).toBe(0);
});

test("a hang-up is ignored; SIGQUIT shows how things are, and ends nothing", async () => {
  const { clock, signal, child, line } = atWork();
  await clock.advance(1000);
  signal("SIGHUP");
  signal("SIGQUIT");
  await clock.advance(1000);
  expect([child().terms, child().kills]).toEqual([0, 0]);
  expect(line("signal_received")).toMatchObject({
    signal: "SIGQUIT",
    doing: "running",
    uptime: 1,
    ran: 1,
    starts: 1,
    leased: true,
    pid: 100,
    shift: "weekday 2027-06-07 09:00 to 2027-06-07 17:00",
  });
});

test("every step is logged, in order", async () => {
  const made: World = atWork({ spawn: () => exitsOnTerm(2000, 0, () => made.clock) });
  await made.clock.until(made.code, 5 * HOUR);
  expect(made.events()).toEqual(["worker_started", "drain_started", "worker_exited", "runtime_exited"]);
});
