import { describe, expect, test } from "vitest";
import { timingOf, trustLeft } from "../../../runtime/lease/timing.ts";
import { atMostSince, mark } from "../../../runtime/mark.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { World } from "./containers.ts";

const TRUST = 105;

describe("an owner stops before anybody else may start", () => {
  test.each([
    [30, 120],
    [5, 51],
    [40, 120],
    [600, 1_800],
  ])(
    "with heartbeats of %i s and a threshold of %i s, even where both clocks are 2 percent wrong",
    (interval, orphanAfter) => {
      const { trust, observe } = timingOf(interval, orphanAfter);
      expect(trust).toBe(orphanAfter * 1000 - 15_000);
      expect(observe).toBe(orphanAfter * 1050);
      expect(trust * 1.02).toBeLessThan(observe * 0.98);
    },
  );
});

describe("time that went by is the most that any clock says", () => {
  test("a machine that was suspended lets its owner act no longer", () => {
    const clock = new VirtualClock();
    const before = mark(clock);
    clock.suspend(7_000);
    expect(atMostSince(before, clock)).toBe(7_000);
    expect(trustLeft(before, timingOf(30, 120), clock)).toBe(98_000);
  });

  test("also when its wall clock was set back meanwhile", () => {
    const clock = new VirtualClock();
    const before = mark(clock);
    clock.suspend(7_000);
    clock.setWall(-3_600_000);
    expect(atMostSince(before, clock)).toBe(7_000);
  });

  test("a machine whose boot clock stood still too still has its wall clock", () => {
    const clock = new VirtualClock();
    const before = mark(clock);
    clock.setWall(9_000);
    expect(atMostSince(before, clock)).toBe(9_000);
  });

  test("a wall clock that is set back gives no time back", async () => {
    const clock = new VirtualClock();
    const before = mark(clock);
    await clock.advance(5_000);
    clock.setWall(-3_600_000);
    expect(atMostSince(before, clock)).toBe(5_000);
  });
});

describe("trust begins where a request began", () => {
  test("a claim whose answer took 6 s may act 6 s less", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    await world.seconds(10);
    owner.next("update campaigns", { reply: 6_000 });
    const { notAfter } = await world.holding(owner);
    expect(notAfter - world.clock.monotonic()).toBe((TRUST - 6) * 1000);
  });

  test("a heartbeat whose answer took 6 s prolongs by 6 s less", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    await world.seconds(10);
    const holding = await world.holding(owner);
    owner.next("update all campaigns", { reply: 6_000 });
    await world.when(() => holding.heard.length >= 2);
    const { notAfter } = await world.until(holding.begin());
    expect(notAfter - world.clock.monotonic()).toBeLessThanOrEqual((TRUST - 6) * 1000);
    expect(notAfter - world.clock.monotonic()).toBeGreaterThan((TRUST - 6.2) * 1000);
  });

  test("a claim whose answer came after its trust had run out is not used, and goes back at once", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    await world.seconds(10);
    owner.next("update campaigns", { reply: 1_000 });
    const late = owner.keeper.campaigns.claim("c1", "r1");
    late.catch(() => {});
    await world.seconds(0);
    owner.clock.halt();
    await world.seconds(TRUST + 1);
    owner.clock.wake("answers");
    expect(await world.outcome(late)).toBe("fenced");
    await world.seconds(1);
    expect(world.record("c1")).toMatchObject({ status: "queued", lease: { state: "free", epoch: 1 } });
  });
});

describe("trust that ran out is final", () => {
  test("an owner without heartbeats may not begin, and is told, before an observer may take over", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const holding = await world.holding(owner);
    owner.faults.partitioned = true;
    await world.seconds(TRUST - 1);
    expect(holding.heard).not.toContain("fenced");
    await world.seconds(1);
    expect(holding.heard).toContain("fenced");
    expect(await world.outcome(holding.begin())).toBe("fenced");
  });

  test("also when the record turns out to be still its own", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const holding = await world.holding(owner);
    owner.faults.partitioned = true;
    await world.seconds(TRUST + 1);
    owner.faults.partitioned = false;
    await world.seconds(30);
    expect(world.record("c1").lease.claimId).toBe(holding.claimId);
    expect(await world.outcome(holding.begin())).toBe("fenced");
    expect(await world.outcome(holding.end("complete"))).toBe("fenced");
    await world.until(holding.stopped());
    await world.seconds(1);
    expect(world.record("c1").status).toBe("interrupted");
  });

  test("a wall clock that jumps ahead fences within a heartbeat, not when the monotonic clock gets there", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const holding = await world.holding(owner);
    owner.clock.setWall(2 * TRUST * 1000);
    const { hbSeq } = world.record("c1").lease;
    await world.seconds(34);
    expect(holding.heard).toContain("fenced");
    expect(world.record("c1").lease.hbSeq).toBeLessThanOrEqual(hbSeq + 1);
  });

  test("a machine that was suspended for longer than the trust acts no more", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const holding = await world.holding(owner);
    owner.clock.suspend();
    await world.seconds(TRUST);
    owner.clock.wake();
    expect(await world.outcome(holding.begin())).toBe("fenced");
    expect(holding.heard).toContain("fenced");
  });

  test.each([
    ["with the signal that it goes on, whether the database can be reached or not", true],
    ["without one, with its next heartbeat", false],
  ])("such a machine says so, not when the monotonic clock gets there: %s", async (_, signal) => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const holding = await world.holding(owner);
    const { hbSeq } = world.record("c1").lease;
    owner.clock.suspend();
    await world.seconds(600);
    owner.clock.wake();
    if (signal) owner.keeper.resumed();
    else await world.seconds(35);
    expect(holding.heard).toContain("fenced");
    expect(world.record("c1").lease.hbSeq).toBe(hbSeq);
  });

  test("an answer that came after the trust had run out is not given to the worker", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    const holding = await world.holding(owner);
    await world.seconds(1);
    owner.next("update campaigns", { reply: 5_000 });
    const begun = holding.begin();
    begun.catch(() => {});
    await world.seconds(4);
    owner.clock.setWall(TRUST * 1000);
    expect(await world.outcome(begun)).toBe("fenced");
    expect(world.record("c1").resume.open?.epoch).toBe(1);
  });
});
