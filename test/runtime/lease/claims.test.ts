import { describe, expect, test } from "vitest";
import { type Container, World } from "./containers.ts";

/** A container at work, and a campaign for it. */
async function idle(options: { capacity?: number } = {}): Promise<{ world: World; container: Container }> {
  const world = new World();
  world.campaign("c1");
  const container = world.working(options);
  await world.seconds(10);
  return { world, container };
}

describe("a claim is never two", () => {
  test("sixteen containers that want one campaign make one owner", async () => {
    const world = new World();
    world.campaign("c1");
    const containers = Array.from({ length: 16 }, () => world.working());
    await world.seconds(10);
    for (const { faults } of containers) faults.delay = 500;
    const got = await world.until(Promise.all(containers.map(({ keeper }) => keeper.campaigns.next("r1"))));
    expect(got.filter((held) => held !== undefined)).toHaveLength(1);
    expect(world.record("c1").lease.epoch).toBe(1);
  });

  test("a claim that landed without an answer is found again", async () => {
    const { world, container } = await idle();
    container.next("update campaigns", { reply: "lost" });
    const held = await world.until(container.keeper.campaigns.next("r1"));
    expect(held).toMatchObject({ id: "c1", epoch: 1, claimId: world.record("c1").lease.claimId });
  });

  test("a claim that did not land keeps its place until it is known, and the same request settles it", async () => {
    const { world, container } = await idle();
    world.campaign("c2");
    container.next("update campaigns", { request: "lost" });
    expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("no answer");
    expect(container.keeper.campaigns.list()).toMatchObject([{ id: "c1", state: "claiming" }]);
    expect(await world.until(container.keeper.campaigns.next("r2"))).toBeUndefined();
    expect(await world.until(container.keeper.campaigns.next("r1"))).toMatchObject({ id: "c1", epoch: 1 });
    expect(container.keeper.campaigns.list()).toHaveLength(1);
  });

  test("a claim that lands after it was read back as not there is the same claim", async () => {
    const { world, container } = await idle();
    container.next("update campaigns", { request: 9_000, reply: "lost" });
    expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("no answer");
    await world.seconds(2);
    const { claimId } = world.record("c1").lease;
    expect(await world.until(container.keeper.campaigns.next("r1"))).toMatchObject({ id: "c1", epoch: 1, claimId });
  });

  test("a claim that is sent twice is one claim", async () => {
    const { world, container } = await idle();
    container.next("update campaigns", { again: 200 });
    const holding = await world.holding(container);
    await world.seconds(1);
    expect(world.record("c1").lease).toMatchObject({ claimId: holding.claimId, epoch: 1 });
    expect(await world.outcome(holding.begin())).toBe("done");
  });

  test("while nobody knows whose a campaign is, no other is tried in its place", async () => {
    const { world, container } = await idle();
    world.campaign("c2");
    container.next("update campaigns", { request: "lost" });
    container.next("find campaigns", { reply: "lost" });
    expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("no answer");
    expect(world.record("c2").lease.epoch).toBe(0);
  });

  test("a request whose claim was refused after all gets the next campaign", async () => {
    const { world, container } = await idle();
    world.campaign("c2");
    container.next("update campaigns", { request: "lost" });
    expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("no answer");
    world.change("c1", { status: "completed" });
    expect(await world.until(container.keeper.campaigns.next("r1"))).toMatchObject({ id: "c2" });
  });

  test("a claim of which nobody hears again is not in the way for ever", async () => {
    const { world, container } = await idle();
    container.next("update campaigns", { request: "lost" });
    expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("no answer");
    await world.seconds(106);
    expect(container.keeper.campaigns.list()).toEqual([]);
    expect(await world.until(container.keeper.campaigns.next("r2"))).toMatchObject({ id: "c1", epoch: 1 });
    expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("fenced");
  });

  test("a claim that landed, and of which nobody hears again, is given back when its time is up: no watch is needed", async () => {
    const { world, container } = await idle();
    container.next("update campaigns", { reply: "lost" });
    container.next("update campaigns", { reply: "lost" });
    expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("no answer");
    expect(world.record("c1").status).toBe("running");
    await world.seconds(106);
    expect(world.record("c1").status).toBe("queued");
  });

  test("nor is it kept by a worker's death", async () => {
    const { world, container } = await idle();
    container.next("update campaigns", { reply: "lost" });
    container.next("update campaigns", { reply: "lost" });
    expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("no answer");
    await world.until(container.keeper.workerDead("crashed"));
    expect(world.record("c1")).toMatchObject({ status: "queued", recovery: { count: 0 } });
  });

  test("a claim that was lost without an answer does not make a lost release look like a release", async () => {
    const { world, container } = await idle();
    container.next("update campaigns", { reply: "lost" });
    const holding = await world.holding(container);
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another", "lease.owner": "another" });
    expect(await world.outcome(holding.end("release"))).toBe("fenced");
  });
});

describe("requests of one container that come together", () => {
  test("do not race each other: each takes another campaign, at the first try", async () => {
    const world = new World();
    const ids = Array.from({ length: 16 }, (_, at) => `c${10 + at}`);
    for (const id of ids) world.campaign(id);
    const container = world.working({ capacity: 16 });
    await world.seconds(10);
    container.faults.delay = 100;
    const before = container.sent.length;
    const got = await world.until(Promise.all(ids.map((id) => container.keeper.campaigns.next(id))));
    expect(got.map((held) => held?.id).sort()).toEqual(ids);
    const writes = container.sent.slice(before).filter((operation) => operation === "update campaigns");
    expect(writes).toHaveLength(16);
  });

  test("leave to another what it is taking: its claim may be on its way", async () => {
    const world = new World();
    for (const id of ["c1", "c2"]) world.campaign(id);
    const container = world.working({ capacity: 2 });
    await world.seconds(10);
    container.next("update campaigns", { request: 500 });
    const before = container.sent.length;
    const { campaigns } = container.keeper;
    const first = campaigns.next("r1");
    await world.seconds(0.2);
    expect(await world.until(campaigns.next("r2"))).toMatchObject({ id: "c2" });
    expect(await world.until(first)).toMatchObject({ id: "c1" });
    expect(container.sent.slice(before).filter((operation) => operation === "update campaigns")).toHaveLength(2);
  });

  test("leave to another what it has claimed without an answer: it would race with itself", async () => {
    const world = new World();
    for (const id of ["c1", "c2"]) world.campaign(id);
    const container = world.working({ capacity: 2 });
    await world.seconds(10);
    const { campaigns } = container.keeper;
    container.next("update campaigns", { request: "lost" });
    expect(await world.outcome(campaigns.next("r1"))).toBe("no answer");
    expect(await world.until(campaigns.next("r2"))).toMatchObject({ id: "c2" });
    expect(await world.until(campaigns.next("r1"))).toMatchObject({ id: "c1" });
  });

  test("a campaign that one of them gave back may be had by the next", async () => {
    const world = new World();
    world.campaign("c1");
    const container = world.working({ capacity: 2 });
    await world.seconds(10);
    const holding = await world.holding(container);
    expect(await world.outcome(holding.end("release"))).toBe("done");
    expect(await world.until(container.keeper.campaigns.next("again"))).toMatchObject({ id: "c1", epoch: 2 });
  });
});

describe("a request that is repeated", () => {
  test("while it is under way gets the same answer", async () => {
    const { world, container } = await idle({ capacity: 3 });
    world.campaign("c2");
    container.faults.delay = 100;
    const { campaigns } = container.keeper;
    const [first, second] = await world.until(Promise.all([campaigns.next("r1"), campaigns.next("r1")]));
    expect(second).toEqual(first);
    expect(campaigns.list()).toHaveLength(1);
  });

  test("afterwards gets the same claim", async () => {
    const { world, container } = await idle({ capacity: 3 });
    world.campaign("c2");
    const first = await world.until(container.keeper.campaigns.next("r1"));
    await world.seconds(3);
    const second = await world.until(container.keeper.campaigns.next("r1"));
    expect(second?.claimId).toBe(first?.claimId);
    expect(await world.until(container.keeper.campaigns.claim("c1", "r1"))).toMatchObject({ claimId: first?.claimId });
  });

  test("for another campaign gets none: that request has its claim", async () => {
    const { world, container } = await idle({ capacity: 3 });
    world.campaign("c2");
    await world.until(container.keeper.campaigns.claim("c1", "r1"));
    expect(await world.outcome(container.keeper.campaigns.claim("c2", "r1"))).toBe("fenced");
  });

  test.each(["complete", "fail", "release"] as const)(
    "after its claim ended (%s) never gets a new one",
    async (ending) => {
      const { world, container } = await idle();
      world.campaign("c2");
      const held = await world.until(container.keeper.campaigns.next("r1"));
      await world.until(container.keeper.campaigns.end("c1", { claimId: held?.claimId ?? "", ending }));
      expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("fenced");
      expect(world.record("c2").lease.epoch).toBe(0);
    },
  );
});

describe("a container has no more campaigns than it may", () => {
  test("two workers that ask at the same moment share one place, and one of them gets it", async () => {
    const { world, container } = await idle();
    world.campaign("c2");
    const { campaigns } = container.keeper;
    const got = await world.until(Promise.all([campaigns.next("r1"), campaigns.next("r2")]));
    expect(got.filter((held) => held !== undefined)).toHaveLength(1);
  });

  test("requests under way count", async () => {
    const { world, container } = await idle({ capacity: 2 });
    for (const id of ["c2", "c3", "c4"]) world.campaign(id);
    container.faults.delay = 1_000;
    const { campaigns } = container.keeper;
    const got = await world.until(Promise.all(["r1", "r2", "r3", "r4"].map((request) => campaigns.next(request))));
    expect(got.filter((held) => held !== undefined)).toHaveLength(2);
    expect(campaigns.list()).toHaveLength(2);
  });

  test("a fenced claim counts until its worker has stopped", async () => {
    const { world, container } = await idle();
    world.campaign("c2");
    const holding = await world.holding(container, "c1");
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    await world.seconds(34);
    expect(holding.heard).toContain("fenced");
    expect(await world.outcome(container.keeper.campaigns.claim("c2", "r2"))).toBe("capacity");
    expect(await world.until(container.keeper.campaigns.next("r3"))).toBeUndefined();
    await world.until(holding.stopped());
    expect(await world.until(container.keeper.campaigns.next("r4"))).toMatchObject({ id: "c2" });
  });

  test("a place is free again once a campaign has ended", async () => {
    const { world, container } = await idle();
    world.campaign("c2");
    const holding = await world.holding(container);
    await world.until(holding.end("complete"));
    expect(await world.until(container.keeper.campaigns.next("r2"))).toMatchObject({ id: "c2" });
  });
});
