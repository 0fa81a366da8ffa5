import { describe, expect, test } from "vitest";
import { owned, World } from "./containers.ts";

describe("a machine that is moved", () => {
  test("begins nothing until it is back", async () => {
    const { world, owner, holding } = await owned();
    owner.keeper.migrating();
    await world.seconds(0);
    expect(world.record("c1").lease.state).toBe("migrating");
    expect(await world.outcome(holding.begin())).toBe("no answer");
    owner.keeper.resumed();
    await world.seconds(0);
    expect(world.record("c1").lease.state).toBe("held");
    expect(await world.outcome(holding.begin())).toBe("done");
  });

  test.each(["begin", "step", "end"] as const)("asks whether a campaign is still its own before %s", async (act) => {
    const { world, owner, holding } = await owned();
    const { length } = owner.sent;
    owner.next("update all campaigns", { request: 3_000 });
    owner.keeper.resumed();
    const calls = { begin: () => holding.begin(), step: () => holding.step(0), end: () => holding.end("complete") };
    const done = calls[act]();
    await world.seconds(2.9);
    expect(owner.sent.slice(length)).not.toContain("update campaigns");
    expect(await world.outcome(done)).toBe("done");
    expect(owner.sent.slice(length)).toContain("update campaigns");
  });

  test("acts no more for one that was taken meanwhile", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin());
    owner.keeper.migrating();
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    owner.keeper.resumed();
    // The effect was begun before: nothing but asking says that it is another's now.
    expect(await world.outcome(holding.begin())).toBe("fenced");
  });

  test("acts for none as long as nobody answers", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin());
    owner.faults.partitioned = true;
    owner.keeper.resumed();
    expect(await world.outcome(holding.begin())).toBe("no answer");
    owner.faults.partitioned = false;
    expect(await world.outcome(holding.begin())).toBe("done");
  });

  test("a heartbeat of before the move, whose answer comes after it, does not count as asked", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin());
    owner.next("update all campaigns", { reply: 3_000 });
    owner.keeper.migrating();
    await world.seconds(1);
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    owner.keeper.resumed();
    expect(await world.outcome(holding.begin())).toBe("fenced");
  });

  test("a heartbeat of which a part fails verifies what it reached", async () => {
    const { world, owner, holding } = await owned();
    for (let times = 0; times < 9; times++) owner.next("update containers", { request: "lost" });
    owner.keeper.migrating();
    owner.keeper.resumed();
    expect(await world.outcome(holding.begin())).toBe("done");
  });

  test("nor where the connections could not be dropped, and no heartbeat of after the move is answered", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.container({ reconnecting: "fails" });
    owner.keeper.start();
    const holding = await world.holding(owner);
    await world.until(holding.begin());
    owner.next("update all campaigns", { reply: 3_000 });
    owner.keeper.migrating();
    await world.seconds(1);
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    for (let times = 0; times < 2; times++) owner.next("update all campaigns", { request: "lost" });
    owner.keeper.resumed();
    await world.seconds(2.5);
    expect(await world.outcome(holding.begin())).toBe("no answer");
    expect(await world.outcome(holding.begin())).toBe("fenced");
  });

  test("connections that cannot be dropped keep nobody from going on", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.container({ reconnecting: "fails" });
    owner.keeper.start();
    const holding = await world.holding(owner);
    owner.keeper.migrating();
    owner.keeper.resumed();
    expect(await world.outcome(holding.begin())).toBe("done");
    await world.seconds(1);
    expect(owner.events("database_unavailable")).toHaveLength(1);
  });

  test("one that drains drains on after the move", async () => {
    const { world, owner } = await owned();
    owner.keeper.drain("draining");
    owner.keeper.migrating();
    owner.keeper.resumed();
    await world.seconds(1);
    expect(world.stored(owner.id, "containers").state).toBe("draining");
  });
});

test("a machine that was moved does not say that the database is away: it broke the connections itself", async () => {
  const world = new World();
  world.campaign("c1");
  const owner = world.working();
  await world.holding(owner);
  // Under way when it wakes, for longer than the move takes.
  for (const operation of ["update containers", "update all campaigns", "list containers"]) {
    owner.next(operation, { reply: 5_000 });
  }
  const before = owner.sent.length;
  await world.when(() => owner.sent.slice(before).includes("update all campaigns"));
  owner.keeper.migrating();
  owner.keeper.resumed();
  await world.seconds(2);
  expect(owner.lines).not.toContainEqual(expect.objectContaining({ event: "database_unavailable" }));
  // One that is away indeed is told of.
  owner.faults.partitioned = true;
  await world.seconds(60);
  expect(owner.events("database_unavailable").length).toBeGreaterThan(0);
});
