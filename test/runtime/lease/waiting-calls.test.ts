import { describe, expect, test } from "vitest";
import { type Container, listening, owned, World } from "./containers.ts";

const TRUST = 105;

test.each(["begin", "step"] as const)(
  "a worker that waits for the answer to a %s hears at once that it lost its campaign, and is not killed with its other calls",
  async (name) => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const holding = await world.holding(owner);
    if (name === "step") await world.until(holding.begin(0));
    owner.faults.partitioned = true;
    // Its database answers nobody; a call takes as long as two of its operations: 16 s.
    await world.seconds(TRUST - 2);
    let answered = 0;
    const call = name === "begin" ? holding.begin(0) : holding.step(0);
    const repeated = name === "begin" ? holding.begin(0) : holding.step(0);
    const count = () => void answered++;
    call.catch(count);
    repeated.catch(count);
    await world.seconds(1);
    expect(answered).toBe(0);
    await world.seconds(1);
    expect(holding.heard).toContain("fenced");
    expect(answered).toBe(2);
    expect(await world.outcome(call)).toBe("fenced");
    await world.until(holding.stopped());
    await world.seconds(30);
    expect(owner.unconfirmed).toBe(0);
  },
);

test("a call that comes after the fence does not wait for the one before it, which nobody answers", async () => {
  const world = new World();
  world.campaign("c1");
  const owner = world.working();
  const holding = await world.holding(owner);
  owner.faults.partitioned = true;
  await world.seconds(TRUST - 2);
  holding.begin(0).catch(() => {});
  await world.seconds(2.5);
  expect(holding.heard).toContain("fenced");
  await expect(holding.begin(0)).rejects.toMatchObject({ code: "fenced" });
});

describe("a runtime that did not run", () => {
  /** Whoever had so long to answer has answered long ago, and it has not heard it yet: its timers come first. */
  async function stopped(world: World, { clock }: Container): Promise<void> {
    clock.halt();
    await world.seconds(60);
    clock.wake("timers");
  }

  test("hears that its worker has stopped before it kills that for not saying so", async () => {
    const { world, owner, holding } = await owned();
    owner.faults.partitioned = true;
    await world.when(() => holding.heard.includes("fenced"));
    await stopped(world, owner);
    // The next that it finds.
    await world.clock.advance(100);
    await holding.stopped();
    await world.seconds(30);
    expect(owner.unconfirmed).toBe(0);
  });

  test("hears that somebody listens before it fences for want of that", async () => {
    const { world, owner, holding } = await owned({ orphanAfter: 300 });
    holding.leave();
    await stopped(world, owner);
    await world.clock.advance(100);
    const { heard } = listening(owner, holding);
    await world.seconds(10);
    expect(heard).not.toContain("fenced");
  });

  test("kills one that says nothing all the same", async () => {
    const { world, owner, holding } = await owned();
    owner.faults.partitioned = true;
    await world.when(() => holding.heard.includes("fenced"));
    await stopped(world, owner);
    await world.seconds(2);
    expect(owner.unconfirmed).toBe(1);
  });
});
