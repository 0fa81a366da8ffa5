import { describe, expect, test } from "vitest";
import { World } from "./containers.ts";
import { CLOSES, duplicate, enter, lease, run, shift, started, unleased } from "./shifts.ts";

describe("a start finds a shift", () => {
  test("that nobody has: it works, at once", async () => {
    const world = new World();
    const { container, entry, after } = await started(world);
    expect(entry).toEqual(run);
    expect(after).toBe(0);
    expect(lease(world)).toMatchObject({ status: "running", owner: container.id, epoch: 1, state: "held" });
  });

  test("that another works in: it leaves, after it saw two heartbeats of it", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(60);
    const second = await started(world);
    expect(second.entry).toEqual(duplicate);
    expect(second.after).toBeGreaterThan(27);
    expect(second.after).toBeLessThan(70);
    expect(second.container.events("duplicate_execution")).toMatchObject([{ fields: { owner: container.id } }]);
    await world.seconds(200);
    expect(lease(world)).toMatchObject({ owner: container.id, epoch: 1 });
    expect(container.shiftsLost).toBe(0);
  });

  test("also where heartbeats come more often than it looks", async () => {
    const world = new World();
    const quick = { interval: 1, orphanAfter: 47 };
    await started(world, quick);
    await world.seconds(60);
    const second = await started(world, quick);
    expect(second.entry).toEqual(duplicate);
    expect(second.after).toBeLessThan(10);
    expect(second.container.events("shift_watched")).toHaveLength(1);
  });

  test("whose holder is dead: it takes over after the observation, though one write landed late", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(20);
    container.next("update shifts", { request: 60_000 });
    await world.seconds(15);
    container.crash();
    const second = await started(world);
    expect(second.entry).toEqual(run);
    expect(second.after).toBeGreaterThan(126 + 40);
    expect(second.after).toBeLessThan(200);
    expect(lease(world)).toMatchObject({ owner: second.container.id, epoch: 2 });
    expect(second.container.events("shift_taken_over")).toHaveLength(1);
  });

  test("whose heartbeats came twice within a moment: that is one sign of life", async () => {
    const world = new World();
    const { container } = await started(world);
    container.crash();
    const second = world.container();
    const entry = enter(second);
    await world.seconds(10);
    for (let times = 0; times < 3; times++) {
      world.change(shift.id, { "lease.hbSeq": 10 + times }, "shifts");
      await world.seconds(4);
    }
    expect(await world.until(entry)).toEqual(run);
  });

  test("that an earlier attempt of the same task held: it takes over at once", async () => {
    const world = new World();
    const place = { execution: "worker-abcde", task: 0, attempt: 0 };
    const { container } = await started(world, { place });
    container.crash();
    const retry = await started(world, { place: { ...place, attempt: 1 } });
    expect(retry).toMatchObject({ entry: run, after: 0 });
  });

  test("but outside Cloud Run it waits", async () => {
    const world = new World();
    const place = { execution: "local", task: 0, attempt: 0 };
    const { container } = await started(world, { place });
    container.crash();
    expect((await started(world, { place: { ...place, attempt: 1 } })).after).toBeGreaterThan(120);
  });

  test("whose holder said that it has stopped: it takes over at once", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(1);
    container.next("update shifts", { request: "lost" });
    await world.until(container.keeper.finish("released"));
    expect(lease(world).status).toBe("running");
    expect(await started(world)).toMatchObject({ entry: run, after: 0 });
  });

  test("that was given back: it works at once, under the next epoch", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.until(container.keeper.finish("released"));
    expect(lease(world)).toMatchObject({ status: "interrupted", state: "free" });
    expect(await started(world)).toMatchObject({ entry: run, after: 0 });
    expect(lease(world).epoch).toBe(2);
  });

  test("that was completed: it leaves", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.until(container.keeper.finish("completed"));
    const second = await started(world);
    expect(second).toMatchObject({ entry: { enter: "leave", why: "completed" }, after: 0 });
    expect(second.container.events("shift_closed")).toHaveLength(1);
  });

  test("that was completed before the hours were prolonged: it works", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.until(container.keeper.finish("completed"));
    const later = world.container();
    expect(await world.until(enter(later, { ...shift, closes: CLOSES + 3_600_000 }))).toEqual(run);
    expect(lease(world).epoch).toBe(2);
  });

  test("whose holder drains: it watches, and works as soon as the holder is gone", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(40);
    container.keeper.drain("draining");
    await world.seconds(1);
    const second = world.container();
    const entry = enter(second);
    await world.seconds(100);
    await world.until(container.keeper.finish("released"));
    const released = world.clock.monotonic();
    expect(await world.until(entry)).toEqual(run);
    expect(world.clock.monotonic() - released).toBeLessThanOrEqual(2_000);
  });

  test("two starts at once: one works, and the other leaves", async () => {
    const world = new World();
    const one = world.container();
    const two = world.container();
    one.faults.delay = 200;
    two.faults.delay = 200;
    const entries = await world.until(Promise.all([enter(one), enter(two)]));
    expect(entries).toContainEqual(run);
    expect(entries).toContainEqual(duplicate);
  });

  test("two starts that find a dead holder: one takes over, and the other leaves", async () => {
    const world = new World();
    const { container } = await started(world);
    container.crash();
    const others = [world.container(), world.container()];
    const entries = await world.until(Promise.all(others.map((other) => enter(other))));
    expect(entries).toContainEqual(run);
    expect(entries).toContainEqual(duplicate);
    expect(lease(world).epoch).toBe(2);
  });

  test("told to stop while it watches, it leaves", async () => {
    const world = new World();
    await started(world);
    const second = world.container();
    const stop = new AbortController();
    const entry = enter(second, shift, stop.signal);
    await world.seconds(10);
    stop.abort();
    expect(await world.until(entry)).toEqual(duplicate);
    expect(lease(world).epoch).toBe(1);
  });
});

describe("a claim of a shift whose answer was lost", () => {
  test.each([
    ["the first claim", "insert shifts", { reply: "lost" }],
    ["the first claim, landed twice", "insert shifts", { again: 100, reply: "lost" }],
  ] as const)("is found to be its own: %s", async (_, operation, fate) => {
    const world = new World();
    const container = world.container();
    container.next(operation, fate);
    const entry = await world.until(enter(container));
    // 5 s is all that a start waits for the first answer: it works, and then finds its lease.
    expect(entry).toEqual(unleased);
    await world.seconds(40);
    expect(lease(world)).toMatchObject({ owner: container.id, epoch: 1 });
    expect(container.events("lease_available")).toHaveLength(1);
    expect(container.shiftsLost).toBe(0);
  });

  test("also when the connection broke", async () => {
    const world = new World();
    const container = world.container();
    container.next("insert shifts", { request: 0, reply: 500, broken: 100 });
    expect(await world.until(enter(container))).toEqual(run);
    expect(lease(world)).toMatchObject({ owner: container.id, epoch: 1 });
  });

  test("a takeover that landed unheard is found too", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(1);
    await world.until(container.keeper.finish("released"));
    const second = world.container();
    second.next("update shifts", { reply: 500, broken: 100 });
    expect(await world.until(enter(second))).toEqual(run);
    expect(lease(world)).toMatchObject({ owner: second.id, epoch: 2 });
  });
});
