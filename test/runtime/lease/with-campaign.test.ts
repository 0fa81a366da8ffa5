import { expect, test } from "vitest";
import { onClaim } from "../../../runtime/lease/with-campaign.ts";
import { seeded } from "../../support/seeded.ts";
import { type Container, World } from "./containers.ts";

const random = seeded(7);

async function claimed(world: World, container: Container) {
  const held = await world.until(container.keeper.campaigns.next(`request-${random.fraction()}`));
  if (held === undefined) throw new Error("there is nothing to do");
  return held;
}

function ports(world: World) {
  return { clock: world.clock, random };
}

test("work that returns completes its campaign, and its place is free for the next", async () => {
  const world = new World();
  world.campaign("a");
  world.campaign("b");
  const container = world.working();
  const done = onClaim(container.keeper.campaigns, await claimed(world, container), ports(world), async (lease) => {
    expect(await lease.begin("call")).toContain("a-0");
    await lease.step();
    return lease.cursor;
  });
  expect(await world.until(done)).toBe(1);
  expect(world.record("a")).toMatchObject({ status: "completed", resume: { cursor: 1, open: undefined } });
  expect((await claimed(world, container)).id).toBe("b");
});

test("work that throws gives its campaign back, and a campaign that nobody can do is set aside", async () => {
  const world = new World();
  world.campaign("poison");
  const container = world.working();
  const broken = async () => {
    throw new Error("cannot");
  };
  for (let deaths = 1; deaths <= 4; deaths++) {
    const work = onClaim(container.keeper.campaigns, await claimed(world, container), ports(world), broken);
    await expect(world.until(work)).rejects.toThrow("cannot");
    await world.seconds(1);
    expect(world.record("poison")).toMatchObject({ status: "interrupted", recovery: { count: deaths } });
    // From the second death on it is left alone for a while.
    await world.seconds(1_200);
  }
  expect(await world.until(container.keeper.campaigns.next("once more"))).toBeUndefined();
  expect(world.record("poison").status).toBe("quarantined");
});

test("the work hears of the loss of its lease, and what it returns is not taken for done", async () => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  const held = await claimed(world, container);
  const work = onClaim(
    container.keeper.campaigns,
    held,
    ports(world),
    (lease) => new Promise<void>((resolve) => lease.signal.addEventListener("abort", () => resolve())),
  );
  container.faults.partitioned = true;
  await expect(world.until(work)).rejects.toMatchObject({ code: "fenced" });
  expect(world.record("a").status).toBe("running");
});

test("an effect that was begun and not resolved is left for the next owner to look up", async () => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  const work = onClaim(container.keeper.campaigns, await claimed(world, container), ports(world), async (lease) => {
    await lease.begin("call");
  });
  await expect(world.until(work)).rejects.toMatchObject({ code: "open_effect" });
  await world.seconds(1);
  const next = world.working();
  expect(await claimed(world, next)).toMatchObject({ resumed: true, ambiguous: { cursor: 0, effect: "call" } });
});

test.each([
  ["returns", async () => {}],
  ["throws", () => Promise.reject(new Error("cannot"))],
])("work that %s leaves no timer behind: nothing keeps a process from its end", async (_how, end) => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  const work = onClaim(container.keeper.campaigns, await claimed(world, container), ports(world), end);
  await world.until(Promise.allSettled([work]));
  await world.until(container.keeper.finish("released"));
  expect(world.clock.timers).toBe(0);
});

test("a claim whose worker went away and says then that it stopped leaves no timer behind either", async () => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  const { id, claimId } = await claimed(world, container);
  container.keeper.revoke();
  await container.keeper.campaigns.stopped(id, claimId);
  await world.until(container.keeper.finish("released"));
  expect(world.clock.timers).toBe(0);
});
