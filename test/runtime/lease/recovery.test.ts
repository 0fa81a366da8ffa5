import { describe, expect, test } from "vitest";
import { type Campaign, campaignOf } from "../../../runtime/lease/record.ts";
import { fruitless, judge, noteDeath } from "../../../runtime/lease/recovery.ts";
import { type Container, World } from "./containers.ts";

const NOW = Date.UTC(2027, 5, 7, 8);
const rules = { policy: "resume", limit: 3 } as const;
const hours = (count: number) => new Date(NOW - count * 3_600_000);

function campaign(fields: Record<string, unknown>): Campaign {
  return campaignOf({ id: "c1", status: "interrupted", ...fields });
}

describe("what becomes of a campaign without its owner", () => {
  const open = { now: NOW, open: true };
  const closed = { now: NOW, open: false };
  test.each([
    ["no policy of its own", {}, open, "resume"],
    ["a policy that nobody knows", { resume: { policy: "repeat" } }, open, "resume"],
    ["resume, outside hours", { resume: { policy: "resume", inHours: true } }, closed, "resume"],
    ["terminate", { resume: { policy: "terminate" } }, open, "terminate"],
    ["terminate, after many deaths", { resume: { policy: "terminate" }, recovery: { count: 9 } }, open, "terminate"],
    ["resume-if, without a condition", { resume: { policy: "resume-if" } }, open, "resume"],
    ["resume-if in hours, in hours", { resume: { policy: "resume-if", inHours: true } }, open, "resume"],
    ["resume-if in hours, outside hours", { resume: { policy: "resume-if", inHours: true } }, closed, "wait"],
    [
      "resume-if within an hour, after 59 minutes",
      { resume: { policy: "resume-if", maxAge: 3_600 }, lease: { hbAt: hours(59 / 60) } },
      open,
      "resume",
    ],
    [
      "resume-if within an hour, after 61 minutes",
      { resume: { policy: "resume-if", maxAge: 3_600 }, lease: { hbAt: hours(61 / 60) } },
      open,
      "terminate",
    ],
    [
      "resume-if within an hour and in hours, too late: it does not wait for hours that do not help",
      { resume: { policy: "resume-if", maxAge: 3_600, inHours: true }, lease: { hbAt: hours(2) } },
      closed,
      "terminate",
    ],
    [
      "resume-if, after too many deaths",
      { resume: { policy: "resume-if" }, recovery: { count: 4 } },
      closed,
      "quarantine",
    ],
    ["three deaths", { recovery: { count: 3 } }, open, "resume"],
    ["four deaths", { recovery: { count: 4 } }, open, "quarantine"],
    ["four deaths, and progress since", { resume: { cursor: 6 }, recovery: { count: 4, cursor: 5 } }, open, "resume"],
    ["four deaths at this step", { resume: { cursor: 5 }, recovery: { count: 4, cursor: 5 } }, open, "quarantine"],
    ["four deaths, the last one 25 h ago", { recovery: { count: 4, lastAt: hours(25) } }, open, "resume"],
    ["four deaths, the last one 23 h ago", { recovery: { count: 4, lastAt: hours(23) } }, open, "quarantine"],
  ] as const)("%s", (_, fields, at, verdict) => {
    expect(judge(campaign(fields), "left", rules, at).verdict).toBe(verdict);
  });

  test("the death that is just found counts with those before", () => {
    const twice = campaign({ status: "running", recovery: { count: 2 } });
    expect(judge(twice, "died", rules, open)).toMatchObject({ verdict: "resume", note: { count: 3 } });
    const thrice = campaign({ status: "running", recovery: { count: 3 } });
    expect(judge(thrice, "died", rules, open)).toMatchObject({ verdict: "quarantine", note: { count: 4 } });
    expect(judge(thrice, "left", rules, open)).toMatchObject({ verdict: "resume", note: undefined });
  });

  test("a death that took one of the task's retries leaves it one, however few the limit allows", () => {
    const verdictAfter = (count: number, limit: number) =>
      judge(campaign({ status: "running", recovery: { count } }), "attempt died", { ...rules, limit }, open).verdict;
    expect([0, 1, 2].map((count) => verdictAfter(count, 3))).toEqual(["resume", "resume", "quarantine"]);
    expect([0, 1].map((count) => verdictAfter(count, 2))).toEqual(["resume", "quarantine"]);
    expect([0, 1].map((count) => verdictAfter(count, 1))).toEqual(["resume", "quarantine"]);
  });

  test("an orphan waits as long after its deaths as what was given back", () => {
    const twice = campaign({ status: "running", recovery: { count: 1, lastAt: hours(0.1) } });
    for (const lastOwner of ["died", "attempt died"] as const)
      expect(judge(twice, lastOwner, rules, open).verdict).toBe("wait");
    const once = campaign({ status: "running", recovery: { count: 0, lastAt: hours(0.1) } });
    expect(judge(once, "died", rules, open).verdict).toBe("resume");
  });

  test("the policy of the settings is for campaigns that state none", () => {
    const terminate = { policy: "terminate", limit: 3 } as const;
    expect(judge(campaign({}), "left", terminate, open).verdict).toBe("terminate");
    expect(judge(campaign({ resume: { policy: "resume" } }), "left", terminate, open).verdict).toBe("resume");
  });

  test("progress, or a day, begins the count anew", () => {
    const before = campaign({ resume: { cursor: 2 }, recovery: { count: 2, cursor: 1, lastAt: hours(1) } });
    expect(fruitless(before, NOW)).toBe(0);
    expect(noteDeath(before, "worker died", NOW)).toMatchObject({ count: 1, cursor: 2 });
    expect(noteDeath(campaign({ recovery: { count: 2, lastAt: hours(25) } }), "worker died", NOW).count).toBe(1);
  });

  test("the history keeps the last ten", () => {
    const history = Array.from({ length: 10 }, (_, epoch) => ({ at: hours(1), reason: "x", epoch, cursor: 0 }));
    const note = noteDeath(campaign({ lease: { epoch: 10 }, recovery: { history } }), "worker died", NOW);
    expect(note.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe("healthy work is not set aside", () => {
  async function working(capacity = 1): Promise<{ world: World; owner: Container }> {
    const world = new World();
    world.campaign("c1");
    const owner = world.working({ capacity });
    await world.seconds(10);
    return { world, owner };
  }

  test("a worker that dies at the same step for the fourth time sets its campaign aside", async () => {
    const { world, owner } = await working();
    for (let deaths = 1; deaths <= 4; deaths++) {
      await world.holding(owner);
      await world.until(owner.keeper.workerDead("crashed"));
      expect(world.record("c1").recovery.count).toBe(deaths);
      // From the second death on it is left alone for a while.
      await world.seconds(1_200);
    }
    expect(await world.until(owner.keeper.campaigns.next("r"))).toBeUndefined();
    expect(world.record("c1")).toMatchObject({ status: "quarantined", lease: { epoch: 5, state: "free" } });
    expect(world.record("c1").recovery.history).toHaveLength(4);
    expect(owner.events("orphan_quarantined")).toMatchObject([{ severity: "ERROR" }]);
  });

  test("campaigns that kill their workers wait for the others: two bad ones do not end the shift of the good ones", async () => {
    const world = new World();
    for (const id of ["bad-1", "bad-2", "good-1", "good-2"]) world.campaign(id);
    const owner = world.working();
    const order: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const { id, claimId } = await world.holding(owner);
      order.push(id);
      if (id.startsWith("bad")) await world.until(owner.keeper.workerDead("crashed"));
      else await world.until(owner.keeper.campaigns.end(id, { claimId, ending: "complete" }));
    }
    expect(order).toEqual(["bad-1", "bad-2", "good-1", "good-2", "bad-1", "bad-2"]);
    // Two fruitless deaths each: now they are left alone for ten minutes.
    expect(await world.until(owner.keeper.campaigns.next("at once"))).toBeUndefined();
    await world.seconds(590);
    expect(await world.until(owner.keeper.campaigns.next("too soon"))).toBeUndefined();
    await world.seconds(20);
    expect(await world.until(owner.keeper.campaigns.next("again"))).toMatchObject({ id: "bad-1" });
  });

  test("a container that is killed with its campaign for the fourth time sets it aside, without a worker that asks", async () => {
    const world = new World();
    world.campaign("c1");
    for (let deaths = 0; deaths < 4; deaths++) {
      const owner = world.working();
      expect(await world.poll(owner, 1_400, 2)).toBeDefined();
      owner.crash();
    }
    const busy = world.working({ capacity: 0 });
    await world.seconds(200);
    expect(world.record("c1").status).toBe("quarantined");
    expect(world.record("c1").recovery).toMatchObject({ count: 4 });
    expect(busy.events("orphan_quarantined")).toHaveLength(1);
  });

  test("progress in between does not", async () => {
    const { world, owner } = await working();
    for (let deaths = 1; deaths <= 6; deaths++) {
      const holding = await world.holding(owner);
      await world.until(holding.step(holding.cursor));
      await world.until(owner.keeper.workerDead("crashed"));
      expect(world.record("c1").recovery.count).toBe(1);
    }
  });

  test("nor do drains, kills for a neighbour's sake, and releases", async () => {
    const { world, owner } = await working();
    for (let times = 0; times < 5; times++) {
      await world.holding(owner);
      await world.until(owner.keeper.workerDead("killed"));
      const holding = await world.holding(owner);
      await world.until(holding.end("release"));
    }
    expect(world.record("c1")).toMatchObject({ status: "interrupted", recovery: { count: 0 } });
  });

  test("nor do outages of the database in which its owner was fenced", async () => {
    const { world, owner } = await working();
    for (let times = 0; times < 4; times++) {
      const holding = await world.holding(owner);
      owner.faults.partitioned = true;
      await world.seconds(120);
      owner.faults.partitioned = false;
      await world.outcome(holding.stopped());
      await world.seconds(90);
      expect(world.record("c1")).toMatchObject({ status: "interrupted", recovery: { count: 0 } });
    }
  });

  test("nor does a container that lost the campaign and lives: another takes it over without blame", async () => {
    const { world, owner } = await working();
    const holding = await world.holding(owner);
    const other = world.working();
    await world.seconds(60);
    // Its worker cannot be reached and does not confirm, but the container goes on.
    owner.clock.setWall(200_000);
    expect(await world.poll(other, 400, 1)).toMatchObject({ id: "c1" });
    expect(holding.heard).toContain("fenced");
    expect(world.record("c1").recovery.count).toBe(0);
  });

  test("a death that is found by taking over is counted", async () => {
    const { world, owner } = await working();
    await world.holding(owner);
    const other = world.working();
    await world.seconds(60);
    owner.crash();
    await world.poll(other, 200, 1);
    expect(world.record("c1").recovery).toMatchObject({
      count: 1,
      cursor: 0,
      lastAt: expect.any(Date),
      history: [{ epoch: 1, cursor: 0, reason: "owner died" }],
    });
    expect(other.events("orphan_recovered")).toMatchObject([{ fields: { campaign: "c1", epoch: 2, from: owner.id } }]);
  });
});

describe("whose fault it was", () => {
  const place = { execution: "worker-abcde", task: 0, attempt: 0 };

  /** Of one task: it asks for a campaign for as long, and is killed with it a moment later. */
  async function attempt(world: World, number: number, within: number): Promise<string | undefined> {
    const owner = world.working({ place: { ...place, attempt: number } });
    // Its first sweep: until then it knows of no orphan.
    await world.seconds(6);
    const had = await world.poll(owner, within);
    await world.seconds(20);
    owner.crash();
    return had?.id;
  }

  test("a campaign that kills each attempt of a task leaves the last of its three retries to the shift", async () => {
    const world = new World();
    world.campaign("c1");
    expect(await attempt(world, 0, 10)).toBe("c1");
    // By chance, for all that is known: it goes on at once.
    expect(await attempt(world, 1, 10)).toBe("c1");
    expect(world.record("c1").recovery.count).toBe(1);
    expect(await attempt(world, 2, 540)).toBeUndefined();
    expect(await attempt(world, 2, 60)).toBe("c1");
    expect(world.record("c1").recovery.count).toBe(2);
    const last = world.working({ place: { ...place, attempt: 3 } });
    expect(await world.poll(last, 60)).toBeUndefined();
    expect(world.record("c1")).toMatchObject({ status: "quarantined", recovery: { count: 3 } });
    expect(last.events("orphan_quarantined")).toHaveLength(1);
  });

  test("one that has killed two attempts comes after all others", async () => {
    const world = new World();
    for (const id of ["bad", "good-1", "good-2"]) world.campaign(id);
    expect([await attempt(world, 0, 10), await attempt(world, 1, 10)]).toEqual(["bad", "bad"]);
    const retry = world.working({ place: { ...place, attempt: 2 } });
    // The pause is over: only its deaths speak against it.
    await world.seconds(700);
    const before: string[] = [];
    for (const _ of ["good-1", "good-2"]) {
      const { id, claimId } = await world.holding(retry);
      before.push(id);
      await world.until(retry.keeper.campaigns.end(id, { claimId, ending: "complete" }));
    }
    expect(before.sort()).toEqual(["good-1", "good-2"]);
    expect(await world.poll(retry, 10)).toMatchObject({ id: "bad" });
  });

  test("an owner that drained and was killed at its end did not die of its campaign", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working();
    await world.holding(owner);
    const other = world.working();
    await world.seconds(60);
    owner.keeper.drain("closing");
    await world.seconds(9);
    owner.crash();
    expect(await world.poll(other, 200)).toMatchObject({ id: "c1" });
    expect(world.record("c1").recovery.count).toBe(0);
  });

  test("nor one that stopped, though it was an earlier attempt of the same task", async () => {
    const world = new World();
    world.campaign("c1");
    const owner = world.working({ place });
    await world.holding(owner);
    for (let times = 0; times < 2; times++) owner.next("update all campaigns", { request: "lost" });
    await world.until(owner.keeper.workerDead("killed"));
    await world.until(owner.keeper.finish("released"));
    expect(world.record("c1").status).toBe("running");
    const retry = world.working({ place: { ...place, attempt: 1 } });
    expect(await world.poll(retry, 60)).toMatchObject({ id: "c1" });
    expect(world.record("c1").recovery.count).toBe(0);
  });
});

describe("what is not to be resumed ends by itself", () => {
  test.each(["running", "interrupted"] as const)("%s, without a worker that asks, once among many", async (status) => {
    const world = new World();
    world.campaign("c1", {
      status,
      lease: { owner: "gone", claimId: "x", epoch: 3, hbSeq: 1, state: "held" },
      resume: { policy: "terminate" },
    });
    const containers = [1, 2, 3].map(() => world.working({ capacity: 0 }));
    await world.seconds(180);
    expect(world.record("c1")).toMatchObject({ status: "failed", lease: { epoch: 4, state: "free" } });
    expect(containers.flatMap(({ events }) => events("orphan_terminated"))).toHaveLength(1);
  });

  test("what waits for the clinic's hours waits, and goes on when they come", async () => {
    const world = new World();
    let open = false;
    world.campaign("c1", {
      status: "running",
      lease: { owner: "gone", claimId: "x", epoch: 3, hbSeq: 1, state: "held" },
      resume: { policy: "resume-if", inHours: true },
    });
    const container = world.working({ open: () => open });
    expect(await world.poll(container, 600, 10)).toBeUndefined();
    expect(await world.outcome(container.keeper.campaigns.claim("c1", "by name"))).not.toBe("done");
    expect(world.record("c1").status).toBe("running");
    open = true;
    expect(await world.until(container.keeper.campaigns.next("r1"))).toMatchObject({ id: "c1", epoch: 4 });
  });

  test("an end whose answer was lost is found done", async () => {
    const world = new World();
    world.campaign("c1", { status: "interrupted", lease: { epoch: 1 }, resume: { policy: "terminate" } });
    const container = world.container();
    container.next("update campaigns", { reply: "lost" });
    expect(await world.outcome(container.keeper.campaigns.next("r1"))).toBe("no answer");
    expect(await world.until(container.keeper.campaigns.next("r2"))).toBeUndefined();
    expect(world.record("c1")).toMatchObject({ status: "failed", lease: { epoch: 2 } });
  });

  test("a write of the dead owner that lands late does not bring it back", async () => {
    const world = new World();
    world.campaign("c1", { resume: { policy: "terminate" } });
    const owner = world.working();
    await world.seconds(10);
    const holding = await world.holding(owner);
    const other = world.working();
    await world.seconds(60);
    owner.next("update campaigns", { request: 300_000 });
    holding.begin().catch(() => {});
    await world.seconds(1);
    owner.crash();
    await world.seconds(400);
    expect(other.events("orphan_terminated")).toHaveLength(1);
    expect(world.record("c1")).toMatchObject({ status: "failed", resume: { open: undefined } });
  });
});
