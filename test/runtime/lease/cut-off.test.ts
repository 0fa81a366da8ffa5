import { describe, expect, test } from "vitest";
import { owned, World } from "./containers.ts";

describe("who may be cut off itself judges nobody", () => {
  test("an observer whose own heartbeats fail takes nothing, though it can read", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(60);
    owner.crash();
    for (let times = 0; times < 40; times++) other.next("update containers", { request: "lost" });
    expect(await world.poll(other, 300, 5)).toBeUndefined();
    expect(await world.outcome(other.keeper.campaigns.claim("c1", "by name"))).toBe("held");
    expect(other.events("database_unavailable")).toHaveLength(1);
  });

  test("an observer of which no heartbeat was ever accepted takes nothing", async () => {
    const { world, owner } = await owned();
    owner.crash();
    const other = world.container();
    for (let times = 0; times < 100; times++) other.next("insert containers", { request: "lost" });
    other.keeper.workerStarted();
    expect(await world.poll(other, 250, 5)).toBeUndefined();
  });
});

describe("many that look dead at once are rather a fault of the database", () => {
  async function fleet(count: number) {
    const world = new World();
    const owners = [];
    for (let number = 1; number <= count; number++) {
      world.campaign(`c${number}`);
      const owner = world.working();
      await world.seconds(1);
      await world.holding(owner);
      owners.push(owner);
    }
    const observer = world.working({ capacity: 10 });
    await world.seconds(100);
    return { world, owners, observer };
  }

  test("three of four wait one observation longer, and that is said once", async () => {
    const { world, owners, observer } = await fleet(4);
    for (const owner of owners.slice(0, 3)) owner.crash();
    const first = await world.poll(observer, 400, 1);
    expect(first?.after).toBeGreaterThan(2 * 126 - 40);
    expect(first?.after).toBeLessThan(2 * 126 + 46);
    expect(observer.events("takeover_held")).toHaveLength(1);
    expect(observer.events("takeover_held")[0]?.fields).toMatchObject({ dead: 3, alive: 2 });
    for (let taken = 0; taken < 2; taken++) expect(await world.poll(observer, 60, 1)).toBeDefined();
  });

  test("three of eight are taken over without delay", async () => {
    const { world, owners, observer } = await fleet(8);
    for (const owner of owners.slice(0, 3)) owner.crash();
    expect((await world.poll(observer, 400, 1))?.after).toBeLessThan(171);
    expect(observer.events("takeover_held")).toHaveLength(0);
  });

  test("two of two are taken over without delay", async () => {
    const { world, owners, observer } = await fleet(2);
    for (const owner of owners) owner.crash();
    expect((await world.poll(observer, 400, 1))?.after).toBeLessThan(171);
  });

  test("records of containers that ended long ago do not count", async () => {
    const { world, owners, observer } = await fleet(2);
    for (let number = 0; number < 10; number++) {
      world.server.perform({
        kind: "containers",
        call: "insert",
        record: { id: `old-${number}`, hbSeq: 5, state: "running" },
      });
    }
    await world.seconds(60);
    owners[0]?.crash();
    expect((await world.poll(observer, 400, 1))?.after).toBeLessThan(171);
  });

  test("what comes back meanwhile keeps its campaigns", async () => {
    const { world, owners, observer } = await fleet(4);
    for (const owner of owners) owner.clock.halt();
    await world.seconds(180);
    for (const owner of owners) owner.clock.wake();
    expect(await world.until(observer.keeper.campaigns.next("r1"))).toBeUndefined();
  });
});
