import { describe, expect, test } from "vitest";
import { owned } from "./containers.ts";

/** A campaign whose owner died between an effect and its step, and who has it now. */
async function inherited() {
  const { world, owner, holding } = await owned();
  const { attemptId } = await world.until(holding.begin());
  await world.until(owner.keeper.workerDead("crashed"));
  const next = world.working();
  return { world, attemptId, before: holding, holding: await world.holding(next), next };
}

describe("an effect is written down before it happens", () => {
  test("with a key that belongs to this attempt at this step", async () => {
    const { world, holding } = await owned();
    const { attemptId } = await world.until(holding.begin());
    expect(world.record("c1").resume.open).toEqual({
      cursor: 0,
      epoch: 1,
      claimId: holding.claimId,
      attemptId,
      effect: "call",
    });
  });

  test("a repeated begin gets the same key, and writes nothing", async () => {
    const { world, owner, holding } = await owned();
    const first = await world.until(holding.begin());
    const { length } = owner.sent;
    expect((await world.until(holding.begin())).attemptId).toBe(first.attemptId);
    expect(owner.sent.slice(length)).toEqual([]);
  });

  test("two begins at once are one", async () => {
    const { world, owner, holding } = await owned();
    owner.faults.delay = 100;
    const [one, two] = await world.until(Promise.all([holding.begin(), holding.begin()]));
    expect(one.attemptId).toBe(two.attemptId);
    expect(owner.sent.filter((operation) => operation === "update campaigns")).toHaveLength(2);
  });

  test("whoever was taken over while its begin was under way does not act", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { request: 3_000 });
    const begun = holding.begin();
    begun.catch(() => {});
    await world.seconds(1);
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    expect(await world.outcome(begun)).toBe("fenced");
    expect(holding.heard).toContain("fenced");
    expect(world.record("c1").resume.open).toBeUndefined();
  });

  test.each([
    ["the request was lost", { request: "lost" }],
    ["the answer was lost", { reply: "lost" }],
    ["it landed late", { request: 20_000, reply: "lost" }],
    ["it landed twice", { again: 5_000 }],
    ["the connection broke", { request: 200, broken: 100 }],
  ] as const)("a begin of which %s is found out by the same call, and is one attempt", async (_, fate) => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", fate);
    const first = await world.outcome(holding.begin());
    const { attemptId } = await world.until(holding.begin());
    expect(world.record("c1").resume.open?.attemptId).toBe(attemptId);
    await world.seconds(30);
    expect((await world.until(holding.begin())).attemptId).toBe(attemptId);
    expect(["done", "no answer"]).toContain(first);
    expect(await world.until(holding.step(0))).toMatchObject({ cursor: 1 });
    expect(world.record("c1").resume).toMatchObject({ cursor: 1, open: undefined });
  });
});

describe("a step is closed once", () => {
  test.each([
    ["the request was lost", { request: "lost" }],
    ["the answer was lost", { reply: "lost" }],
    ["it landed late", { request: 20_000, reply: "lost" }],
    ["it landed twice", { again: 5_000 }],
  ] as const)("though %s", async (_, fate) => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin());
    owner.next("update campaigns", fate);
    await world.outcome(holding.step(0));
    expect(await world.until(holding.step(0))).toMatchObject({ cursor: 1 });
    const next = await world.until(holding.begin(1));
    await world.seconds(30);
    expect(world.record("c1").resume).toMatchObject({ cursor: 1, open: { attemptId: next.attemptId, cursor: 1 } });
  });

  test("and a begin of it that lands afterwards opens nothing", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { again: 5_000 });
    await world.until(holding.begin());
    await world.until(holding.step(0));
    await world.seconds(6);
    expect(world.record("c1").resume).toMatchObject({ cursor: 1, open: undefined });
  });

  test("a repeated step gets the same answer, and closes nothing else", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin());
    await world.until(holding.step(0));
    const { length } = owner.sent;
    expect(await world.until(holding.step(0))).toMatchObject({ cursor: 1 });
    expect(owner.sent.slice(length)).toEqual([]);
    expect(await world.outcome(holding.step(0, "unknown"))).toBe("cursor");
    expect(await world.outcome(holding.step(2))).toBe("cursor");
    expect(await world.outcome(holding.begin(0))).toBe("cursor");
  });

  test("a step without an effect is closed too", async () => {
    const { world, holding } = await owned();
    expect(await world.until(holding.step(0))).toMatchObject({ cursor: 1 });
  });

  test("one of which nobody knows how it went is said so, and not done again", async () => {
    const { world, owner, holding } = await owned();
    const { attemptId } = await world.until(holding.begin());
    expect(await world.until(holding.step(0, "unknown"))).toMatchObject({ cursor: 1 });
    expect(owner.events("effect_ambiguous")).toMatchObject([{ severity: "WARNING", fields: { attempt: attemptId } }]);
  });

  test("whoever was taken over closes nothing", async () => {
    const { world, holding } = await owned();
    await world.until(holding.begin());
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    expect(await world.outcome(holding.step(0))).toBe("fenced");
    expect(world.record("c1").resume.cursor).toBe(0);
  });
});

describe("an effect that did not happen is taken back, and begun anew under another key", () => {
  test("and a doubled write of the first attempt does not stand in its way", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { again: 5_000 });
    const first = await world.until(holding.begin());
    expect(await world.until(holding.step(0, "absent"))).toMatchObject({ cursor: 0 });
    await world.seconds(6);
    // The first attempt stands there again, though it was taken back.
    expect(world.record("c1").resume.open?.attemptId).toBe(first.attemptId);
    const second = await world.until(holding.begin());
    expect(second.attemptId).not.toBe(first.attemptId);
    expect(world.record("c1").resume.open?.attemptId).toBe(second.attemptId);
  });

  test("and a doubled write of the first attempt does not take the place of the second", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { again: 5_000 });
    await world.until(holding.begin());
    await world.until(holding.step(0, "absent"));
    const second = await world.until(holding.begin());
    await world.seconds(6);
    expect(world.record("c1").resume.open?.attemptId).toBe(second.attemptId);
  });

  test("and a taking-back that lands late does not take back the next attempt", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin());
    owner.next("update campaigns", { request: 20_000 });
    expect(await world.outcome(holding.step(0, "absent"))).toBe("no answer");
    expect(await world.outcome(holding.step(0, "absent"))).toBe("done");
    const second = await world.until(holding.begin());
    await world.seconds(30);
    expect(world.record("c1").resume.open?.attemptId).toBe(second.attemptId);
  });

  test("nor does one that was never repeated: the next call stays on record", async () => {
    const { world, owner, holding } = await owned();
    const first = await world.until(holding.begin());
    owner.next("update campaigns", { request: 20_000 });
    expect(await world.outcome(holding.step(0, "absent"))).toBe("no answer");
    const second = await world.until(holding.begin());
    expect(second.attemptId).not.toBe(first.attemptId);
    await world.seconds(30);
    expect(world.record("c1").resume.open?.attemptId).toBe(second.attemptId);
  });

  test("a taking-back of nothing changes nothing", async () => {
    const { world, owner, holding } = await owned();
    const { length } = owner.sent;
    expect(await world.until(holding.step(0, "absent"))).toMatchObject({ cursor: 0 });
    expect(owner.sent.slice(length)).toEqual([]);
  });

  test("a begin whose answer was lost can be taken back", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { reply: "lost" });
    owner.next("find campaigns", { request: "lost" });
    expect(await world.outcome(holding.begin())).toBe("no answer");
    expect(await world.outcome(holding.step(0, "absent"))).toBe("done");
    expect(world.record("c1").resume.open).toBeUndefined();
  });
});

describe("an effect of an owner that died is never repeated by itself", () => {
  test("the next owner is told of it, and may not begin", async () => {
    const { world, attemptId, holding } = await inherited();
    expect(holding.ambiguous).toMatchObject({ attemptId, cursor: 0, epoch: 1 });
    expect(await world.outcome(holding.begin())).toBe("ambiguous");
    expect(world.record("c1").resume.open?.attemptId).toBe(attemptId);
  });

  test("nor end the campaign over it", async () => {
    const { world, holding } = await inherited();
    expect(await world.outcome(holding.end("complete"))).toBe("open_effect");
    expect(world.record("c1").status).toBe("running");
    expect(await world.outcome(holding.step(0, "done"))).toBe("done");
    expect(await world.outcome(holding.end("complete"))).toBe("done");
  });

  test.each(["done", "unknown"] as const)("found out as %s, the next step is next", async (outcome) => {
    const { world, holding } = await inherited();
    expect(await world.until(holding.step(0, outcome))).toMatchObject({ cursor: 1 });
    expect(world.record("c1").resume).toMatchObject({ cursor: 1, open: undefined });
  });

  test("found out as absent, it is begun anew, under a key of its own", async () => {
    const { world, attemptId, holding } = await inherited();
    expect(await world.until(holding.step(0, "absent"))).toMatchObject({ cursor: 0 });
    const anew = await world.until(holding.begin());
    expect(anew.attemptId).not.toBe(attemptId);
  });

  test("a begin of the dead owner that lands late changes nothing for the next", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { request: 10_000 });
    expect(await world.outcome(holding.begin())).toBe("no answer");
    await world.until(owner.keeper.workerDead("crashed"));
    const next = await world.holding(world.working());
    const { attemptId } = await world.until(next.begin());
    await world.seconds(30);
    expect(world.record("c1").resume.open?.attemptId).toBe(attemptId);
  });
});
