import { expect, test } from "vitest";
import { Requests } from "../../../runtime/lease/with-campaign.ts";
import { seeded } from "../../support/seeded.ts";
import { type Container, World } from "./containers.ts";

function asking(world: World, container: Container): Requests {
  return new Requests(container.keeper.campaigns, { clock: world.clock, random: seeded(7) });
}

/** A container of capacity 1 whose claim on `a` landed, while no answer came in any of the tries. */
async function unanswered(how: "next" | "by id") {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  await world.seconds(10);
  const requests = asking(world, container);
  const ask = () => (how === "next" ? requests.next() : requests.claim("a"));
  container.next("update campaigns", { reply: "lost" });
  world.witness = (_by, { kind, call }, perform) => {
    if (kind === "campaigns" && call === "update") container.faults.partitioned = true;
    return perform();
  };
  expect(await world.outcome(ask())).toBe("no answer");
  world.witness = (_by, _request, perform) => perform();
  expect(world.record("a").status).toBe("running");
  return { world, container, requests, ask };
}

test("a container that drains has no next campaign: the loop that asks for it ends, and what comes after it is done", async () => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  container.keeper.drain("draining");
  expect(await world.until(asking(world, container).next())).toBeUndefined();
  expect(world.record("a").status).toBe("queued");
});

test("a drain that comes while the next campaign is asked for ends that loop too, and the campaign is again what it was", async () => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  await world.seconds(10);
  container.next("update campaigns", { request: 3_000 });
  const next = asking(world, container).next();
  await world.seconds(1);
  container.keeper.drain("draining");
  expect(await world.until(next)).toBeUndefined();
  expect(world.record("a").status).toBe("queued");
});

test("one campaign that was asked for by name is refused by a container that drains, and not silently left", async () => {
  const world = new World();
  world.campaign("a");
  const container = world.working();
  container.keeper.drain("draining");
  expect(await world.outcome(asking(world, container).claim("a"))).toBe("draining");
});

test.each(["next", "by id"] as const)(
  "a claim whose answer was lost in every try is not forgotten, nor taken for nothing to do: the next call has it (%s)",
  async (how) => {
    const { world, container, ask } = await unanswered(how);
    container.faults.partitioned = false;
    expect(await world.until(ask())).toMatchObject({ id: "a", epoch: 1 });
  },
);

test("two that ask after a lost answer do not get one claim, and work on it side by side", async () => {
  const { world, container, requests } = await unanswered("next");
  container.faults.partitioned = false;
  const both = await world.until(Promise.all([requests.next(), requests.next()]));
  expect(both.filter((held) => held !== undefined)).toMatchObject([{ id: "a" }]);
});

test("a lost answer that was asked for too late costs its own claim, and not the loop that asks", async () => {
  const { world, container, requests } = await unanswered("next");
  await world.seconds(120);
  container.faults.partitioned = false;
  world.campaign("b");
  expect(await world.until(requests.next())).toMatchObject({ id: "b" });
});
