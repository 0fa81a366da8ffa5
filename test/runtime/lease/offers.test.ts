import { describe, expect, test } from "vitest";
import { Refusal } from "../../../runtime/lease/campaigns.ts";
import { World } from "./containers.ts";

describe("what is handed out", () => {
  test("first what was given back, then orphans, then what is queued", async () => {
    const world = new World();
    world.campaign("a-queued");
    world.campaign("b-orphan", {
      status: "running",
      lease: { owner: "gone", claimId: "x", epoch: 1, hbSeq: 1, state: "held" },
    });
    world.campaign("c-interrupted", { status: "interrupted", lease: { epoch: 3 } });
    const container = world.working({ capacity: 3 });
    await world.seconds(140);
    const ids = [];
    for (const request of ["r1", "r2", "r3"])
      ids.push((await world.until(container.keeper.campaigns.next(request)))?.id);
    expect(ids).toEqual(["c-interrupted", "b-orphan", "a-queued"]);
    expect(world.record("c-interrupted").lease.epoch).toBe(4);
  });

  test("whether somebody had it before", async () => {
    const world = new World();
    world.campaign("c1");
    const container = world.working({ capacity: 2 });
    world.campaign("c2", { status: "interrupted", lease: { epoch: 1 } });
    expect(await world.holding(container, "c1")).toMatchObject({ resumed: false, cursor: 0 });
    expect(await world.holding(container, "c2")).toMatchObject({ resumed: true });
  });

  test("whoever is refused hears who has it, and since when it has not moved", async () => {
    const world = new World();
    world.campaign("c1");
    const container = world.working();
    await world.holding(container);
    const other = world.working();
    await world.seconds(100);
    const refusal = await world.until(other.keeper.campaigns.claim("c1", "r1").catch((error: unknown) => error));
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ code: "held", details: { owner: container.id } });
    const { heartbeatAgeSeconds, unmovedSeconds } = (refusal as Refusal).details;
    expect(heartbeatAgeSeconds).toBeLessThanOrEqual(33);
    expect(unmovedSeconds).toBeLessThanOrEqual(45);
  });

  test("whoever loses a race for a campaign by name hears who has it", async () => {
    const world = new World();
    world.campaign("c1");
    const container = world.working();
    const other = world.working();
    container.next("update campaigns", { request: 500 });
    const slow = container.keeper.campaigns.claim("c1", "r1");
    slow.catch(() => {});
    await world.holding(other, "c1");
    expect(await world.outcome(slow)).toBe("held");
    expect(container.keeper.campaigns.list()).toEqual([]);
  });

  test.each(["completed", "failed", "quarantined", "archived", ""])(
    "nothing of a campaign that is %j",
    async (status) => {
      const world = new World();
      world.campaign("c1", { status });
      const container = world.working();
      expect(await world.outcome(container.keeper.campaigns.claim("c1", "r1"))).toBe("absent");
      expect(await world.until(container.keeper.campaigns.next("r2"))).toBeUndefined();
      expect(await world.outcome(container.keeper.campaigns.claim("nothing", "r3"))).toBe("absent");
    },
  );

  test("a page more than one is looked through", async () => {
    const world = new World();
    for (let number = 100; number < 220; number++) {
      world.campaign(`c${number}`, { status: "interrupted", resume: { policy: "resume-if", inHours: true } });
    }
    world.campaign("z", { status: "interrupted" });
    const container = world.working({ open: () => false });
    expect(await world.until(container.keeper.campaigns.next("r1"))).toMatchObject({ id: "z" });
  });
});
