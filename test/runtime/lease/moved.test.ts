import { expect, test } from "vitest";
import { World } from "./containers.ts";

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
