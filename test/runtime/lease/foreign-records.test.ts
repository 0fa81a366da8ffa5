import { describe, expect, test } from "vitest";
import { World } from "./containers.ts";

describe("a collection that others made", () => {
  test.each([
    ["no lease", {}],
    ["a lease that is null", { lease: null, resume: null, recovery: null }],
    ["an empty lease", { lease: {}, resume: {} }],
    ["fields of the owner's own beside it", { lease: { note: "x" }, patients: 3 }],
  ])("a campaign with %s counts as epoch 0, and can be worked on", async (_, fields) => {
    const world = new World();
    world.campaign("c1", fields);
    const container = world.working();
    const holding = await world.holding(container);
    expect(holding.epoch).toBe(1);
    await world.until(holding.begin());
    expect(await world.until(holding.step(0))).toMatchObject({ cursor: 1 });
    expect(await world.outcome(holding.end("complete"))).toBe("done");
    expect(world.record("c1")).toMatchObject({ status: "completed", lease: { epoch: 1 }, resume: { cursor: 1 } });
  });

  test.each([
    ["a lease that is text", { lease: "someone" }],
    ["a lease that is a list", { lease: [] }],
    ["an epoch that is text", { lease: { epoch: "7" } }],
    ["a cursor that is text", { resume: { cursor: "7" } }],
    ["a resume that is a number", { resume: 3 }],
    ["a recovery that is text", { recovery: "never" }],
    ["an open effect without a name", { resume: { dialing: {} } }],
    ["unresolved effects that are text", { resume: { unresolved: "none" } }],
  ])("one campaign with %s keeps nobody from the others, is left as it is, and is named once", async (_, fields) => {
    const world = new World();
    world.campaign("broken", fields);
    world.campaign("c1");
    const container = world.working({ capacity: 2 });
    await world.seconds(10);
    const before = world.stored("broken");
    expect(await world.until(container.keeper.campaigns.next("r1"))).toMatchObject({ id: "c1" });
    expect(await world.until(container.keeper.campaigns.next("r2"))).toBeUndefined();
    expect(await world.outcome(container.keeper.campaigns.claim("broken", "r3"))).toBe("absent");
    expect(world.stored("broken")).toEqual(before);
  });

  test("a running campaign without a lease belongs to a worker that knows of none, and is never taken", async () => {
    const world = new World();
    world.campaign("c1", { status: "running" });
    world.campaign("c2", { status: "running", lease: null });
    const container = world.working({ rules: { policy: "terminate", limit: 3 } });
    expect(await world.poll(container, 600, 20)).toBeUndefined();
    expect(await world.outcome(container.keeper.campaigns.claim("c1", "r1"))).toBe("held");
    expect(world.record("c1").status).toBe("running");
    expect(world.record("c2").status).toBe("running");
    expect(container.keeper.still()).toEqual([]);
  });

  test("nor is one whose lease tells who, but not under which claim, though that container has stopped", async () => {
    const world = new World();
    world.server.perform({ kind: "containers", call: "insert", record: { id: "old", hbSeq: 1, state: "stopped" } });
    world.campaign("c1", { status: "running", lease: { owner: "old", epoch: 1 } });
    const container = world.working();
    await world.seconds(60);
    expect(await world.outcome(container.keeper.campaigns.claim("c1", "r1"))).toBe("held");
    expect(await world.poll(container, 300, 20)).toBeUndefined();
    expect(container.keeper.still()).toEqual([]);
    expect(world.record("c1").status).toBe("running");
  });
});
