import { describe, expect, test } from "vitest";
import { World } from "./containers.ts";

const count = (sent: readonly string[], operation: string) => sent.filter((each) => each === operation).length;

describe("what heartbeats cost", () => {
  test("one write an interval for the container and one for all its campaigns, however many", async () => {
    const world = new World();
    const owner = world.working({ capacity: 20 });
    for (let number = 0; number < 20; number++) {
      world.campaign(`c${String(number).padStart(2, "0")}`);
      await world.holding(owner);
    }
    await world.seconds(60);
    const before = world.record("c00").lease.hbSeq;
    const { length } = owner.sent;
    await world.seconds(3_600);
    const sent = owner.sent.slice(length);
    for (const operation of ["update containers", "update all campaigns"]) {
      expect(count(sent, operation)).toBeGreaterThanOrEqual(115);
      expect(count(sent, operation)).toBeLessThanOrEqual(125);
    }
    expect(world.record("c00").lease.hbSeq - before).toBe(count(sent, "update all campaigns"));
    expect(count(sent, "find campaigns")).toBe(0);
  });

  test("an idle container writes its own record alone, and reads each list every 30 to 45 s", async () => {
    const world = new World();
    const idle = world.working();
    await world.seconds(60);
    const { length } = idle.sent;
    await world.seconds(3_600);
    const sent = idle.sent.slice(length);
    expect(count(sent, "update all campaigns")).toBe(0);
    expect(count(sent, "list containers")).toBeLessThanOrEqual(120);
    expect(count(sent, "list containers")).toBeGreaterThanOrEqual(80);
  });

  test("containers that start together do not write together", async () => {
    const world = new World();
    const containers = Array.from({ length: 5 }, () => world.working());
    await world.seconds(600);
    const before = containers.map(({ sent }) => sent.length);
    let busy = 0;
    for (let seconds = 0; seconds < 60; seconds++) {
      await world.seconds(1);
      if (containers.every(({ sent }, index) => sent.length > (before[index] ?? 0))) break;
      busy++;
    }
    expect(busy).toBeGreaterThan(3);
  });
});

describe("a heartbeat that fails", () => {
  test("is tried again after about 5 s, not after an interval", async () => {
    const world = new World();
    const owner = world.working();
    await world.seconds(1);
    for (let times = 0; times < 100; times++) owner.next("update containers", { request: "lost", broken: 10 });
    await world.seconds(40);
    const { length } = owner.sent;
    await world.seconds(60);
    const tries = count(owner.sent.slice(length), "update containers");
    expect(tries).toBeGreaterThanOrEqual(9);
    expect(tries).toBeLessThanOrEqual(16);
  });

  test("of one collection does not keep the campaigns from being prolonged", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const holding = await world.holding(owner);
    for (let times = 0; times < 100; times++) owner.next("update containers", { request: "lost" });
    await world.seconds(300);
    expect(holding.heard).not.toContain("fenced");
  });

  test("what it is to tell does not wait for one that hangs", async () => {
    const world = new World();
    const owner = world.working();
    await world.seconds(1);
    owner.next("update containers", { reply: 7_000 });
    owner.keeper.migrating();
    await world.seconds(0.5);
    owner.keeper.drain("closing");
    await world.seconds(0.5);
    expect(world.stored(owner.id, "containers").state).toBe("draining");
  });

  test("that a container's record is there already, by an insert without an answer, is no heartbeat: one follows", async () => {
    const world = new World();
    const owner = world.container();
    owner.next("insert containers", { reply: "lost", broken: 10 });
    owner.keeper.start();
    await world.seconds(1);
    expect(world.stored(owner.id, "containers").hbSeq).toBe(0);
    await world.seconds(6);
    expect(world.stored(owner.id, "containers").hbSeq).toBe(1);
  });

  test("a container whose record somebody deleted makes it again", async () => {
    const world = new World();
    const owner = world.container();
    world.server.perform({ kind: "containers", call: "insert", record: { id: owner.id, state: "stopped", hbSeq: 3 } });
    owner.keeper.start();
    await world.seconds(60);
    expect(owner.events("database_unavailable")).toEqual([]);
  });
});
