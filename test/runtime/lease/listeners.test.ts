import { describe, expect, test } from "vitest";
import type { CampaignListener } from "../../../runtime/lease/campaigns.ts";
import { type Container, type Holding, listening, World } from "./containers.ts";

const TRUST = 105;

/** A container with two campaigns; the listener of the first throws at each event that is not the first. */
async function broken(): Promise<{ world: World; owner: Container; neighbour: Holding }> {
  const world = new World();
  world.campaign("c1");
  const owner = world.working({ capacity: 2 });
  await world.seconds(10);
  const held = await world.until(owner.keeper.campaigns.next("r1"));
  let heard = 0;
  owner.keeper.campaigns.watch("c1", held?.claimId ?? "", () => {
    if (heard++ > 0) throw new Error("the stream is closed");
  });
  world.campaign("c2");
  return { world, owner, neighbour: await world.holding(owner) };
}

describe("a listener that throws", () => {
  test("does not cost its neighbour, nor its own campaign, a heartbeat", async () => {
    const { world, owner, neighbour } = await broken();
    await world.seconds(300);
    expect(neighbour.heard.filter((event) => event === "renewed").length).toBeGreaterThan(8);
    expect(await world.outcome(neighbour.begin())).toBe("done");
    expect(owner.events("database_unavailable")).toEqual([]);
  });

  test("is none any more: a campaign whose worker cannot hear is not kept for ever", async () => {
    const { world, owner } = await broken();
    await world.seconds(60);
    expect(owner.events("campaign_fenced")).toMatchObject([{ fields: { campaign: "c1", reason: "unwatched" } }]);
  });

  test("does not keep the others of its own campaign from hearing", async () => {
    const { world, owner } = await broken();
    const first = owner.keeper.campaigns.list().find(({ id }) => id === "c1");
    const heard: string[] = [];
    owner.keeper.campaigns.watch("c1", first?.claimId ?? "", (event) => heard.push(event));
    await world.seconds(70);
    expect(heard.length).toBeGreaterThanOrEqual(3);
    expect(owner.keeper.campaigns.list()).toMatchObject([{ state: "held" }, { state: "held" }]);
  });

  test("does not keep a drain from its neighbours", async () => {
    const { world, owner, neighbour } = await broken();
    owner.keeper.drain("closing");
    await world.seconds(0);
    expect(neighbour.heard).toContain("closing");
    expect(world.stored(owner.id, "containers").state).toBe("draining");
  });

  test("does not keep a fence from its neighbours, nor its campaign from going back", async () => {
    const { world, owner, neighbour } = await broken();
    owner.clock.setWall(2 * TRUST * 1000);
    for (let waited = 0; waited < 34 && !neighbour.heard.includes("fenced"); waited++) await world.seconds(1);
    expect(neighbour.heard).toContain("fenced");
    await world.until(neighbour.stopped());
    await world.seconds(TRUST);
    expect(world.record("c1").status).toBe("interrupted");
    expect(world.record("c2").status).toBe("interrupted");
    expect(owner.unconfirmed).toBe(0);
  });
});

describe("no listener is told that it may act when it may not", () => {
  test("neither of a claim that is fenced nor of one whose end was sent", async () => {
    for (const over of ["fenced", "ending"] as const) {
      const world = new World();
      world.campaign("c1");
      const owner = world.working();
      await world.seconds(10);
      const held = await world.until(owner.keeper.campaigns.next("r1"));
      if (held === undefined) throw new Error("nothing to do");
      const told: [string, number][] = [];
      const listener: CampaignListener = (event, notAfter) => told.push([event, notAfter - world.clock.monotonic()]);
      if (over === "fenced") await world.seconds(11);
      else {
        owner.next("update campaigns", { request: "lost" });
        expect(await world.outcome(listening(owner, held).end("complete"))).toBe("no answer");
      }
      expect(owner.keeper.campaigns.list()).toMatchObject([{ state: over }]);
      owner.keeper.campaigns.watch("c1", held.claimId, listener);
      owner.keeper.drain("draining");
      await world.seconds(60);
      expect(told[0]?.[0]).toBe("fenced");
      for (const [, left] of told) expect(left).toBeLessThanOrEqual(0);
    }
  });
});
