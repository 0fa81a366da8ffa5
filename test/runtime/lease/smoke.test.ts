import { expect, test } from "vitest";
import { World } from "./containers.ts";

test("a campaign of a dead container goes on elsewhere within 171 s", async () => {
  const world = new World();
  world.campaign("c1");
  const dead = world.working();
  await world.seconds(10);
  const held = await world.until(dead.keeper.campaigns.next("r1"));
  dead.keeper.campaigns.watch("c1", held?.claimId ?? "", () => {});
  const other = world.working();
  await world.seconds(100);
  expect(world.record("c1").lease.hbSeq).toBeGreaterThan(2);
  dead.faults.partitioned = true;
  const got = await world.poll(other, 400);
  expect(got?.after).toBeLessThan(173);
});
