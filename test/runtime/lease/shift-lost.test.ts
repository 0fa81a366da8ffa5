import { describe, expect, test } from "vitest";
import { World } from "./containers.ts";
import { lease, run, shift, started } from "./shifts.ts";

describe("a shift that is another's is left", () => {
  test("when a read shows another claim under a higher epoch, and only then", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(10);
    container.crash();
    const second = await started(world);
    expect(second.entry).toEqual(run);
    container.clock.wake();
    await world.seconds(60);
    expect(container.shiftsLost).toBe(1);
    expect(second.container.shiftsLost).toBe(0);
    // It says no more, and gives nothing back that is not its own.
    await world.until(container.keeper.finish("completed"));
    expect(lease(world)).toMatchObject({ status: "running", owner: second.container.id, epoch: 2 });
  });

  test("a record that people deleted is made again", async () => {
    const world = new World();
    const { container } = await started(world);
    await world.seconds(10);
    const perform = world.server.perform.bind(world.server);
    let made: unknown;
    world.server.perform = (request) => {
      if (request.kind !== "shifts" || made !== undefined) return perform(request);
      if (request.call === "insert") made = request.record;
      return request.call === "insert" ? true : request.call === "find" ? undefined : false;
    };
    await world.seconds(70);
    expect(made).toMatchObject({ id: shift.id, status: "running", lease: { owner: container.id, epoch: 1 } });
    expect(container.shiftsLost).toBe(0);
  });

  test("a record that somebody changed by hand interrupts nobody", async () => {
    for (const change of [{ status: "interrupted" }, { status: "x", lease: null }]) {
      const world = new World();
      const { container } = await started(world);
      world.change(shift.id, change, "shifts");
      await world.seconds(100);
      expect(container.shiftsLost).toBe(0);
    }
  });

  test("one that does not know yet that it lost its shift does not end it for the other", async () => {
    for (const leaving of ["completed", "released"] as const) {
      const world = new World();
      const { container } = await started(world);
      await world.seconds(1);
      world.change(shift.id, { "lease.epoch": 2, "lease.claimId": "another" }, "shifts");
      await world.until(container.keeper.finish(leaving));
      expect(lease(world)).toMatchObject({ status: "running", state: "held", epoch: 2 });
      expect(container.events("shift_ended")).toEqual([]);
    }
  });

  test("a heartbeat of the shift says what the container is at", async () => {
    const world = new World();
    const { container } = await started(world);
    container.keeper.migrating();
    await world.seconds(0);
    expect(lease(world).state).toBe("migrating");
    container.keeper.resumed();
    await world.seconds(0);
    expect(lease(world).state).toBe("held");
    container.keeper.drain("closing");
    await world.seconds(0);
    expect(lease(world).state).toBe("draining");
  });
});
