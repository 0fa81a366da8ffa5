import { describe, expect, test } from "vitest";
import { World } from "./containers.ts";
import { enter, lease, started, unleased } from "./shifts.ts";

describe("a database that is away stops nobody who works", () => {
  test("300 s without it interrupt no shift, and say so once", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(60);
    container.faults.partitioned = true;
    await world.seconds(300);
    container.faults.partitioned = false;
    await world.seconds(60);
    expect(container.shiftsLost).toBe(0);
    expect(lease(world)).toMatchObject({ owner: container.id, epoch: 1, state: "held" });
    expect(container.events("database_unavailable").length).toBe(1);
    expect(container.events("database_available").length).toBe(1);
  });

  test("that no heartbeat of a shift was ever accepted is said too, once, and that it is again", async () => {
    const world = new World();
    const { container } = await started(world);
    container.faults.partitioned = true;
    await world.seconds(300);
    expect(container.events("lease_unavailable")).toMatchObject([{ severity: "WARNING" }]);
    container.faults.partitioned = false;
    await world.seconds(60);
    expect(container.events("lease_available")).toHaveLength(1);
  });

  test("a start without an answer works after 5 s, and has the lease once there is one", async () => {
    const world = new World();
    const container = world.container();
    container.faults.partitioned = true;
    const began = world.clock.monotonic();
    expect(await world.until(enter(container))).toEqual(unleased);
    expect(world.clock.monotonic() - began).toBe(5_000);
    expect(container.events("lease_unavailable")).toMatchObject([{ severity: "WARNING" }]);
    expect(container.keeper.shiftLeased).toBe(false);
    await world.seconds(100);
    container.faults.partitioned = false;
    await world.seconds(40);
    expect(container.keeper.shiftLeased).toBe(true);
    expect(lease(world)).toMatchObject({ owner: container.id, epoch: 1 });
    expect(container.events("lease_available")).toHaveLength(1);
  });

  test("also when each operation fails at once", async () => {
    const world = new World();
    const container = world.container();
    for (let times = 0; times < 20; times++) container.next("find shifts", { request: "lost", broken: 10 });
    const began = world.clock.monotonic();
    expect(await world.until(enter(container))).toEqual(unleased);
    expect(world.clock.monotonic() - began).toBeLessThanOrEqual(5_001);
  });

  test("a start that cannot decide works after two observations", async () => {
    const world = new World();
    const { container } = await started(world);
    container.keeper.drain("draining");
    const second = await started(world);
    expect(second.entry).toEqual(unleased);
    expect(second.after).toBeCloseTo(252, 0);
    expect(container.shiftsLost).toBe(0);
  });

  test("one that works without a lease and finds another at work drains, once", async () => {
    const world = new World();
    const { container } = await started(world);
    const second = world.container();
    second.faults.partitioned = true;
    expect(await world.until(enter(second))).toEqual(unleased);
    second.faults.partitioned = false;
    await world.seconds(190);
    expect(second.shiftsLost).toBe(1);
    expect(second.events("shift_lost")).toMatchObject([{ fields: { owner: container.id } }]);
    expect(second.keeper.shiftLeased).toBe(false);
    expect(container.shiftsLost).toBe(0);
    await world.seconds(200);
    expect(second.shiftsLost).toBe(1);
    expect(lease(world)).toMatchObject({ owner: container.id, epoch: 1 });
  });

  test("one that works without a lease takes nothing from a holder that comes back from the same outage", async () => {
    const world = new World();
    const { container } = await started(world);
    const second = world.container();
    second.faults.partitioned = true;
    expect(await world.until(enter(second))).toEqual(unleased);
    second.faults.partitioned = false;
    // It has begun to watch when the database goes away for both, and for the holder a little longer.
    await world.when(() => second.events("shift_watched").length > 0);
    container.faults.partitioned = true;
    second.faults.partitioned = true;
    await world.seconds(140);
    second.faults.partitioned = false;
    await world.seconds(20);
    container.faults.partitioned = false;
    await world.seconds(200);
    expect(container.shiftsLost).toBe(0);
    expect(lease(world)).toMatchObject({ owner: container.id, epoch: 1 });
    expect(second.shiftsLost).toBe(1);
  });

  test("while it drains it takes no lease any more", async () => {
    const world = new World();
    const container = world.container();
    container.faults.partitioned = true;
    await world.until(enter(container));
    container.keeper.drain("closing");
    container.faults.partitioned = false;
    await world.seconds(100);
    expect(world.server.all("shifts")).toEqual([]);
  });
});
