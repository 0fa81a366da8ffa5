import { expect, test } from "vitest";
import { Refusal } from "../../../runtime/lease/campaigns.ts";
import { onClaim } from "../../../runtime/lease/with-campaign.ts";
import { StoreError } from "../../../runtime/store/store.ts";
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

const away = new Error("no primary");
test.each([
  ["a database that was away", new StoreError("update campaigns", away), undefined],
  ["a claim that is lost", new Refusal("fenced", "lost"), undefined],
  ["a container that drains", new Refusal("draining", "ending"), undefined],
  ["a step that is not the next", new Refusal("cursor", "another"), 1],
])("deaths set aside what nobody can do, and no healthy campaign: %s", async (_what, error, count) => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  const work = onClaim(container.keeper.campaigns, await claimed(world, container), ports(world), () =>
    Promise.reject(error),
  );
  await expect(world.until(work)).rejects.toBe(error);
  await world.seconds(1);
  expect(world.record("a").status).toBe("interrupted");
  expect(world.stored("a").recovery).toEqual(count === undefined ? undefined : expect.objectContaining({ count }));
});

test("an election of 20 s in each call is not the work's problem: it waits, and each call is made once", async () => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  const election = () => {
    container.faults.partitioned = true;
    world.clock.after(20_000, () => {
      container.faults.partitioned = false;
    });
  };
  const done = onClaim(container.keeper.campaigns, await claimed(world, container), ports(world), async (lease) => {
    const rooms: string[] = [];
    for (let patient = 0; patient < 2; patient++) {
      election();
      rooms.push(await lease.begin("call"));
      election();
      await lease.step();
    }
    return rooms;
  });
  const rooms = await world.until(done);
  expect(new Set(rooms).size).toBe(2);
  expect(world.record("a")).toMatchObject({ status: "completed", resume: { cursor: 2, open: undefined } });
});

test("work that waits for a database waits no longer than its lease lasts", async () => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  const held = await claimed(world, container);
  const began = world.clock.monotonic();
  const work = onClaim(container.keeper.campaigns, held, ports(world), (lease) => {
    container.faults.partitioned = true;
    return lease.begin("call");
  });
  await expect(world.until(work)).rejects.toMatchObject({ code: "fenced" });
  expect(world.clock.monotonic() - began).toBeLessThanOrEqual(105_000);
});

test("a record that the database refuses is not tried for as long as its heartbeats go on", async () => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  const work = onClaim(container.keeper.campaigns, await claimed(world, container), ports(world), (lease) => {
    world.change("a", { "resume.unresolved": "somebody's note" });
    return lease.step("unknown");
  });
  await expect(world.until(work)).rejects.toMatchObject({ code: "fenced" });
  expect(container.events("campaign_unreadable")).toMatchObject([{ fields: { campaign: "a" } }]);
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
