import { describe, expect, test } from "vitest";
import { owned, World } from "./containers.ts";

describe("a container that drains", () => {
  test("begins nothing, takes nothing, finishes what runs, and goes on with its heartbeats", async () => {
    const { world, owner, holding } = await owned({ capacity: 2 });
    world.campaign("c2");
    await world.until(holding.begin());
    owner.keeper.drain("draining");
    await world.seconds(0);
    expect(holding.heard.at(-1)).toBe("renewed");
    expect(holding.heard).toContain("draining");
    expect(world.record("c1").lease.state).toBe("draining");
    expect(world.stored(owner.id, "containers").state).toBe("draining");
    expect(await world.outcome(holding.begin())).toBe("draining");
    expect(await world.outcome(owner.keeper.campaigns.next("r2"))).toBe("draining");
    expect(await world.outcome(owner.keeper.campaigns.claim("c2", "r3"))).toBe("draining");
    expect(world.record("c2").lease.epoch).toBe(0);
    expect(await world.outcome(holding.step(0))).toBe("done");
    await world.seconds(120);
    expect(await world.outcome(holding.end("complete"))).toBe("done");
  });

  test("one that begins to listen hears it first", async () => {
    const { owner, holding } = await owned();
    owner.keeper.drain("closing");
    expect(holding.heard).toEqual(["renewed", "closing"]);
    const heard: string[] = [];
    owner.keeper.campaigns.watch("c1", holding.claimId, (event) => heard.push(event));
    expect(heard).toEqual(["draining"]);
  });

  test("a claim that is granted meanwhile goes back unused", async () => {
    const { world, owner } = await owned({ capacity: 2 });
    world.campaign("c2");
    owner.next("update campaigns", { reply: 2_000 });
    const claim = owner.keeper.campaigns.claim("c2", "r2");
    claim.catch(() => {});
    await world.seconds(1);
    owner.keeper.drain("closing");
    expect(await world.outcome(claim)).toBe("draining");
    await world.seconds(0);
    expect(world.record("c2").status).toBe("queued");
  });

  test("nor is one that nobody worked on ended for its policy", async () => {
    const world = new World();
    world.campaign("c1");
    const rules = { policy: "terminate", limit: 3 } as const;
    const owner = world.working({ rules });
    await world.seconds(10);
    owner.next("update campaigns", { reply: 2_000 });
    const claim = owner.keeper.campaigns.next("r1");
    claim.catch(() => {});
    await world.seconds(1);
    owner.keeper.drain("closing");
    expect(await world.outcome(claim)).toBe("draining");
    const other = world.working({ rules, capacity: 0 });
    await world.seconds(300);
    expect(world.record("c1").status).toBe("queued");
    expect(other.events("orphan_terminated")).toEqual([]);
  });

  test("a worker that starts all the same makes it sweep no more either", async () => {
    const world = new World();
    const container = world.container();
    container.keeper.start();
    await world.seconds(1);
    const before = container.sent.length;
    container.keeper.drain("closing");
    container.keeper.workerStarted();
    await world.seconds(200);
    expect(container.sent.slice(before)).not.toContain("list campaigns");
  });

  test("it sweeps no more", async () => {
    const { world, owner } = await owned();
    owner.keeper.drain("draining");
    const before = owner.sent.filter((operation) => operation === "list campaigns").length;
    await world.seconds(200);
    expect(owner.sent.filter((operation) => operation === "list campaigns").length).toBe(before);
  });
});

describe("a worker that is dead", () => {
  test("gives back all it had, with its open effect, and the container goes on", async () => {
    const { world, owner, holding } = await owned({ capacity: 2 });
    world.campaign("c2");
    await world.holding(owner, "c2");
    await world.until(holding.begin());
    await world.until(owner.keeper.workerDead("crashed"));
    for (const id of ["c1", "c2"])
      expect(world.record(id)).toMatchObject({ status: "interrupted", recovery: { count: 1 } });
    expect(world.record("c1").resume.open?.epoch).toBe(1);
    expect(owner.keeper.campaigns.list()).toEqual([]);
    expect(await world.outcome(holding.step(0))).toBe("fenced");
    expect(await world.holding(owner)).toMatchObject({ epoch: 2 });
  });

  test("is waited for 2 s at most, though the database does not answer", async () => {
    const { world, owner } = await owned();
    owner.faults.partitioned = true;
    const began = world.clock.monotonic();
    await world.until(owner.keeper.workerDead("crashed"));
    expect(world.clock.monotonic() - began).toBe(2_000);
    await world.seconds(10);
    expect(owner.events("database_unavailable").length).toBeGreaterThan(0);
  });

  test("what another has by now stays with the other", async () => {
    const { world, owner } = await owned();
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    await world.until(owner.keeper.workerDead("crashed"));
    expect(world.record("c1")).toMatchObject({ status: "running", recovery: { count: 0 } });
  });

  test("a claim that is granted after its worker died goes back", async () => {
    const { world, owner } = await owned({ capacity: 2 });
    world.campaign("c2");
    owner.next("update campaigns", { reply: 2_000 });
    const claim = owner.keeper.campaigns.claim("c2", "r2");
    claim.catch(() => {});
    await world.seconds(1);
    await world.until(owner.keeper.workerDead("crashed"));
    expect(await world.outcome(claim)).toBe("fenced");
    await world.seconds(0);
    expect(world.record("c2").status).toBe("queued");
    expect(owner.keeper.campaigns.list()).toEqual([]);
  });
});

describe("a request of a worker that is dead", () => {
  test("claims nothing for the next worker, who would not know of it", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    await world.seconds(10);
    // The list that it chooses from is under way when the worker dies.
    owner.next("list campaigns", { reply: 3_000 });
    const asked = owner.keeper.campaigns.next("r1");
    asked.catch(() => {});
    await world.seconds(1);
    await world.until(owner.keeper.workerDead("crashed"));
    expect(await world.outcome(asked)).toBe("fenced");
    await world.seconds(0);
    expect(world.record("c1").status).toBe("queued");
    expect((await world.poll(owner, 1))?.id).toBe("c1");
  });
});

describe("the end of a container", () => {
  test("comes without a word to the database where nothing of it ever began: no driver is loaded for that", async () => {
    const world = new World();
    const { keeper, sent } = world.container();
    keeper.migrating();
    keeper.resumed();
    keeper.drain("closing");
    await keeper.finish("released");
    expect(sent).toEqual([]);
  });

  test("gives all back, and says that it has stopped", async () => {
    const { world, owner } = await owned();
    await world.until(owner.keeper.finish("released"));
    expect(world.record("c1")).toMatchObject({ status: "interrupted", recovery: { count: 0 } });
    expect(world.stored(owner.id, "containers").state).toBe("stopped");
    const { hbSeq } = world.stored(owner.id, "containers");
    await world.seconds(300);
    expect(world.stored(owner.id, "containers").hbSeq).toBe(hbSeq);
  });

  test("gives nothing back while something of the worker may still live", async () => {
    const { world, owner } = await owned();
    await world.until(owner.keeper.finish(undefined));
    await world.seconds(1);
    expect(world.record("c1")).toMatchObject({ status: "running", lease: { state: "held" } });
    expect(world.stored(owner.id, "containers").state).toBe("running");
    const other = world.working();
    expect((await world.poll(other, 300, 1))?.after).toBeGreaterThan(120);
  });

  test("takes 2.5 s at most, though the database does not answer", async () => {
    const { world, owner } = await owned();
    owner.faults.partitioned = true;
    const began = world.clock.monotonic();
    await world.until(owner.keeper.finish("released"));
    expect(world.clock.monotonic() - began).toBeLessThanOrEqual(2_500);
  });

  test("a database that refuses to close keeps nobody from ending", async () => {
    const { world, owner } = await owned();
    const broken = world.container({ closing: "fails" });
    broken.keeper.start();
    expect(await world.outcome(broken.keeper.finish("completed"))).toBe("done");
    expect(broken.events("database_unavailable")).toHaveLength(1);
    await world.until(owner.keeper.finish("completed"));
  });
});

test("a campaign that could not be given back in an outage is anybody's with the first heartbeat after it", async () => {
  const { world, owner, holding } = await owned();
  owner.faults.partitioned = true;
  await world.seconds(120);
  expect(owner.events("campaign_fenced")).toHaveLength(1);
  await world.until(holding.stopped());
  await world.seconds(60);
  expect(world.record("c1").status).toBe("running");
  owner.faults.partitioned = false;
  await world.seconds(15);
  expect(world.record("c1")).toMatchObject({ status: "interrupted", lease: { epoch: 1, state: "free" } });
  expect((await world.poll(owner, 5))?.id).toBe("c1");
});
