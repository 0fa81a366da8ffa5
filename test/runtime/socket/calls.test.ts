import { once } from "node:events";
import { createConnection } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Refusal, type RefusalCode } from "../../../runtime/lease/campaigns.ts";
import type { Fields, Log } from "../../../runtime/ports.ts";
import type { Standing } from "../../../runtime/socket/probe.ts";
import { openSocket, type WorkerSocket } from "../../../runtime/socket/server.ts";
import { StoreError } from "../../../runtime/store/store.ts";
import { exchange, send } from "../../support/socket/exchange.ts";
import { realClock } from "../../support/socket/real-clock.ts";
import { held, ScriptedCampaigns } from "../../support/socket/scripted-campaigns.ts";

let campaigns: ScriptedCampaigns;
let socket: WorkerSocket;
let standing: Standing;
let logged: { message: string; fields: Fields | undefined }[];

beforeEach(async () => {
  campaigns = new ScriptedCampaigns();
  standing = { ready: true, details: {} };
  logged = [];
  const log: Log = (_, __, message, fields) => logged.push({ message, fields });
  socket = await openSocket({ campaigns, clock: realClock(), log, probe: () => standing });
});
afterEach(() => socket.close());

const ask = (call: string, body?: unknown) => exchange(socket.path, call, body);
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
    ["stopped", "POST /v1/campaigns/spring/stopped", { claimId }, ["stopped", "spring", claimId], 204, undefined],
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
    campaigns.script = {
      claim: async () => held(),
      next: async () => held(),
      begin: async () => ({ attemptId: "room-1-3", notAfter: 105_250 }),
      step: async () => ({ cursor: 4, notAfter: 105_500 }),
      end: async () => {},
      stopped: async () => {},
    };
    const answer = await ask(call, body);
    expect(campaigns.calls).toEqual([asked]);
    expect(answer).toMatchObject({ status, body: answered });
  });

  test("a worker hears of an effect that another left open before it does anything", async () => {
    campaigns.script.claim = async () => held({ epoch: 7, cursor: 2, resumed: true, ambiguous: open });
    const { body } = await ask("POST /v1/campaigns/spring/claim", { requestId: "r" });
    expect(body).toMatchObject({ resumed: true, ambiguous: { cursor: 2, effect: "dial", attemptId: "room-6-2" } });
  });

  test("nothing to do is no error", async () => {
    campaigns.script.next = async () => undefined;
    expect(await ask("POST /v1/campaigns/next", { requestId: "r" })).toMatchObject({ status: 204, text: "" });
  });

  test("a time is never answered later than it is: a worker that trusts it would act too long", async () => {
    for (const notAfter of [123_456_789.123_456, 0.1 + 0.2, 98_765.432_1]) {
      campaigns.script.claim = async () => held({ notAfter });
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
    campaigns.script.claim = async () => {
      throw new Refusal(code, "for this reason", { owner: "a/0/0", age: 12 });
    };
    const answer = await ask("POST /v1/campaigns/spring/claim", { requestId: "r" });
    expect(answer).toMatchObject({
      status,
      body: { error: code, message: "for this reason", details: { owner: "a/0/0" } },
    });
    expect(logged).toEqual([]);
  });

  test("a database that did not answer means: repeat the same call", async () => {
    campaigns.script.step = async () => {
      throw new StoreError("update campaigns", new Error("connection to mongodb+srv://user:hunter2@db closed"));
    };
    const answer = await ask("POST /v1/campaigns/spring/step", { claimId, cursor: 0, outcome: "done" });
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "1" }, body: { error: "unavailable" } });
    expect(answer.text).toContain("repeat the same call");
    expect(answer.text).not.toContain("hunter2");
  });

  test("a bug stands in the log, and the worker reads no stack", async () => {
    campaigns.script.step = async () => {
      throw new TypeError("lease is not iterable");
    };
    const answer = await ask("POST /v1/campaigns/spring/step?", { claimId, cursor: 0, outcome: "done" });
    expect(answer).toMatchObject({ status: 500, body: { error: "internal" } });
    expect(answer.text).not.toMatch(/iterable|\.ts/);
    expect(logged).toHaveLength(1);
    expect(logged[0]?.message).toBe("POST /v1/campaigns/{id}/step met a bug of the runtime");
    expect(logged[0]?.fields?.error).toContain("lease is not iterable");
  });
});

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
    expect(campaigns.calls).toEqual([]);
  });

  test("the limits themselves are allowed", async () => {
    campaigns.script.begin = async () => ({ attemptId: "a", notAfter: 1 });
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
    expect(campaigns.calls).toEqual([]);
  });

  test("a body without end is cut off", async () => {
    await expect(ask(begin, "x".repeat(20_000_000))).rejects.toThrow(/ECONNRESET|EPIPE|socket hang up/);
    expect(campaigns.calls).toEqual([]);
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
    expect(campaigns.calls).toEqual([]);
  });
});

test("a worker that hangs up cancels no write", async () => {
  let finish = () => {};
  let done = false;
  const asked = new Promise<void>((resolve) => {
    campaigns.script.end = async () => {
      resolve();
      await new Promise<void>((go) => {
        finish = go;
      });
      done = true;
    };
  });
  const sent = send(socket.path, "POST /v1/campaigns/spring/complete", { claimId });
  const hungUp = new Promise<void>((resolve) => sent.once("close", resolve));
  sent.on("error", () => {});
  await asked;
  sent.destroy();
  await hungUp;
  finish();
  await Promise.resolve();
  expect(done).toBe(true);
  expect((await ask("GET /live")).status).toBe(200);
  expect(logged).toEqual([]);
});

test("a worker that dies in the middle of a call has asked for nothing", async () => {
  campaigns.script.end = async () => {};
  const body = JSON.stringify({ claimId });
  const connection = createConnection(socket.path);
  connection.write(
    `POST /v1/campaigns/spring/complete HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n\r\n${body}`,
  );
  connection.end();
  await once(connection.resume(), "close");
  expect((await ask("GET /ready")).status).toBe(200);
  expect(campaigns.calls).toEqual([]);
  expect(logged).toEqual([]);
});

test("no connection outlives its call: none can break off just when the next call is sent", async () => {
  const connection = createConnection(socket.path);
  connection.write("GET /live HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const [first] = await once(connection, "data");
  expect(String(first)).toMatch(/^connection: close\r$/im);
  await once(connection, "end");
});

test("what is no HTTP is answered in the words of the others", async () => {
  const connection = createConnection(socket.path);
  connection.write("hello\r\n\r\n");
  let text = "";
  for await (const chunk of connection) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(JSON.parse(text.split("\r\n\r\n")[1] ?? "")).toMatchObject({
    error: "invalid",
    problems: [{ path: "request" }],
  });
});

describe("how the runtime stands", () => {
  test("probes are answered by the code alone: a container that ends is live, and not to be started anew", async () => {
    expect(await ask("GET /live")).toMatchObject({ status: 200, body: { live: true } });
    expect(await ask("GET /ready")).toMatchObject({ status: 200, body: { ready: true } });
    standing = { ready: false, details: { draining: true } };
    expect(await ask("GET /live")).toMatchObject({ status: 200 });
    expect(await ask("GET /ready")).toMatchObject({ status: 503, body: { ready: false } });
  });

  test("people see the campaigns, with times in the worker's clock", async () => {
    const one = { id: "spring", claimId, epoch: 3, cursor: 4, state: "held", notAfter: 105_000 } as const;
    campaigns.script.list = () => [one];
    standing = { ready: true, details: { worker: "running" } };
    expect((await ask("GET /v1/state")).body).toEqual({
      contract: 1,
      ready: true,
      details: { worker: "running" },
      campaigns: [{ ...one, notAfter: 105 }],
    });
  });
});
