import { describe, expect, test } from "vitest";
import { owned } from "./containers.ts";

describe("an end is the last that is done in the name of a claim", () => {
  test.each([
    ["complete", "completed"],
    ["fail", "failed"],
    ["release", "interrupted"],
  ] as const)("%s", async (ending, status) => {
    const { world, owner, holding } = await owned();
    expect(await world.outcome(holding.end(ending))).toBe("done");
    expect(world.record("c1")).toMatchObject({ status, lease: { epoch: 1, state: "free" } });
    expect(owner.keeper.campaigns.list()).toEqual([]);
    // Repeats are answered from memory.
    const { length } = owner.sent;
    expect(await world.outcome(holding.end(ending))).toBe("done");
    expect(owner.sent.slice(length)).toEqual([]);
    const another = ending === "fail" ? "complete" : "fail";
    for (const late of [() => holding.begin(), () => holding.step(0), () => holding.end(another)]) {
      expect(await world.outcome(late())).toBe("fenced");
    }
  });

  test("it is repeated although another has the campaign by now", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.end("release"));
    const other = world.working();
    await world.holding(other, "c1");
    expect(await world.outcome(holding.end("release"))).toBe("done");
    expect(owner.keeper.campaigns.list()).toEqual([]);
  });

  test("a release without an answer is one, though another has the campaign by now", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { reply: "lost" });
    owner.next("find campaigns", { request: "lost" });
    expect(await world.outcome(holding.end("release"))).toBe("no answer");
    await world.holding(world.working(), "c1");
    expect(await world.outcome(holding.end("release"))).toBe("done");
  });

  test("but not one that was refused for another's sake, after a step without an answer", async () => {
    const { world, owner, holding } = await owned();
    await world.until(holding.begin());
    owner.next("update campaigns", { reply: "lost" });
    owner.next("find campaigns", { request: "lost" });
    expect(await world.outcome(holding.step(0))).toBe("no answer");
    expect(await world.outcome(holding.step(0))).toBe("done");
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    expect(await world.outcome(holding.end("release"))).toBe("fenced");
  });

  test("but a completion is not: somebody else does the work", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { request: "lost" });
    expect(await world.outcome(holding.end("complete"))).toBe("no answer");
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    expect(await world.outcome(holding.end("complete"))).toBe("fenced");
  });

  test("from before it is sent nothing else is done, since it may land although nobody answers", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { request: 30_000, reply: "lost" });
    expect(await world.outcome(holding.end("complete"))).toBe("no answer");
    const { hbSeq } = world.record("c1").lease;
    for (const call of [() => holding.begin(), () => holding.step(0), () => holding.end("release")]) {
      expect(await world.outcome(call())).toBe("fenced");
    }
    await world.seconds(40);
    expect(world.record("c1")).toMatchObject({ status: "completed", lease: { hbSeq } });
    expect(await world.outcome(holding.end("complete"))).toBe("done");
  });

  test("one that never landed is not lost for ever: the campaign is recovered", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { request: "lost" });
    expect(await world.outcome(holding.end("complete"))).toBe("no answer");
    expect((await world.poll(owner, 300, 1))?.held).toMatchObject({ id: "c1", epoch: 2 });
  });

  test("with an effect open nothing is ended", async () => {
    const { world, holding } = await owned();
    await world.until(holding.begin());
    for (const ending of ["complete", "fail", "release"] as const) {
      expect(await world.outcome(holding.end(ending))).toBe("open_effect");
    }
    expect(world.record("c1").status).toBe("running");
    expect(await world.outcome(holding.step(0))).toBe("done");
    expect(await world.outcome(holding.end("complete"))).toBe("done");
  });

  test("nor with one of which the container itself did not hear", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { reply: "lost" });
    owner.next("find campaigns", { request: "lost" });
    expect(await world.outcome(holding.begin())).toBe("no answer");
    expect(await world.outcome(holding.end("complete"))).toBe("open_effect");
    expect(await world.outcome(holding.step(0, "unknown"))).toBe("done");
  });

  test("a begin that nobody was given, and that lands after the end was sent, does not keep the campaign open", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { request: 9_000, reply: "lost" });
    expect(await world.outcome(holding.begin())).toBe("no answer");
    owner.next("update campaigns", { request: 3_000 });
    expect(await world.outcome(holding.end("complete"))).toBe("done");
    expect(world.record("c1")).toMatchObject({ status: "completed", resume: { open: undefined } });
  });

  test("nor does one that was taken back, and lands after that", async () => {
    const { world, owner, holding } = await owned();
    owner.next("update campaigns", { again: 5_000 });
    await world.until(holding.begin());
    expect(await world.outcome(holding.step(0, "absent"))).toBe("done");
    await world.seconds(6);
    expect(world.record("c1").resume.open?.epoch).toBe(1);
    expect(await world.outcome(holding.end("complete"))).toBe("done");
    expect(world.record("c1")).toMatchObject({ status: "completed", resume: { open: undefined } });
  });

  test("an effect that nobody could find out about leaves a trace in the record, also of a completed campaign", async () => {
    const { world, holding } = await owned();
    const { attemptId } = await world.until(holding.begin());
    await world.until(holding.step(0, "unknown"));
    await world.until(holding.end("complete"));
    expect(world.record("c1")).toMatchObject({ status: "completed", resume: { unresolved: 1 } });
    expect(world.stored("c1")).toMatchObject({ resume: { unresolved: { 0: attemptId } } });
  });

  test("whoever was taken over ends nothing", async () => {
    const { world, holding } = await owned();
    world.change("c1", { "lease.epoch": 2, "lease.claimId": "another" });
    expect(await world.outcome(holding.end("complete"))).toBe("fenced");
    expect(world.record("c1")).toMatchObject({ status: "running", lease: { claimId: "another" } });
  });
});
