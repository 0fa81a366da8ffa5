import { describe, expect, test } from "vitest";
import { type Container, World } from "./containers.ts";

const orphan = { status: "running", lease: { owner: "gone", claimId: "x", epoch: 1, hbSeq: 3, state: "held" } };

function count(container: Container, operation: string): number {
  return container.sent.filter((each) => each === operation).length;
}

describe("many that look dead at once are rather a fault of the database, also after an election", () => {
  test("the takeover waits one observation longer", async () => {
    const world = new World();
    const owners = [];
    for (let number = 1; number <= 4; number++) {
      world.campaign(`c${number}`);
      const owner = world.working();
      await world.seconds(1);
      await world.holding(owner);
      owners.push(owner);
    }
    const observer = world.working();
    await world.seconds(200);
    world.server.changeTopology();
    for (const owner of owners) owner.faults.partitioned = true;
    expect((await world.poll(observer, 400, 1))?.after).toBeGreaterThan(2 * 126 - 46);
    expect(observer.events("takeover_held")).toHaveLength(1);
  });
});

describe("a takeover that lost", () => {
  test("frees its place when its owner moved after all, and the request gets the next campaign", async () => {
    const world = new World();
    world.campaign("c1", orphan);
    const container = world.working();
    await world.seconds(140);
    container.next("update campaigns", { request: "lost" });
    const asked = container.keeper.campaigns.next("r1");
    asked.catch(() => {});
    await world.seconds(1);
    // A heartbeat of its owner that lands late: the takeover, wherever it is, fits no more.
    world.change("c1", { "lease.hbSeq": 4 });
    world.campaign("c2");
    expect(await world.until(asked)).toMatchObject({ id: "c2" });
    expect(container.keeper.campaigns.list()).toHaveLength(1);
  });

  test("is not tried again at once, and each time later: others are nearer to it", async () => {
    const world = new World();
    world.campaign("c1");
    const container = world.working();
    await world.seconds(10);
    const tries: number[] = [];
    world.witness = (_by, request, perform) => {
      if (request.call !== "update" || request.kind !== "campaigns") return perform();
      if (request.write.set?.status === "running") tries.push(world.clock.monotonic() / 1000);
      return false;
    };
    expect(await world.poll(container, 300, 0.5)).toBeUndefined();
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      const least = Math.min(2 ** index, 60);
      expect(pause).toBeGreaterThanOrEqual(least);
      expect(pause).toBeLessThanOrEqual(least + 0.6);
    }
    expect(pauses.length).toBeGreaterThanOrEqual(8);
  });

  test.each([
    ["queued", { status: "queued" }, 200],
    ["orphans", orphan, 80],
  ])("thirty containers that want thirty campaigns (%s) do not all want the same one", async (_, fields, most) => {
    const world = new World();
    const containers = Array.from({ length: 30 }, () => world.working());
    await world.seconds(50);
    for (let number = 100; number < 130; number++) world.campaign(`c${number}`, fields);
    await world.seconds(180);
    for (const { faults } of containers) faults.delay = 20;
    const before = containers.map((container) => count(container, "update campaigns"));
    const got = await world.until(Promise.all(containers.map(({ keeper }) => keeper.campaigns.next("r1"))));
    expect(new Set(got.map((held) => held?.id)).size).toBe(30);
    const writes = containers.map((container, index) => count(container, "update campaigns") - (before[index] ?? 0));
    // All in the same order: 30 + 29 + … + 1 = 465 of queued ones, and 115 to 146 of orphans, which are read before.
    expect(writes.reduce((sum, each) => sum + each)).toBeLessThan(most);
  });
});

describe("an orphan that waits for somebody who asks for it", () => {
  test("is read once, not by each sweep", async () => {
    const world = new World();
    world.campaign("c1", orphan);
    const container = world.working();
    await world.seconds(300);
    const before = count(container, "find campaigns");
    await world.seconds(1_200);
    expect(count(container, "find campaigns")).toBe(before);
  });

  test("is judged again when its record moved", async () => {
    const world = new World();
    world.campaign("c1", { ...orphan, resume: { policy: "resume-if", inHours: true } });
    const container = world.working({ open: () => false });
    await world.seconds(300);
    world.change("c1", { "lease.hbSeq": 9, "resume.policy": "terminate" });
    await world.seconds(180);
    expect(world.record("c1").status).toBe("failed");
    expect(container.events("orphan_terminated")).toHaveLength(1);
  });

  test("is ended once it is too old, though nobody asks", async () => {
    const world = new World();
    const { lease } = orphan;
    world.campaign("c1", {
      ...orphan,
      lease: { ...lease, hbAt: new Date(world.clock.wall()) },
      resume: { policy: "resume-if", maxAge: 600 },
    });
    world.working();
    await world.seconds(590);
    expect(world.record("c1").status).toBe("running");
    await world.seconds(60);
    expect(world.record("c1").status).toBe("failed");
  });

  test("what a sweep could not judge, since it cannot be read now, it judges later", async () => {
    const world = new World();
    world.campaign("c1", { ...orphan, resume: { policy: "terminate" } });
    const container = world.working();
    await world.seconds(60);
    // The own heartbeat fails: whoever is cut off judges nobody.
    for (let times = 0; times < 20; times++) container.next("update containers", { request: "lost" });
    await world.seconds(120);
    expect(world.record("c1").status).toBe("running");
    await world.seconds(240);
    expect(world.record("c1").status).toBe("failed");
  });
});

test("who has a campaign that people set back without its lease is not the dead owner who was watched under the same epoch", async () => {
  const world = new World();
  world.campaign("c1");
  const [dead, next, observer] = [world.working(), world.working(), world.working()];
  await world.seconds(1);
  await world.holding(dead, "c1");
  dead.crash();
  await world.seconds(125);
  world.change("c1", { status: "queued", lease: null });
  const holding = await world.holding(next, "c1");
  expect(holding.epoch).toBe(1);
  await world.seconds(15);
  // Long enough for the one before, and no heartbeat of the new owner has come yet.
  expect(world.record("c1").lease.hbSeq).toBe(0);
  expect(await world.outcome(observer.keeper.campaigns.claim("c1", "request"))).toBe("held");
  expect(holding.heard).not.toContain("fenced");
});
