/** What people set back without its lease has epochs that begin anew: two claims then have one epoch. */
import { expect, test } from "vitest";
import { type Container, type Holding, World } from "./containers.ts";

/** One died in a call. People set its campaign back; the next one has it, under the same epoch. */
async function setBack(): Promise<{ world: World; next: Container; holding: Holding; begun: string }> {
  const world = new World();
  world.campaign("c1");
  const [dead, next] = [world.working(), world.working()];
  const before = await world.holding(dead, "c1");
  const { attemptId: begun } = await world.until(before.begin());
  dead.crash();
  world.change("c1", { status: "queued", lease: null });
  const holding = await world.holding(next, "c1");
  expect(holding.epoch).toBe(before.epoch);
  return { world, next, holding, begun };
}

test("an effect of before is not the next claim's own: it is looked up, and not repeated", async () => {
  const { world, next, holding, begun } = await setBack();
  expect(holding.ambiguous).toMatchObject({ attemptId: begun });
  expect(await world.outcome(holding.begin())).toBe("ambiguous");
  expect(await world.outcome(holding.end("complete"))).toBe("open_effect");
  await world.until(holding.step(0, "done"));
  expect(next.events("effect_resolved")).toMatchObject([{ fields: { attempt: begun, outcome: "done" } }]);
  expect((await world.until(holding.begin(1))).attemptId).not.toBe(begun);
});

test("one that never happened is taken back by its own name, and begun anew under another", async () => {
  const { world, holding, begun } = await setBack();
  await world.until(holding.step(0, "absent"));
  const { attemptId } = await world.until(holding.begin(0));
  expect(attemptId).not.toBe(begun);
  expect(world.record("c1").resume.open).toMatchObject({ attemptId });
});
