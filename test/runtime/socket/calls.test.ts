import { describe, expect, test } from "vitest";
import { Refusal, type RefusalCode } from "../../../runtime/lease/campaigns.ts";
import { StoreError } from "../../../runtime/store/store.ts";
import { held } from "../../support/socket/scripted-campaigns.ts";
import { Serving } from "../../support/socket/serving.ts";

const serving = new Serving();
const { ask } = serving;
const claimId = "claim-1";

describe("what a call asks of the campaigns, and what it answers", () => {
  const open = { cursor: 2, epoch: 6, claimId: "another", attemptId: "room-6-2", effect: "dial" };
  const claimed = { id: "spring", claimId, epoch: 1, cursor: 0, resumed: false, ambiguous: null, notAfter: 105 };

  test.each([
    ["claims this one", "POST /v1/campaigns/spring/claim", { requestId: "r" }, ["claim", "spring", "r"], 200, claimed],
    ["claims the next one", "POST /v1/campaigns/next", { requestId: "r" }, ["next", "r"], 200, claimed],
    [
      "begins",
      "POST /v1/campaigns/spring/begin",
      { claimId, cursor: 3, effect: "dial" },
      ["begin", "spring", { claimId, cursor: 3, effect: "dial" }],
      200,
      { attemptId: "room-1-3", notAfter: 105.25 },
    ],
    [
      "steps",
      "POST /v1/campaigns/spring/step",
      { claimId, cursor: 3, outcome: "unknown" },
      ["step", "spring", { claimId, cursor: 3, outcome: "unknown" }],
      200,
      { cursor: 4, notAfter: 105.5 },
    ],
    [
      "completes",
      "POST /v1/campaigns/spring/complete",
      { claimId },
      ["end", "spring", { claimId, ending: "complete" }],
      204,
      undefined,
    ],
    [
      "fails",
      "POST /v1/campaigns/spring/fail",
      { claimId, reason: "no list" },
      ["end", "spring", { claimId, ending: "fail", reason: "no list" }],
      204,
      undefined,
    ],
    [
      "releases",
      "POST /v1/campaigns/spring/release",
      { claimId },
      ["end", "spring", { claimId, ending: "release", reason: undefined }],
      204,
      undefined,
    ],
    [
      "stopped",
      "POST /v1/campaigns/spring/stopped",
      { claimId },
      ["stopped", "spring", claimId, "stopped"],
      204,
      undefined,
    ],
    [
      "stopped, and it was the work's own failure",
      "POST /v1/campaigns/spring/stopped",
      { claimId, crashed: true },
      ["stopped", "spring", claimId, "crashed"],
      204,
      undefined,
    ],
    [
      "takes an id as it was before it was encoded",
      "POST /v1/campaigns/caf%C3%A9%2F1%3F/claim",
      { requestId: "r" },
      ["claim", "café/1?", "r"],
      200,
      claimed,
    ],
    [
      "takes `next` for an id too",
      "POST /v1/campaigns/next/claim",
      { requestId: "r" },
      ["claim", "next", "r"],
      200,
      claimed,
    ],
  ])("%s", async (_, call, body, asked, status, answered) => {
    serving.campaigns.script = {
      claim: async () => held(),
      next: async () => held(),
      begin: async () => ({ attemptId: "room-1-3", notAfter: 105_250 }),
      step: async () => ({ cursor: 4, notAfter: 105_500 }),
      end: async () => {},
      stopped: async () => {},
    };
    const answer = await ask(call, body);
    expect(serving.campaigns.calls).toEqual([asked]);
    expect(answer).toMatchObject({ status, body: answered });
  });

  test("a worker hears of an effect that another left open before it does anything", async () => {
    serving.campaigns.script.claim = async () => held({ epoch: 7, cursor: 2, resumed: true, ambiguous: open });
    const { body } = await ask("POST /v1/campaigns/spring/claim", { requestId: "r" });
    expect(body).toMatchObject({ resumed: true, ambiguous: { cursor: 2, effect: "dial", attemptId: "room-6-2" } });
  });

  test("nothing to do is no error", async () => {
    serving.campaigns.script.next = async () => undefined;
    expect(await ask("POST /v1/campaigns/next", { requestId: "r" })).toMatchObject({ status: 204, text: "" });
  });

  test("a time is never answered later than it is: a worker that trusts it would act too long", async () => {
    for (const notAfter of [123_456_789.123_456, 0.1 + 0.2, 98_765.432_1]) {
      serving.campaigns.script.claim = async () => held({ notAfter });
      const { body } = await ask("POST /v1/campaigns/spring/claim", { requestId: "r" });
      const answered = (body as { notAfter: number }).notAfter;
      expect(answered).toBeLessThanOrEqual(notAfter / 1000);
      expect(answered).toBeGreaterThan(notAfter / 1000 - 0.000_002);
    }
  });
});

describe("why a call was not done", () => {
  test.each<[RefusalCode, number]>([
    ["absent", 404],
    ["held", 409],
    ["ambiguous", 409],
    ["draining", 409],
    ["cursor", 409],
    ["open_effect", 409],
    ["capacity", 409],
    ["fenced", 410],
  ])("%s is answered with %d", async (code, status) => {
    serving.campaigns.script.claim = async () => {
      throw new Refusal(code, "for this reason", { owner: "a/0/0", age: 12 });
    };
    const answer = await ask("POST /v1/campaigns/spring/claim", { requestId: "r" });
    expect(answer).toMatchObject({
      status,
      body: { error: code, message: "for this reason", details: { owner: "a/0/0" } },
    });
    expect(serving.logged).toEqual([]);
  });

  test("a database that did not answer means: repeat the same call", async () => {
    serving.campaigns.script.step = async () => {
      throw new StoreError("update campaigns", new Error("connection to mongodb+srv://user:hunter2@db closed"));
    };
    const answer = await ask("POST /v1/campaigns/spring/step", { claimId, cursor: 0, outcome: "done" });
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "1" }, body: { error: "unavailable" } });
    expect(answer.text).toContain("repeat the same call");
    expect(answer.text).not.toContain("hunter2");
  });

  test("a bug stands in the log, and the worker reads no stack", async () => {
    serving.campaigns.script.step = async () => {
      throw new TypeError("lease is not iterable");
    };
    const answer = await ask("POST /v1/campaigns/spring/step?", { claimId, cursor: 0, outcome: "done" });
    expect(answer).toMatchObject({ status: 500, body: { error: "internal" } });
    expect(answer.text).not.toMatch(/iterable|\.ts/);
    expect(serving.logged).toHaveLength(1);
    expect(serving.logged[0]?.message).toBe("POST /v1/campaigns/{id}/step met a bug of the runtime");
    expect(serving.logged[0]?.fields?.error).toContain("lease is not iterable");
  });
});

describe("how the runtime stands", () => {
  test("probes are answered by the code alone: a container that ends is live, and not to be started anew", async () => {
    expect(await ask("GET /live")).toMatchObject({ status: 200, body: { live: true } });
    expect(await ask("GET /ready")).toMatchObject({ status: 200, body: { ready: true } });
    serving.standing = { ready: false, details: { draining: true } };
    expect(await ask("GET /live")).toMatchObject({ status: 200 });
    expect(await ask("GET /ready")).toMatchObject({ status: 503, body: { ready: false } });
  });

  test("people see the campaigns, with times in the worker's clock", async () => {
    const one = { id: "spring", claimId, epoch: 3, cursor: 4, state: "held", notAfter: 105_000 } as const;
    serving.campaigns.script.list = () => [one];
    serving.standing = { ready: true, details: { worker: "running" } };
    expect((await ask("GET /v1/state")).body).toEqual({
      contract: 1,
      ready: true,
      details: { worker: "running" },
      campaigns: [{ ...one, notAfter: 105 }],
    });
  });
});
