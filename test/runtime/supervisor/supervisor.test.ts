import { describe, expect, test } from "vitest";
import type { Entry } from "../../../runtime/leases.ts";
import { utc } from "../../domain/clinic.ts";
import { settled } from "../../support/virtual-clock.ts";
import { atWork, closing, exitsOnTerm, HOUR, hours } from "./at-work.ts";
import { type World, type WorldOptions, world } from "./stand-ins.ts";

describe("the order at the start", () => {
  test("a start on a holiday opens nothing, starts nothing and leaves with 0", async () => {
    const { code, told, children, events } = atWork({ settings: { calendar: { ...hours, holidays: ["2027-06-07"] } } });
    expect(await code).toBe(0);
    expect([told, children]).toEqual([[], []]);
    expect(events()).toEqual(["shift_closed", "runtime_exited"]);
  });

  test("the worker is not started before the shift's record has said so", async () => {
    const answer = Promise.withResolvers<Entry>();
    const { clock, children, told } = atWork({ entry: () => answer.promise });
    await clock.advance(200_000);
    expect(children).toHaveLength(0);
    answer.resolve({ enter: "run", leased: true });
    await settled();
    expect(children).toHaveLength(1);
    expect(told).toEqual(["enter projects/p/locations/l/jobs/dental/2027-06-07/weekday 0", "worker started 200000"]);
  });

  test("a slow clock waits for the start, and then works", async () => {
    const { clock, children, events } = atWork({ wall: utc("2027-06-07 03:50"), alone: true });
    await clock.advance(4 * 60_000);
    expect(children).toHaveLength(0);
    await clock.advanceTo(utc("2027-06-07 03:55"));
    expect(children).toHaveLength(1);
    expect(events()).toEqual(["shift_waits", "worker_started"]);
  });

  test("without a calendar the worker starts at once, and no record is asked", async () => {
    const { children, told } = world();
    await settled();
    expect(children).toHaveLength(1);
    expect(told).toEqual(["worker started 0"]);
  });

  test("two jobs whose names are not known do not share a record, which would leave one clinic unanswered", async () => {
    const { children, told } = atWork({ settings: { job: undefined } });
    await settled();
    expect(children).toHaveLength(1);
    expect(told).toEqual(["worker started 0"]);
  });

  test("a mistake where the record is asked does not keep the clinic without a worker, nor does it pass for the database's", async () => {
    const { children, line } = atWork({ entry: () => Promise.reject(new TypeError("x is not a function")) });
    await settled();
    expect(children).toHaveLength(1);
    expect(line("call_failed")).toMatchObject({ severity: "CRITICAL" });
    expect(line("call_failed").message).toContain("x is not a function");
  });

  test.each(["duplicate", "completed"] as const)(
    "a start that finds its shift %s leaves with 0, and does not say that it ended",
    async (why) => {
      const { code, children, told, events } = atWork({ entry: async () => ({ enter: "leave", why }) });
      expect(await code).toBe(0);
      expect(children).toHaveLength(0);
      expect(told.at(-2)).toBe("finish released 0");
      expect(events()).toEqual(["runtime_exited"]);
    },
  );

  test("AGENT_RUN_FOR on a closed day takes no record", async () => {
    const { children, told } = atWork({ wall: utc("2027-06-13 08:00"), settings: { runFor: 7200 } });
    await settled();
    expect(children).toHaveLength(1);
    expect(told).toEqual(["worker started 0"]);
  });

  test.each<[string, WorldOptions]>([
    ["waits for the start", { wall: utc("2027-06-07 03:50") }],
    ["watches another holder", { entry: () => new Promise(() => {}) }],
  ])("a SIGTERM while it %s ends it at once, with 143", async (_, options) => {
    const { clock, code, signal, children, told } = atWork(options);
    await clock.advance(1000);
    signal("SIGTERM");
    expect(await code).toBe(143);
    expect(children).toHaveLength(0);
    expect(told).toContain("finish released 1000");
  });

  test("closing while it watches another holder is no failure", async () => {
    const { clock, code, told } = atWork({ entry: () => new Promise(() => {}) });
    expect(await clock.until(code, 5 * HOUR)).toBe(0);
    expect(clock.wall()).toBe(closing);
    expect(told).toContain(`abort ${4 * HOUR}`);
  });
});

describe("a machine that is moved", () => {
  test("neither signal reaches the worker, and the leases know", async () => {
    const { clock, signal, child, told, line, supervisor } = atWork();
    await settled();
    signal("SIGTSTP");
    expect(supervisor.state.doing).toBe("migrating");
    await clock.advance(10_000);
    clock.suspend(20_000);
    signal("SIGCONT");
    expect(supervisor.state.doing).toBe("running");
    expect(told.slice(-2)).toEqual(["migrating 0", "resumed 10000"]);
    expect(line("migration_ended").ms).toBe(30_000);
    expect([child().terms, child().kills]).toEqual([0, 0]);
  });
});

test("a shift that is leased later, or lost, is shown as it is then", async () => {
  const { leases, supervisor } = atWork({ entry: async () => ({ enter: "run", leased: false }) });
  leases.shiftLeased = false;
  await settled();
  expect(supervisor.state.leased).toBe(false);
  leases.shiftLeased = true;
  expect(supervisor.state.leased).toBe(true);
});

test("a hang-up is ignored; SIGQUIT shows how things are, and ends nothing", async () => {
  const { clock, signal, child, line } = atWork();
  await clock.advance(1000);
  signal("SIGHUP");
  signal("SIGQUIT");
  await clock.advance(1000);
  expect([child().terms, child().kills]).toEqual([0, 0]);
  expect(line("signal_received")).toMatchObject({
    signal: "SIGQUIT",
    doing: "running",
    uptime: 1,
    ran: 1,
    starts: 1,
    leased: true,
    pid: 100,
    shift: "weekday 2027-06-07 09:00 to 2027-06-07 17:00",
  });
});

test("every step is logged, in order", async () => {
  const made: World = atWork({ spawn: () => exitsOnTerm(2000, 0, () => made.clock) });
  await made.clock.until(made.code, 5 * HOUR);
  expect(made.events()).toEqual(["worker_started", "drain_started", "worker_exited", "runtime_exited"]);
});
