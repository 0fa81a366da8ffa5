/**
 * A new primary shows what it knows a majority to have, and learns that a moment after it was elected: what is read may be
 * older than what was answered before. A write is never judged by what is older.
 */
import { describe, expect, test } from "vitest";
import { owned, World } from "./containers.ts";

/** From now on reads show the campaign as it is now. @returns ends that */
function readsStay(world: World): () => void {
  const now = world.stored("c1");
  const before = world.witness;
  world.witness = (by, request, perform) =>
    request.kind === "campaigns" && request.call === "find" ? now : before(by, request, perform);
  return () => {
    world.witness = before;
  };
}

describe("what is read as it was before an answer", () => {
  test("begins no step under the name of the one before: nobody would know that it was begun", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin(0));
    const fresh = readsStay(world);
    await world.until(holding.step(0));
    owner.next("update campaigns", { reply: "lost" });
    expect(await world.outcome(holding.begin(1))).toBe("no answer");
    expect(await world.outcome(holding.begin(1))).toBe("no answer");
    fresh();
    const { attemptId } = await world.until(holding.begin(1));
    expect(world.record("c1").resume.open).toMatchObject({ cursor: 1, attemptId });
  });

  test("moves no step back: the worker is asked to wait, and goes on", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin(0));
    const fresh = readsStay(world);
    await world.until(holding.step(0));
    owner.next("update campaigns", { request: "lost" });
    expect(await world.outcome(holding.begin(1))).toBe("no answer");
    expect(await world.outcome(holding.step(1))).toBe("no answer");
    fresh();
    expect((await world.until(holding.step(1))).cursor).toBe(2);
  });

  test("fences nobody: the record of before the claim says nothing about it", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    await world.seconds(10);
    const fresh = readsStay(world);
    const holding = await world.holding(owner);
    owner.next("update campaigns", { reply: "lost" });
    expect(await world.outcome(holding.begin())).toBe("no answer");
    expect(await world.outcome(holding.begin())).toBe("no answer");
    expect(holding.heard).not.toContain("fenced");
    fresh();
    expect(await world.outcome(holding.begin())).toBe("done");
  });

  test("keeps nobody who lost the campaign: the next heartbeat tells", async () => {
    const { world, owner, holding } = await owned();
    readsStay(world);
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another", "lease.owner": "another" });
    expect(await world.outcome(holding.begin())).toBe("no answer");
    await world.seconds(60);
    expect(holding.heard).toContain("fenced");
    expect(owner.events("campaign_fenced")).toMatchObject([{ fields: { reason: "lost" } }]);
  });

  test("loses no claim whose answer was lost: it is had, and not left to nobody", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    await world.seconds(10);
    readsStay(world);
    for (const reply of ["lost", "lost"] as const) owner.next("update campaigns", { reply });
    expect(await world.outcome(owner.keeper.campaigns.claim("c1", "r1"))).toBe("no answer");
    expect(await world.until(owner.keeper.campaigns.claim("c1", "r1"))).toMatchObject({ id: "c1", epoch: 1 });
  });

  test("ends no claim whose end was refused for an effect that it does not show", async () => {
    const { world, owner, holding } = await owned();
    const fresh = readsStay(world);
    owner.next("update campaigns", { reply: "lost" });
    expect(await world.outcome(holding.begin())).toBe("no answer");
    expect(await world.outcome(holding.end("release"))).toBe("no answer");
    expect(world.record("c1")).toMatchObject({ status: "running" });
    fresh();
    expect(await world.outcome(holding.end("release"))).toBe("done");
    expect(world.record("c1")).toMatchObject({ status: "interrupted", resume: { open: undefined } });
  });
});
