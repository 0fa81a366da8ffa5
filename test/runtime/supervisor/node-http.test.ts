import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createRawServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { httpGet } from "../../../runtime/supervisor/node-http.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serving(listener: RequestListener): Promise<{ url: URL; server: Server }> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/worker`), server };
}

test("an answer is its status and its text", async () => {
  const { url } = await serving(({ url }, response) => response.writeHead(503).end(`no: ${url}`));
  expect(await httpGet(url, 1000)).toEqual({ status: 503, body: "no: /worker" });
});

test("each question has a connection of its own: one that is kept would hide a worker that takes no new ones", async () => {
  const { url, server } = await serving((_, response) => response.end("OK"));
  let connections = 0;
  server.on("connection", () => connections++);
  for (let time = 0; time < 3; time++) await httpGet(url, 1000);
  expect(connections).toBe(3);
  expect(await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
});

test.each<[string, RequestListener]>([
  ["does not answer", () => {}],
  [
    "stops in the middle of an answer",
    (_, response) => response.writeHead(200, { "content-length": 10 }).write("half"),
  ],
])("a worker that %s is not waited for", async (_, listener) => {
  const { url } = await serving(listener);
  const began = performance.now();
  await expect(httpGet(url, 100)).rejects.toThrow();
  expect(performance.now() - began).toBeLessThan(2000);
});

test.each([
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
  "HTTP/1.1 101 Go on\r\n\r\n",
])("a worker that answers with another protocol is not waited for, for ever: %j", async (said) => {
  const raw = createRawServer((socket) => void socket.on("error", () => {}).end(said)).listen(0, "127.0.0.1");
  await once(raw, "listening");
  const url = new URL(`http://127.0.0.1:${(raw.address() as AddressInfo).port}/`);
  const late = new Promise((resolve) => setTimeout(resolve, 3000, "late"));
  const told = httpGet(url, 1000).then(
    ({ status }) => status,
    () => "no answer",
  );
  expect([101, "no answer"]).toContain(await Promise.race([told, late]));
  raw.close();
});

test("an answer without an end does not fill the memory", async () => {
  const { url } = await serving((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(10_000)));
    };
    response.on("drain", more);
    more();
  });
  await expect(httpGet(url, 10_000)).rejects.toThrow("65536");
});

test("where nobody listens there is no answer", async () => {
  const { url, server } = await serving(() => {});
  await new Promise((resolve) => server.close(resolve));
  await expect(httpGet(url, 1000)).rejects.toThrow("ECONNREFUSED");
});
