import { expect, test } from "vitest";
import { type Container, World } from "./containers.ts";

/** Nothing but the indexes looks at all shifts. */
const seenTo = ({ sent }: Container) => sent.filter((operation) => operation === "list shifts").length;

test("indexes that could not be seen to are again after ten minutes, and then no more", async () => {
  const world = new World();
  const container = world.container({ preparing: "fails" });
  container.keeper.start();
  await world.seconds(590);
  expect(container.events("database_unavailable")).toHaveLength(1);
  expect(seenTo(container)).toBe(0);
  await world.seconds(20);
  expect(seenTo(container)).toBe(1);
  await world.seconds(1_300);
  expect(seenTo(container)).toBe(1);
  expect(container.events("database_unavailable")).toHaveLength(1);
});

test("and by no container that has ended", async () => {
  const world = new World();
  const container = world.container({ preparing: "fails" });
  container.keeper.start();
  await world.seconds(5);
  await world.until(container.keeper.finish("released"));
  await world.seconds(700);
  expect(seenTo(container)).toBe(0);
  // Its store would say that it is closed.
  expect(container.events("database_unavailable")).toHaveLength(1);
});
