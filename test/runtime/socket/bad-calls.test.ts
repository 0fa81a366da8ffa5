import { describe, expect, test } from "vitest";
import { Serving } from "../../support/socket/serving.ts";

const serving = new Serving();
const { ask } = serving;
const claimId = "claim-1";

describe("a call that nobody can do changes nothing, and says all that is wrong with it", () => {
  const begin = "POST /v1/campaigns/spring/begin";
  const whole = { claimId, cursor: 0, effect: "dial" };
  test.each<[string, string, unknown, readonly string[]]>([
    ["no JSON", begin, "{", ["body"]],
    ["no UTF-8", begin, Buffer.from(JSON.stringify({ ...whole, effect: "ÿ" }), "latin1"), ["body"]],
    ["nothing", begin, "", ["body"]],
    ["a list", begin, [whole], ["body"]],
    ["null", begin, null, ["body"]],
    ["missing fields", begin, {}, ["body.claimId", "body.cursor", "body.effect"]],
    ["a field too many", begin, { ...whole, force: true, redial: 1 }, ["body.force", "body.redial"]],
    [
      "wrong types",
      begin,
      { claimId: 1, cursor: "0", effect: ["dial"] },
      ["body.claimId", "body.cursor", "body.effect"],
    ],
    ["a cursor below 0", begin, { ...whole, cursor: -1 }, ["body.cursor"]],
    ["half a cursor", begin, { ...whole, cursor: 0.5 }, ["body.cursor"]],
    [
      "a cursor beyond what is exact",
      begin,
      '{"claimId":"c","cursor":9007199254740993,"effect":"dial"}',
      ["body.cursor"],
    ],
    ["an empty id", begin, { ...whole, claimId: "" }, ["body.claimId"]],
    ["an id of 257 bytes", begin, { ...whole, claimId: `${"é".repeat(128)}e` }, ["body.claimId"]],
    ["a long effect", begin, { ...whole, effect: "d".repeat(201) }, ["body.effect"]],
    ["an empty effect", begin, { ...whole, effect: "" }, ["body.effect"]],
    [
      "an outcome of one's own",
      "POST /v1/campaigns/spring/step",
      { claimId, cursor: 0, outcome: "maybe" },
      ["body.outcome"],
    ],
    ["a reason to complete", "POST /v1/campaigns/spring/complete", { claimId, reason: "done" }, ["body.reason"]],
    ["a long reason", "POST /v1/campaigns/spring/fail", { claimId, reason: "r".repeat(201) }, ["body.reason"]],
    ["an empty id in the path", "POST /v1/campaigns//claim", { requestId: "r" }, ["id"]],
    ["a long id in the path", `POST /v1/campaigns/${"x".repeat(257)}/claim`, { requestId: "r" }, ["id"]],
    ["a broken id in the path", "POST /v1/campaigns/%E9/claim", { requestId: "r" }, ["id"]],
    [
      "all of it",
      "POST /v1/campaigns/%E9/claim?force=1",
      { request: "r" },
      ["body.request", "body.requestId", "id", "query"],
    ],
    ["no JSON for a broken id", "POST /v1/campaigns/%E9/claim?force=1", "{", ["body", "id", "query"]],
    ["no claim to watch", "GET /v1/campaigns/spring/events", undefined, ["query.claimId"]],
    ["two claims to watch", "GET /v1/campaigns/spring/events?claimId=a&claimId=b", undefined, ["query.claimId"]],
    ["a parameter too many", "GET /v1/campaigns/spring/events?claimId=a&since=1", undefined, ["query.since"]],
  ])("%s", async (_, call, body, paths) => {
    const answer = await ask(call, body);
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid" } });
    const { problems } = answer.body as { problems: { path: string; problem: string; remedy: string }[] };
    expect(problems.map(({ path }) => path).sort()).toEqual([...paths].sort());
    for (const { problem, remedy } of problems) expect(`${problem} ${remedy}`).toMatch(/^\S.*\. \S.*\.$/);
    expect(serving.campaigns.calls).toEqual([]);
  });

  test("the limits themselves are allowed", async () => {
    serving.campaigns.script.begin = async () => ({ attemptId: "a", notAfter: 1 });
    const most = { claimId: "é".repeat(128), cursor: Number.MAX_SAFE_INTEGER, effect: "d".repeat(200) };
    expect((await ask(`POST /v1/campaigns/${"x".repeat(256)}/begin`, most)).status).toBe(200);
  });

  test("what was sent is never repeated: it may be about a patient by mistake", async () => {
    const secret = "Mrs Example, +92 300 1234567";
    const answer = await ask(begin, {
      claimId: secret.repeat(10),
      cursor: 0,
      effect: secret.repeat(10),
      outcome: secret,
    });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain("Example");
  });

  test.each([65_537, 1_000_000])("a body of %d bytes is refused, and its sender reads why", async (size) => {
    const answer = await ask(begin, JSON.stringify({ ...whole, effect: "d".repeat(size - 50) }).padEnd(size));
    expect(answer).toMatchObject({ status: 400, body: { problems: [{ path: "body" }] } });
    expect(answer.text).toContain("65536");
    expect(serving.campaigns.calls).toEqual([]);
  });

  test("a body without end is cut off", async () => {
    await expect(ask(begin, "x".repeat(20_000_000))).rejects.toThrow(/ECONNRESET|EPIPE|socket hang up/);
    expect(serving.campaigns.calls).toEqual([]);
  });

  test("a path that is not there", async () => {
    for (const path of [
      "/",
      "/v1/campaigns",
      "/v1/campaigns/spring",
      "/v1/campaigns/spring/claim/",
      "/v1/campaigns/a/b/claim",
      "/live/",
      "*",
    ]) {
      expect([path, await ask(`POST ${path}`, {})]).toMatchObject([path, { status: 404, body: { error: "route" } }]);
    }
  });

  test.each([
    ["GET /v1/campaigns/spring/claim", "POST"],
    ["PUT /v1/campaigns/spring/step", "POST"],
    ["DELETE /v1/campaigns/spring/events", "GET"],
    ["POST /live", "GET"],
    ["HEAD /ready", "GET"],
  ])("a method that is not meant: %s", async (call, allow) => {
    expect(await ask(call)).toMatchObject({ status: 405, headers: { allow } });
    expect(serving.campaigns.calls).toEqual([]);
  });
});
