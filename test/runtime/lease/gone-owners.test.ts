import { describe, expect, test } from "vitest";
import { listening, owned, World } from "./containers.ts";

describe("nobody waits for an owner that is gone for certain", () => {
  const place = { execution: "worker-abcde", task: 0, attempt: 0 };

  test("an earlier attempt of the same task: Cloud Run starts the next one only when it has ended", async () => {
    const { world, owner } = await owned({ place });
    owner.crash();
    const retry = world.working({ place: { ...place, attempt: 1 } });
    expect((await world.poll(retry, 60, 0.5))?.after).toBeLessThanOrEqual(5.5);
  });

  test.each([
    ["the same attempt", place],
    ["another task", { ...place, task: 1, attempt: 1 }],
    ["another execution", { ...place, execution: "worker-fghij", attempt: 1 }],
    ["an earlier attempt than its own", { ...place, attempt: -1 }],
  ])("but for %s it does", async (_, of) => {
    const { world } = await owned({ place: { ...place, attempt: 0 } });
    const other = world.working({ place: of.attempt < 0 ? place : of });
    expect(await world.poll(other, 300, 10)).toBeUndefined();
  });

  test("but outside Cloud Run every container is an attempt 0 of `local`", async () => {
    const { world } = await owned({ place: { execution: "local", task: 0, attempt: 0 } });
    const other = world.working({ place: { execution: "local", task: 0, attempt: 1 } });
    expect(await world.poll(other, 300, 10)).toBeUndefined();
  });

  test("a container that said it has stopped, though what it gave back was lost", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(60);
    owner.next("update all campaigns", { request: "lost" });
    owner.next("update all campaigns", { request: "lost" });
    await world.until(owner.keeper.workerDead("killed"));
    await world.until(owner.keeper.finish("released"));
    expect(world.record("c1").status).toBe("running");
    expect((await world.poll(other, 200, 0.5))?.after).toBeLessThanOrEqual(45.5);
    // It ended as it should: that is not the campaign's fault.
    expect(world.record("c1").recovery.count).toBe(0);
  });

  test("a heartbeat of it that lands after it has stopped does not bring it back", async () => {
    const { world, owner } = await owned();
    const other = world.working();
    await world.seconds(60);
    owner.next("update all campaigns", { request: "lost" });
    await world.until(owner.keeper.workerDead("killed"));
    owner.next("update containers", { request: 1_500, reply: "lost" });
    owner.keeper.drain("closing");
    await world.seconds(0);
    await world.until(owner.keeper.finish("released"));
    await world.seconds(2);
    expect(world.stored(owner.id, "containers").state).toBe("stopped");
    expect((await world.poll(other, 200, 0.5))?.after).toBeLessThanOrEqual(45.5);
  });
});

describe("what nobody in this process knows of", () => {
  test("a claim of its own that landed late is taken over by the lone container itself", async () => {
    const world = new World();
    world.campaign("c1");
    const lone = world.working();
    await world.seconds(10);
    lone.next("update campaigns", { request: 120_000 });
    expect(await world.outcome(lone.keeper.campaigns.next("r1"))).toBe("no answer");
    await world.seconds(111);
    expect(await world.outcome(lone.keeper.campaigns.next("r1"))).toBe("fenced");
    await world.seconds(2);
    expect(world.record("c1")).toMatchObject({ status: "running", lease: { owner: lone.id, epoch: 1 } });
    const again = await world.poll(lone, 180, 1);
    expect(again?.held).toMatchObject({ id: "c1", epoch: 2, resumed: true });
    // It did not die of it.
    expect(world.record("c1").recovery.count).toBe(0);
  });

  test("orphans beyond the capacity wait for a place, and none is forgotten", async () => {
    const world = new World();
    const dead = world.working({ capacity: 3 });
    for (const id of ["c1", "c2", "c3"]) {
      world.campaign(id);
      await world.holding(dead);
    }
    await world.seconds(60);
    dead.crash();
    const other = world.working();
    const first = await world.poll(other, 200, 1);
    expect(first).toBeDefined();
    if (first !== undefined) await world.until(listening(other, first.held).end("complete"));
    await world.seconds(300);
    const second = await world.poll(other, 1, 1);
    expect(second?.after).toBe(0);
  });

  test("an orphan that may not be resumed is ended within 171 s, though another has long been waiting for a place", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const world = new World(seed);
      world.campaign("mine");
      const busy = world.working();
      await world.holding(busy);
      const orphan = { status: "running", lease: { owner: "gone", claimId: "x", epoch: 1, hbSeq: 3, state: "held" } };
      world.campaign("waiting", orphan);
      await world.seconds(200 + 45 * world.random.fraction());
      world.campaign("terminated", { ...orphan, resume: { policy: "terminate" } });
      await world.seconds(171);
      expect(world.record("terminated").status).toBe("failed");
    }
  });

  test("an orphan that somebody else finished is not asked for again and again", async () => {
    const world = new World();
    const owner = `worker-abcde/0/0/${"0".repeat(32)}`;
    const lease = { owner, claimId: "x", epoch: 1, hbSeq: 3, state: "held" };
    world.campaign("c1", { status: "running", lease, resume: { policy: "resume-if", inHours: true } });
    const container = world.working({
      place: { execution: "worker-abcde", task: 0, attempt: 1 },
      open: () => false,
    });
    const reads = () => container.sent.filter((operation) => operation === "find campaigns").length;
    await world.poll(container, 60);
    expect(reads()).toBeGreaterThan(10);
    world.change("c1", { status: "completed" });
    await world.poll(container, 60);
    const before = reads();
    await world.poll(container, 60);
    expect(reads()).toBe(before);
  });
});
