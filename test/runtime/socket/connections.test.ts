import { once } from "node:events";
import { createConnection } from "node:net";
import { expect, test } from "vitest";
import { send } from "../../support/socket/exchange.ts";
import { Serving } from "../../support/socket/serving.ts";

const serving = new Serving();
const { ask } = serving;
const claimId = "claim-1";

test("a worker that hangs up cancels no write", async () => {
  let finish = () => {};
  let done = false;
  const asked = new Promise<void>((resolve) => {
    serving.campaigns.script.end = async () => {
      resolve();
      await new Promise<void>((go) => {
        finish = go;
      });
      done = true;
    };
  });
  const sent = send(serving.path, "POST /v1/campaigns/spring/complete", { claimId });
  const hungUp = new Promise<void>((resolve) => sent.once("close", resolve));
  sent.on("error", () => {});
  await asked;
  sent.destroy();
  await hungUp;
  finish();
  await Promise.resolve();
  expect(done).toBe(true);
  expect((await ask("GET /live")).status).toBe(200);
  expect(serving.logged).toEqual([]);
});

test("a worker that dies in the middle of a call has asked for nothing", async () => {
  serving.campaigns.script.end = async () => {};
  const body = JSON.stringify({ claimId });
  const connection = createConnection(serving.path);
  connection.write(
    `POST /v1/campaigns/spring/complete HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n\r\n${body}`,
  );
  connection.end();
  await once(connection.resume(), "close");
  expect((await ask("GET /ready")).status).toBe(200);
  expect(serving.campaigns.calls).toEqual([]);
  expect(serving.logged).toEqual([]);
});

test("no connection outlives its call: none can break off just when the next call is sent", async () => {
  const connection = createConnection(serving.path);
  connection.write("GET /live HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const [first] = await once(connection, "data");
  expect(String(first)).toMatch(/^connection: close\r$/im);
  await once(connection, "end");
});

test("what is no HTTP is answered in the words of the others", async () => {
  const connection = createConnection(serving.path);
  connection.write("hello\r\n\r\n");
  let text = "";
  for await (const chunk of connection) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(JSON.parse(text.split("\r\n\r\n")[1] ?? "")).toMatchObject({
    error: "invalid",
    problems: [{ path: "request" }],
  });
});
