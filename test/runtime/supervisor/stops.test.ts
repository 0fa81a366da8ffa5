import { describe, expect, test } from "vitest";
import { settled } from "../../support/virtual-clock.ts";
import { atWork, closing, exitsOnTerm, HOUR, hours } from "./at-work.ts";
import { type World, world } from "./stand-ins.ts";

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

  test("a runtime that stood still during the kill looks once more before it says that the worker outlives it", async () => {
    const { clock, code, child, signal, told, events } = atWork();
    await settled();
    child().immortal = true;
    signal("SIGTERM");
    while (child().kills === 0) await clock.advance(10);
    clock.after(1_010, () => {
      child().immortal = false;
    });
    await clock.stop(1_000);
    expect(await clock.until(code)).toBe(143);
    expect(events()).not.toContain("kill_unconfirmed");
    expect(told.join("\n")).toContain("dead");
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
