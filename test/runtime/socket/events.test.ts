import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type CampaignListener, Refusal } from "../../../runtime/lease/campaigns.ts";
import { openSocket, type WorkerSocket } from "../../../runtime/socket/server.ts";
import { exchange, lines, responded, send } from "../../support/socket/exchange.ts";
import { realClock } from "../../support/socket/real-clock.ts";
import { ScriptedCampaigns } from "../../support/socket/scripted-campaigns.ts";

let campaigns: ScriptedCampaigns;
let socket: WorkerSocket;
/** Who listens, at this moment. */
let listeners: Set<CampaignListener>;

beforeEach(async () => {
  campaigns = new ScriptedCampaigns();
  listeners = new Set();
  campaigns.script.watch = (_, __, listener) => {
    listeners.add(listener);
    listener("renewed", 105_000);
    return () => void listeners.delete(listener);
  };
  const probe = () => ({ ready: true, details: {} });
  socket = await openSocket({ campaigns, clock: realClock(), log: () => {}, probe });
});
afterEach(() => socket.close());

const path = "/v1/campaigns/a%20b/events?claimId=claim%2F1";
const unwatched = () => vi.waitUntil(() => listeners.size === 0);

test("a worker reads at once how its claim stands, and then what happens to it", async () => {
  const stream = await lines(socket.path, path);
  expect(stream.status).toBe(200);
  expect(await stream.next()).toEqual({ event: "renewed", notAfter: 105 });
  expect(campaigns.calls).toMatchObject([["watch", "a b", "claim/1", expect.any(Function)]]);
  for (const listener of listeners) {
    listener("draining", 135_500);
    listener("fenced", 135_500);
  }
  expect(await stream.next()).toEqual({ event: "draining", notAfter: 135.5 });
  expect(await stream.next()).toEqual({ event: "fenced", notAfter: 135.5 });
  stream.hangUp();
});

test("a stream ends with its claim, and no other does", async () => {
  campaigns.script.end = async () => {};
  const [stream, other] = [await lines(socket.path, path), await lines(socket.path, `${path}2`)];
  await stream.next();
  await other.next();
  await exchange(socket.path, "POST /v1/campaigns/a%20b/complete", { claimId: "claim/1" });
  expect(await stream.next()).toBeUndefined();
  for (const listener of listeners) listener("renewed", 135_000);
  expect(await other.next()).toEqual({ event: "renewed", notAfter: 135 });
  other.hangUp();
});

test("a stream goes on where the end was refused", async () => {
  campaigns.script.end = async () => {
    throw new Refusal("open_effect", "step it first");
  };
  const stream = await lines(socket.path, path);
  await stream.next();
  await exchange(socket.path, "POST /v1/campaigns/a%20b/complete", { claimId: "claim/1" });
  for (const listener of listeners) listener("renewed", 135_000);
  expect(await stream.next()).toEqual({ event: "renewed", notAfter: 135 });
  stream.hangUp();
});

test("a claim whose worker hung up is watched by nobody", async () => {
  const stream = await lines(socket.path, path);
  expect(listeners.size).toBe(1);
  stream.hangUp();
  await unwatched();
});

test("a worker that hangs up before its first event leaves nobody watching", async () => {
  campaigns.script.watch = (_, __, listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const sent = send(socket.path, `GET ${path}`);
  await responded(sent);
  expect(listeners.size).toBe(1);
  sent.on("error", () => {});
  sent.destroy();
  await unwatched();
});

test("a claim that is over is answered as such, not with a stream that never says a thing", async () => {
  campaigns.script.watch = () => {
    throw new Refusal("fenced", "the claim is over");
  };
  expect(await exchange(socket.path, `GET ${path}`)).toMatchObject({ status: 410, body: { error: "fenced" } });
});

test("a worker that never reads its stream costs the runtime no memory, and loses its claim", async () => {
  const sent = send(socket.path, `GET ${path}`);
  (await responded(sent)).pause();
  sent.on("error", () => {});
  for (let line = 0; line < 100_000 && listeners.size > 0; line++) {
    for (const listener of listeners) listener("renewed", line);
    if (line % 1000 === 0) await new Promise(setImmediate);
  }
  await unwatched();
});

test("closing ends the streams instead of waiting for them", async () => {
  const stream = await lines(socket.path, path);
  await stream.next();
  await socket.close();
  expect(await stream.next()).toBeUndefined();
  expect(listeners.size).toBe(0);
});
