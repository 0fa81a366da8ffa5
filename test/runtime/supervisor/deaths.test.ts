import { describe, expect, test } from "vitest";
import { NOT_EXECUTABLE, NOT_FOUND, SpawnFailure } from "../../../runtime/supervisor/processes.ts";
import { settled } from "../../support/virtual-clock.ts";
import { atWork, closing, exitsOnTerm, HOUR } from "./at-work.ts";
import { type World, world } from "./stand-ins.ts";

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
