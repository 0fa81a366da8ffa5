import { describe, expect, test } from "vitest";
import { Refusal } from "../../runtime/lease/campaigns.ts";
import type { LeasesOrder } from "../../runtime/open-leases.ts";
import { type RunParts, run } from "../../runtime/run.ts";
import type { Settings } from "../../runtime/settings.ts";
import type { Standing } from "../../runtime/socket/probe.ts";
import type { SocketParts } from "../../runtime/socket/server.ts";
import { defaultNames } from "../../runtime/store/names.ts";
import { calendar, dental, utc } from "../domain/clinic.ts";
import { settled } from "../support/virtual-clock.ts";
import { FakeLeases, type Machine, machine, plain } from "./supervisor/stand-ins.ts";

const database = { uri: "mongodb://user:secret@db.example/agents", database: undefined, names: defaultNames };

/** A run, with everything that it opens. */
function started(settings: Partial<Settings> = {}, parts: Partial<RunParts> = {}, made: Machine = machine()) {
  const opened: string[] = [];
  const told: string[] = [];
  const orders: { leases?: LeasesOrder; socket?: SocketParts; probe?: () => Standing } = {};
  const leases = new FakeLeases((what) => told.push(what));
  const closing = (name: string) => ({ close: async () => void opened.push(`${name} closed`) });
  const code = run({ ...plain, ...settings }, ["python", "worker_main.py", "--token", "secret"], {
    ...made.parts,
    environment: { PATH: "/bin", MONGODB_URI: database.uri, AGENT_RUNTIME_SOCKET: "/older.sock" },
    openLeases: (order) => {
      opened.push("leases");
      orders.leases = order;
      return leases;
    },
    openSocket: async (order) => {
      opened.push("socket");
      orders.socket = order;
      return { path: "/run/worker.sock", ...closing("socket") };
    },
    openHealthPort: async (port, probe) => {
      opened.push(`port ${port}`);
      orders.probe = probe;
      return closing("port");
    },
    ...parts,
  });
  return { ...made, made, code, opened, orders, told, leases };
}

test("a start that finds the clinic closed opens neither a socket nor a database", async () => {
  const { code, opened, children } = started(
    { calendar: calendar(dental), database },
    {},
    machine({ wall: utc("2027-06-13 08:00") }),
  );
  expect(await code).toBe(0);
  expect([opened, children]).toEqual([[], []]);
});

test("a SIGTERM that answers its first line is heard: it would end the process, or as PID 1 be lost", async () => {
  const made = machine();
  const log: RunParts["log"] = (severity, event, message, fields) => {
    made.parts.log(severity, event, message, fields);
    if (event === "runtime_started") made.signal("SIGTERM");
  };
  const { code, children } = started({}, { log }, made);
  expect(await code).toBe(143);
  expect(children).toEqual([]);
});

test("the worker has what the runtime has, and the way to its socket", async () => {
  const { child } = started({ database });
  await settled();
  expect(child().environment).toEqual({
    PATH: "/bin",
    MONGODB_URI: database.uri,
    AGENT_RUNTIME_SOCKET: "/run/worker.sock",
  });
});

test("a socket that cannot be opened costs the worker its campaigns, not the clinic its calls", async () => {
  const { child, line } = started({}, { openSocket: () => Promise.reject(new Error("EROFS: read-only file system")) });
  await settled();
  expect(child().environment.AGENT_RUNTIME_SOCKET).toBeUndefined();
  expect(line("socket_unavailable")).toMatchObject({ severity: "ERROR", message: "EROFS: read-only file system" });
});

test("leases that cannot be made cost the worker its campaigns, not the clinic its calls", async () => {
  const { children, line, orders, clock, code, signal } = started(
    { database, calendar: calendar(dental) },
    {
      openLeases: () => {
        throw new Error("the driver is damaged");
      },
    },
    machine({ wall: utc("2027-06-07 08:00") }),
  );
  await settled();
  expect(children).toHaveLength(1);
  expect(line("lease_unavailable")).toMatchObject({ severity: "ERROR", message: "the driver is damaged" });
  await expect(orders.socket?.campaigns.claim("c1", "r1")).rejects.toThrow(Refusal);
  signal("SIGTERM");
  expect(await clock.until(code)).toBe(143);
});

test("a probe's port that is taken does not stop the worker, and tells nobody at night that campaigns wait", async () => {
  const { child, line, events } = started(
    { healthPort: 8080 },
    { openHealthPort: () => Promise.reject(new Error("EADDRINUSE")) },
  );
  await settled();
  expect(child().environment.AGENT_RUNTIME_SOCKET).toBe("/run/worker.sock");
  expect(line("health_port_unavailable")).toMatchObject({ severity: "ERROR", message: "EADDRINUSE" });
  expect(events()).not.toContain("socket_unavailable");
});

test("without a database a worker that asks for a campaign is told so, and one that asks for work has none", async () => {
  const { orders } = started();
  await settled();
  const { campaigns } = orders.socket ?? {};
  expect(await campaigns?.next("r1")).toBeUndefined();
  expect(campaigns?.list()).toEqual([]);
  const refused = await campaigns?.claim("c1", "r1").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ code: "absent", message: expect.stringContaining("MONGODB_URI") });
});

test("what was opened is closed, once nothing of the worker lives", async () => {
  const { code, opened, signal, clock, made } = started({ database, healthPort: 8080 });
  await settled();
  signal("SIGTERM");
  await clock.advance(6499);
  expect(opened).toEqual(["leases", "socket", "port 8080"]);
  expect(await clock.until(code)).toBe(143);
  expect(opened.slice(3).sort()).toEqual(["port closed", "socket closed"]);
  expect(made.clock.timers).toBe(0);
});

test.each<[string, Partial<Settings>, Partial<RunParts>]>([
  ["a database", {}, {}],
  ["leases that could be made", { database }, { openLeases: () => Promise.reject(new Error("the driver is damaged")) }],
])(
  "without %s there is a heartbeat in the log at once, and every interval, until the end",
  async (_, settings, parts) => {
    const { clock, lines, code, signal } = started(settings, parts);
    await clock.advance(90_000);
    const beats = () => lines.filter(({ event }) => event === "worker_heartbeat");
    expect(beats().map(({ at }) => at)).toEqual([0, 30_000, 60_000, 90_000]);
    expect(beats().at(-1)).toMatchObject({
      containerId: "dental-x7k2p/0/0/00000000000000000000000000000000",
      execution: "dental-x7k2p",
      state: "running",
      campaigns: 0,
      uptime: 90,
    });
    signal("SIGTERM");
    expect(await clock.until(code)).toBe(143);
    expect(clock.timers).toBe(0);
  },
);

test("a slow clock waits for the start, with heartbeats: a silent container would page somebody", async () => {
  const made = machine({ wall: utc("2027-06-07 03:50") });
  const { clock, children, lines } = started({ calendar: calendar(dental) }, {}, made);
  await clock.advance(4 * 60_000);
  expect(children).toHaveLength(0);
  expect(lines.filter(({ event }) => event === "worker_heartbeat").length).toBeGreaterThan(5);
});

test("with a database the leases write the heartbeat's line, with what the container is at", async () => {
  const { orders, lines, signal } = started({ database });
  await settled();
  orders.leases?.line(2);
  signal("SIGTSTP");
  orders.leases?.line(1);
  const beats = lines.filter(({ event }) => event === "worker_heartbeat");
  expect(beats.map(({ state, campaigns, execution }) => [state, campaigns, execution])).toEqual([
    ["running", 2, "dental-x7k2p"],
    ["migrating", 1, "dental-x7k2p"],
  ]);
});

test("the leases know when the clinic is open", async () => {
  const { orders, clock } = started(
    { database, calendar: calendar(dental) },
    {},
    machine({ wall: utc("2027-06-07 04:00") }),
  );
  await settled();
  expect(orders.leases?.open()).toBe(true);
  clock.setWall(-60_000);
  expect(orders.leases?.open()).toBe(false);
});

describe("the probes", () => {
  const health = new URL("http://127.0.0.1:8081/");

  test("say ready while the worker works, and not before, between two, or at the end", async () => {
    const made = machine({ wall: utc("2027-06-07 08:00") });
    const { orders, child, clock, signal, leases } = started({ database, calendar: calendar(dental) }, {}, made);
    const entry = Promise.withResolvers<{ enter: "run"; leased: boolean }>();
    leases.entry = () => entry.promise;
    await settled();
    const ready = () => orders.socket?.probe().ready;
    expect(ready()).toBe(false);
    entry.resolve({ enter: "run", leased: true });
    await settled();
    expect(ready()).toBe(true);
    child().end({ code: 1 });
    await settled();
    expect(ready()).toBe(false);
    await clock.advance(1000);
    expect(ready()).toBe(true);
    signal("SIGTERM");
    expect(ready()).toBe(false);
  });

  test("say not ready while the worker is unhealthy by its own word", async () => {
    const { orders, clock, made } = started({ workerHealth: health });
    made.answer = () => ({ status: 200, body: '{"active_jobs":1}' });
    await clock.advance(10_000);
    expect(orders.socket?.probe()).toMatchObject({
      ready: true,
      details: { uptime: 10, worker: { pid: 100, ran: 10, calls: 1, health: "healthy" } },
    });
    made.answer = () => ({ status: 503, body: "" });
    await clock.advance(10_000);
    expect(orders.socket?.probe().ready).toBe(false);
  });
});

test("neither the database's address nor the worker's arguments are ever logged or shown", async () => {
  const { lines, orders, signal, child, clock, code } = started({ database });
  await settled();
  signal("SIGQUIT");
  const shown = JSON.stringify(orders.socket?.probe());
  child().end({ code: 1 });
  await clock.until(code);
  expect(JSON.stringify(lines) + shown).not.toContain("secret");
});
