import { describe, expect, test } from "vitest";
import { owned, World } from "./containers.ts";

/** Somebody else has it now. */
function take(world: World, id = "c1"): void {
  const { epoch } = world.record(id).lease;
  world.change(id, { "lease.epoch": epoch + 1, "lease.claimId": "another", "lease.owner": "another" });
}

describe("who lost a campaign is told, and only who lost it", () => {
  test("the heartbeat finds the one that was lost, and prolongs the others", async () => {
    const { world, owner, holding } = await owned({ capacity: 2 });
    world.campaign("c2");
    const second = await world.holding(owner);
    take(world);
    await world.seconds(34);
    expect(holding.heard.at(-1)).toBe("fenced");
    expect(second.heard).toEqual(["renewed", "renewed"]);
    expect(await world.outcome(second.begin())).toBe("done");
    expect(owner.events("campaign_fenced")).toMatchObject([{ fields: { campaign: "c1", reason: "lost" } }]);
  });

  test("a heartbeat without an answer fences nobody", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update all campaigns", { reply: "lost" });
    await world.seconds(60);
    expect(holding.heard).not.toContain("fenced");
    expect(await world.outcome(holding.begin())).toBe("done");
  });

  test("a total that is short is looked into, and an answer that does not come prolongs nothing", async () => {
    const { world, owner, holding } = await owned({ capacity: 2 });
    world.campaign("c2");
    const second = await world.holding(owner);
    const { notAfter } = await world.until(second.begin());
    take(world);
    for (let times = 0; times < 60; times++) owner.next("update campaigns", { request: "lost" });
    await world.seconds(100);
    expect((await world.until(second.begin())).notAfter).toBe(notAfter);
    await world.seconds(10);
    expect(second.heard).toContain("fenced");
    expect(holding.heard).toContain("fenced");
  });

  test("who was reached by a heartbeat that was looked into may act from its start on, not from the answer", async () => {
    const { world, owner } = await owned({ capacity: 2 });
    world.campaign("c2");
    const second = await world.holding(owner);
    take(world);
    owner.next("update all campaigns", { reply: 3_000 });
    for (let times = 0; times < 2; times++) owner.next("update campaigns", { reply: 4_000 });
    await world.when(() => second.heard.length >= 2);
    const { notAfter } = await world.until(second.begin());
    expect(notAfter - world.clock.monotonic()).toBeLessThanOrEqual(98_000);
  });

  test("a campaign that somebody deleted, or ended by hand, is lost", async () => {
    const { world, holding } = await owned();
    world.change("c1", { status: "completed" });
    await world.seconds(34);
    expect(holding.heard).toContain("fenced");
    await world.until(holding.stopped());
    await world.seconds(1);
    expect(world.record("c1").status).toBe("completed");
  });

  test("one that reopens its events hears again that it is fenced", async () => {
    const { world, owner, holding } = await owned();
    take(world);
    await world.seconds(34);
    holding.leave();
    const heard: unknown[] = [];
    owner.keeper.campaigns.watch("c1", holding.claimId, (event, notAfter) => heard.push([event, notAfter]));
    expect(heard).toEqual([["fenced", expect.any(Number)]]);
    expect((heard as [string, number][])[0]?.[1]).toBeLessThanOrEqual(world.clock.monotonic());
  });

  test("a fenced claim is never told anything else", async () => {
    const { world, owner, holding } = await owned();
    holding.leave();
    await world.seconds(11);
    const heard: string[] = [];
    owner.keeper.campaigns.watch("c1", holding.claimId, (event) => heard.push(event));
    owner.keeper.drain("draining");
    await world.seconds(40);
    expect(heard).toEqual(["fenced"]);
  });
});

describe("a campaign goes back only when nothing can act for it any more", () => {
  test("at once when the worker says so", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin());
    await world.until(holding.stopped());
    await world.seconds(0);
    expect(world.record("c1")).toMatchObject({ status: "interrupted", resume: { open: { epoch: 1 } } });
    expect(await world.outcome(holding.stopped())).toBe("done");
    expect(await world.outcome(owner.keeper.campaigns.stopped("c1", "unheard of"))).toBe("fenced");
  });

  test("nothing is given back that another has", async () => {
    const { world, owner, holding } = await owned();
    take(world);
    await world.when(() => holding.heard.includes("fenced"));
    const { length } = owner.sent;
    await world.until(holding.stopped());
    await world.seconds(5);
    expect(owner.sent.slice(length)).not.toContain("update all campaigns");
    expect(world.record("c1")).toMatchObject({ status: "running", lease: { claimId: "another", state: "held" } });
  });

  test("a worker that listens and does not confirm is to be killed, and only then it goes back", async () => {
    const { world, owner, holding } = await owned();
    owner.faults.partitioned = true;
    await world.seconds(106);
    owner.faults.partitioned = false;
    expect(holding.heard).toContain("fenced");
    await world.seconds(5);
    expect(owner.unconfirmed).toBe(1);
    await world.seconds(60);
    expect(world.record("c1").status).toBe("running");
    await world.until(owner.keeper.workerDead("killed"));
    expect(world.record("c1").status).toBe("interrupted");
    expect(world.record("c1").recovery.count).toBe(0);
  });

  test("a worker that confirms in time is not killed", async () => {
    const { world, owner, holding } = await owned();
    take(world);
    await world.when(() => holding.heard.includes("fenced"));
    await world.seconds(3);
    await world.until(holding.stopped());
    await world.seconds(60);
    expect(owner.unconfirmed).toBe(0);
  });

  test("a worker that went away is waited for until the last time that it was told has passed", async () => {
    const { world, owner, holding } = await owned();
    const { notAfter } = await world.until(holding.begin());
    holding.leave();
    await world.seconds(11);
    expect(owner.events("campaign_fenced")).toMatchObject([{ fields: { reason: "unwatched" } }]);
    const left = (notAfter - world.clock.monotonic()) / 1000;
    expect(left).toBeGreaterThan(60);
    await world.seconds(left - 1);
    expect(world.record("c1").status).toBe("running");
    expect(owner.keeper.campaigns.list()).toHaveLength(1);
    await world.seconds(2);
    expect(world.record("c1").status).toBe("interrupted");
    expect(owner.keeper.campaigns.list()).toHaveLength(0);
    expect(owner.unconfirmed).toBe(0);
  });

  test("also when it went away after it was told to stop", async () => {
    const { world, owner, holding } = await owned();
    const { notAfter } = await world.until(holding.begin());
    owner.clock.setWall(110_000);
    await world.when(() => holding.heard.includes("fenced"));
    await world.seconds(3);
    holding.leave();
    const left = (notAfter - world.clock.monotonic()) / 1000;
    expect(left).toBeGreaterThan(10);
    await world.seconds(left - 1);
    expect(world.record("c1").status).toBe("running");
    await world.seconds(2);
    expect(world.record("c1").status).toBe("interrupted");
  });
});

describe("a claim lives as long as somebody listens", () => {
  test("never opened, it is fenced 10 s after the answer", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    await world.until(owner.keeper.campaigns.next("r1"));
    await world.seconds(9.9);
    expect(owner.keeper.campaigns.list()).toMatchObject([{ state: "held" }]);
    await world.seconds(0.2);
    expect(owner.keeper.campaigns.list()).toMatchObject([{ state: "fenced" }]);
  });

  test("an answer that was given twice is one: whoever listens then is not cut off after the first", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const held = await world.until(owner.keeper.campaigns.next("r1"));
    await world.seconds(5);
    await world.until(owner.keeper.campaigns.next("r1"));
    await world.seconds(1);
    owner.keeper.campaigns.watch("c1", held?.claimId ?? "", () => {});
    await world.seconds(30);
    expect(owner.keeper.campaigns.list()).toMatchObject([{ state: "held" }]);
  });

  test("a stream that breaks and comes back within 10 s is the same, however often", async () => {
    const { world, owner, holding } = await owned();
    let leave = holding.leave;
    for (let times = 0; times < 5; times++) {
      leave();
      await world.seconds(9);
      leave = owner.keeper.campaigns.watch("c1", holding.claimId, () => {});
      await world.seconds(0.5);
    }
    leave();
    await world.seconds(9.5);
    expect(owner.keeper.campaigns.list()).toMatchObject([{ state: "held" }]);
    await world.seconds(1);
    expect(owner.keeper.campaigns.list()).toMatchObject([{ state: "fenced" }]);
  });

  test("a second listener keeps it when the first leaves", async () => {
    const { world, owner, holding } = await owned();
    owner.keeper.campaigns.watch("c1", holding.claimId, () => {});
    holding.leave();
    await world.seconds(30);
    expect(owner.keeper.campaigns.list()).toMatchObject([{ state: "held" }]);
  });

  test("a claim that is over cannot be listened to", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.end("complete"));
    expect(() => owner.keeper.campaigns.watch("c1", holding.claimId, () => {})).toThrow(/lost or over/);
  });

  test("what is over leaves no timers behind", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.container();
    const { timers } = world.clock;
    const holding = await world.holding(owner);
    await world.until(holding.begin());
    await world.until(holding.step(0));
    holding.leave();
    await world.until(holding.end("complete"));
    expect(world.clock.timers).toBe(timers);
  });
});
