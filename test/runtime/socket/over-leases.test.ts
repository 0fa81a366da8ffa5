/** The socket over the leases themselves: what a repeated call finds, and what each refusal is met by. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type SocketContainer, SocketWorld } from "../../support/socket/container.ts";
import { exchange, lines } from "../../support/socket/exchange.ts";

let world: SocketWorld;
let here: SocketContainer;

beforeEach(async () => {
  world = new SocketWorld();
  world.campaign("spring");
  here = await world.socket({ capacity: 2 });
});
afterEach(() => world.close());

interface Claim {
  readonly claimId: string;
  readonly notAfter: number;
}

const ask = (call: string, body?: unknown, at = here) => exchange(at.socket.path, call, body);
const spring = (call: string, body: unknown, at = here) => ask(`POST /v1/campaigns/spring/${call}`, body, at);
const events = (claimId: string, at = here) => lines(at.socket.path, `/v1/campaigns/spring/events?claimId=${claimId}`);

async function claim(at = here, requestId = "request-1"): Promise<Claim> {
  const answer = await spring("claim", { requestId }, at);
  expect(answer.status).toBe(200);
  return answer.body as Claim;
}

describe("a call that is repeated does nothing twice, and is answered alike", () => {
  test("claim, also while the first is under way", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => spring("claim", { requestId: "request-1" })));
    const first = await claim();
    for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 200, body: first });
    expect(world.record("spring").lease.epoch).toBe(1);
  });

  test("next, also while the first is under way: another request gets another campaign", async () => {
    world.campaign("summer");
    const next = (requestId: string) => ask("POST /v1/campaigns/next", { requestId });
    const answers = await Promise.all([next("a"), next("a"), next("b")]);
    const ids = answers.map(({ body }) => (body as { id: string }).id);
    expect(ids[0]).toBe(ids[1]);
    expect([...ids.slice(1)].sort()).toEqual(["spring", "summer"]);
    expect((await next("c")).status).toBe(204);
  });

  test("begin: the same attempt, until its step", async () => {
    const { claimId } = await claim();
    const begin = () => spring("begin", { claimId, cursor: 0, effect: "dial" });
    const answers = await Promise.all([begin(), begin()]);
    expect(answers).toMatchObject([{ status: 200 }, { status: 200 }]);
    const attemptIds = answers.map(({ body }) => (body as { attemptId: string }).attemptId);
    expect([...new Set(attemptIds)]).toEqual([world.record("spring").resume.open?.attemptId]);
  });

  test("step: one step on, however often it is said", async () => {
    const { claimId } = await claim();
    await spring("begin", { claimId, cursor: 0, effect: "dial" });
    const step = () => spring("step", { claimId, cursor: 0, outcome: "done" });
    for (const answer of await Promise.all([step(), step(), step()])) {
      expect(answer).toMatchObject({ status: 200, body: { cursor: 1 } });
    }
    expect(world.record("spring").resume).toMatchObject({ cursor: 1, open: undefined });
  });

  test.each([
    ["complete", {}, "completed"],
    ["fail", { reason: "no list" }, "failed"],
    ["release", { reason: "draining" }, "interrupted"],
  ])("%s, also after somebody else has had the campaign", async (ending, fields, status) => {
    const { claimId } = await claim();
    const end = () => spring(ending, { claimId, ...fields });
    expect((await Promise.all([end(), end()])).map((answer) => answer.status)).toEqual([204, 204]);
    expect(world.record("spring").status).toBe(status);
    expect((await end()).status).toBe(204);
    expect(await spring("begin", { claimId, cursor: 0, effect: "dial" })).toMatchObject({
      status: 410,
      body: { error: "fenced" },
    });
  });

  test("a request whose claim is over gets no other", async () => {
    const { claimId } = await claim();
    await spring("release", { claimId });
    expect(await spring("claim", { requestId: "request-1" })).toMatchObject({ status: 410 });
    expect(await spring("claim", { requestId: "request-2" })).toMatchObject({ status: 200, body: { epoch: 2 } });
  });

  test("stopped", async () => {
    const { claimId } = await claim();
    expect((await spring("stopped", { claimId })).status).toBe(204);
    expect((await spring("stopped", { claimId })).status).toBe(204);
    expect(world.record("spring")).toMatchObject({ status: "interrupted", recovery: { count: 0 } });
  });

  test("work that failed by itself: campaigns after which that happens come last", async () => {
    world.campaign("summer");
    const { claimId } = await claim();
    expect((await spring("stopped", { claimId, crashed: true })).status).toBe(204);
    expect((await spring("stopped", { claimId, crashed: true })).status).toBe(204);
    await vi.waitUntil(() => world.record("spring").recovery.count === 1);
    expect(await ask("POST /v1/campaigns/next", { requestId: "r2" })).toMatchObject({ body: { id: "summer" } });
  });
});

describe("what cannot be done", () => {
  test("a campaign that another container has", async () => {
    await claim();
    const there = await world.socket();
    const answer = await spring("claim", { requestId: "request-2" }, there);
    expect(answer).toMatchObject({ status: 409, body: { error: "held", details: { owner: here.id } } });
  });

  test("a campaign that is not there, and a step out of turn", async () => {
    expect(await ask("POST /v1/campaigns/autumn/claim", { requestId: "r" })).toMatchObject({ status: 404 });
    const { claimId } = await claim();
    expect(await spring("begin", { claimId, cursor: 1, effect: "dial" })).toMatchObject({
      status: 409,
      body: { error: "cursor", details: { cursor: 0 } },
    });
  });

  test("an end with an effect open", async () => {
    const { claimId } = await claim();
    await spring("begin", { claimId, cursor: 0, effect: "dial" });
    expect(await spring("complete", { claimId })).toMatchObject({ status: 409, body: { error: "open_effect" } });
    await spring("step", { claimId, cursor: 0, outcome: "absent" });
    expect((await spring("release", { claimId })).status).toBe(204);
  });

  test("more campaigns than a container may have", async () => {
    const there = await world.socket({ capacity: 1 });
    world.campaign("summer");
    await claim(there);
    const another = await ask("POST /v1/campaigns/summer/claim", { requestId: "r" }, there);
    expect(another).toMatchObject({ status: 409, body: { error: "capacity" } });
    expect((await ask("POST /v1/campaigns/next", { requestId: "s" }, there)).status).toBe(204);
  });

  test("anything new while the container drains; what runs is finished", async () => {
    const { claimId } = await claim();
    await spring("begin", { claimId, cursor: 0, effect: "dial" });
    const stream = await events(claimId);
    expect(await stream.next()).toMatchObject({ event: "renewed" });
    here.keeper.drain("draining");
    expect(await stream.next()).toMatchObject({ event: "draining" });
    expect(await spring("step", { claimId, cursor: 0, outcome: "done" })).toMatchObject({ status: 200 });
    expect(await spring("begin", { claimId, cursor: 1, effect: "dial" })).toMatchObject({
      status: 409,
      body: { error: "draining" },
    });
    expect((await spring("release", { claimId })).status).toBe(204);
    const next = await ask("POST /v1/campaigns/next", { requestId: "r" });
    expect(next).toMatchObject({ status: 409, body: { error: "draining" } });
    stream.hangUp();
  });

  test("an effect of an owner that died is not begun again before somebody has looked it up", async () => {
    const { claimId } = await claim();
    const { body: begun } = await spring("begin", { claimId, cursor: 0, effect: "dial" });
    await world.until(here.keeper.workerDead("crashed"));
    expect(await spring("step", { claimId, cursor: 0, outcome: "done" })).toMatchObject({ status: 410 });
    const { attemptId } = begun as { attemptId: string };
    const there = await world.socket();
    const again = await claim(there, "request-2");
    expect(again).toMatchObject({ resumed: true, cursor: 0, ambiguous: { cursor: 0, effect: "dial", attemptId } });
    const begin = () => spring("begin", { claimId: again.claimId, cursor: 0, effect: "dial" }, there);
    expect(await begin()).toMatchObject({ status: 409, body: { error: "ambiguous", details: { attemptId } } });
    expect(await begin()).toMatchObject({ status: 409, body: { error: "ambiguous" } });
    await spring("step", { claimId: again.claimId, cursor: 0, outcome: "absent" }, there);
    const allowed = await begin();
    expect(allowed.status).toBe(200);
    expect((allowed.body as { attemptId: string }).attemptId).not.toBe(attemptId);
  });
});

describe("a claim lives as long as its stream", () => {
  test("one that nobody listens to for 10 s is fenced, and given away only when nobody can act for it", async () => {
    const { claimId } = await claim();
    const stream = await events(claimId);
    await stream.next();
    await world.seconds(30);
    expect(world.record("spring").lease).toMatchObject({ claimId, state: "held" });
    const { timers } = world.clock;
    stream.hangUp();
    // The runtime has seen the end of the connection when it counts the claim's 10 s.
    await expect.poll(() => world.clock.timers).toBe(timers + 1);
    expect(here.keeper.campaigns.list()).toMatchObject([{ state: "held" }]);
    await world.seconds(11);
    expect(here.keeper.campaigns.list()).toMatchObject([{ state: "fenced" }]);
    expect(await spring("begin", { claimId, cursor: 0, effect: "dial" })).toMatchObject({ status: 410 });
    expect(world.record("spring").status).toBe("running");
    expect((await spring("stopped", { claimId })).status).toBe(204);
    await expect.poll(() => world.record("spring").status).toBe("interrupted");
  });

  test("one whose stream breaks off again and again is kept, as long as it comes back within 10 s", async () => {
    const { claimId } = await claim();
    const { campaigns } = here.keeper;
    for (let round = 0; round < 5; round++) {
      // Each break ends with the time of an earlier one.
      const stop = campaigns.watch("spring", claimId, () => {});
      await world.seconds(1);
      stop();
      await world.seconds(9.5);
      expect([round, campaigns.list()]).toMatchObject([round, [{ state: "held" }]]);
    }
    await world.seconds(1);
    expect(campaigns.list()).toMatchObject([{ state: "fenced" }]);
  });

  test("one that is lost hears so, and again when it listens anew", async () => {
    const { claimId } = await claim();
    const stream = await events(claimId);
    expect(await stream.next()).toMatchObject({ event: "renewed" });
    here.faults.partitioned = true;
    await world.seconds(130);
    expect(await stream.next()).toMatchObject({ event: "fenced" });
    const again = await events(claimId);
    expect(await again.next()).toMatchObject({ event: "fenced" });
    stream.hangUp();
    again.hangUp();
  });

  test("one that is over is not listened to", async () => {
    const { claimId } = await claim();
    await spring("complete", { claimId });
    expect(await ask(`GET /v1/campaigns/spring/events?claimId=${claimId}`)).toMatchObject({ status: 410 });
    expect(await ask("GET /v1/campaigns/spring/events?claimId=never")).toMatchObject({ status: 410 });
  });
});

test("a database that is away is no lost claim: the same call, repeated, finds out", async () => {
  const { claimId } = await claim();
  const stream = await events(claimId);
  here.faults.lostReply = 1;
  const step = () => spring("step", { claimId, cursor: 0, outcome: "done" });
  const unanswered = step();
  // Until the runtime gives up on its two operations: the write and the look at what became of it.
  for (let second = 0; second < 20; second++) {
    await new Promise(setImmediate);
    await world.seconds(1);
  }
  expect(await unanswered).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  here.faults.lostReply = 0;
  expect(await step()).toMatchObject({ status: 200, body: { cursor: 1 } });
  expect(world.record("spring").resume.cursor).toBe(1);
  stream.hangUp();
});
