import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "../../../runtime/ports.ts";
import { openHealthPort } from "../../../runtime/socket/health-port.ts";
import { openSocket } from "../../../runtime/socket/server.ts";
import { exchange, send } from "../../support/socket/exchange.ts";
import { realClock } from "../../support/socket/real-clock.ts";
import { ScriptedCampaigns } from "../../support/socket/scripted-campaigns.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "s-"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const campaigns = new ScriptedCampaigns();
const probe = () => ({ ready: false, details: { secret: "of the details" } });
const open = (where = parent, clock: Clock = realClock()) =>
  openSocket({ campaigns, clock, log: () => {}, probe, parent: where });

test("nobody but the worker's user can reach the socket, whatever the umask", async () => {
  const umask = process.umask(0o277);
  const socket = await open().finally(() => process.umask(umask));
  expect(statSync(dirname(socket.path)).mode & 0o777).toBe(0o700);
  expect(statSync(socket.path).mode & 0o777).toBe(0o600);
  expect((await exchange(socket.path, "GET /live")).status).toBe(200);
  await socket.close();
});

test("nothing is left when it is closed", async () => {
  const socket = await open();
  await socket.close();
  expect(readdirSync(parent)).toEqual([]);
});

test("a call that runs at the end is still answered", async () => {
  let finish = () => {};
  const asked = new Promise<void>((resolve) => {
    campaigns.script.end = () => {
      resolve();
      return new Promise((go) => {
        finish = go;
      });
    };
  });
  const socket = await open();
  const answer = exchange(socket.path, "POST /v1/campaigns/spring/complete", { claimId: "c" });
  await asked;
  const closed = socket.close();
  finish();
  expect((await answer).status).toBe(204);
  await closed;
});

test("a call that hangs holds up the end for half a second only", async () => {
  const half: Clock["after"] = (delay, call) => {
    expect(delay).toBe(500);
    const timer = setImmediate(call);
    return () => clearImmediate(timer);
  };
  const asked = new Promise<void>((resolve) => {
    campaigns.script.end = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  const socket = await open(parent, { ...realClock(), after: half });
  const sent = send(socket.path, "POST /v1/campaigns/spring/complete", { claimId: "c" });
  const broken = new Promise((resolve) => sent.once("error", resolve));
  await asked;
  await socket.close();
  expect(await broken).toBeInstanceOf(Error);
});

test("a path that the system would cut short is refused: the worker would not find the socket", async () => {
  const deep = join(parent, "x".repeat(100));
  mkdirSync(deep);
  await expect(open(deep)).rejects.toThrow(/103 is the limit.*TMPDIR/);
  expect(readdirSync(deep)).toEqual([]);
});

test("a directory that is not there is named, with the way out", async () => {
  await expect(open(join(parent, "absent"))).rejects.toThrow(/absent: ENOENT.*TMPDIR/);
});

/** A socket as a killed runtime leaves it: nobody listens. */
function abandon(directory: string, age: number): void {
  mkdirSync(join(parent, directory));
  const socket = join(parent, directory, "socket");
  const leave = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", leave, socket]);
  expect(existsSync(socket)).toBe(true);
  const at = Date.now() / 1000 - age;
  utimesSync(socket, at, at);
}

test("what a killed runtime left is removed, and nothing that lives or is not ours", async () => {
  abandon("agent-runtime-killed", 3600);
  abandon("agent-runtime-starts", 1);
  abandon("of-somebody-else", 3600);
  mkdirSync(join(parent, "agent-runtime-notes"));
  const notes = join(parent, "agent-runtime-notes", "socket");
  writeFileSync(notes, "a file");
  utimesSync(notes, 0, 0);
  const living = await open();
  utimesSync(living.path, 0, 0);
  const socket = await open();
  expect(existsSync(join(parent, "agent-runtime-killed"))).toBe(false);
  expect((await exchange(living.path, "GET /live")).status).toBe(200);
  expect(readdirSync(parent).sort()).toEqual(
    [
      "agent-runtime-notes",
      "agent-runtime-starts",
      "of-somebody-else",
      ...[living, socket].map(({ path }) => path.split("/").at(-2)),
    ].sort(),
  );
  await living.close();
  await socket.close();
});

test("the health port tells a probe what it asks, and nobody anything else", async () => {
  const health = await openHealthPort(0, probe);
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${health.port}${path}`, init);
  expect((await get("/live")).status).toBe(200);
  const ready = await get("/ready");
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false }]);
  expect((await get("/live", { method: "POST" })).status).toBe(405);
  for (const path of ["/v1/state", "/", "/v1/campaigns/next"]) {
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  }
  await expect(openHealthPort(health.port, probe)).rejects.toThrow(/AGENT_HEALTH_PORT.*EADDRINUSE.*free port/);
  await health.close();
});
