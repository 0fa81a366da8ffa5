import { describe, expect, test } from "vitest";
import { bounded } from "../../../runtime/store/bounded.ts";
import type { Link } from "../../../runtime/store/memory/link.ts";
import { MemoryServer, memoryStore } from "../../../runtime/store/memory.ts";
import { type Store, StoreError } from "../../../runtime/store/store.ts";
import { MachineClock } from "../../support/machine-clock.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { whileAwake } from "../lease/containers.ts";
import { watched } from "./watched.ts";

const LIMIT = 8_000;
/** As long as a timer waits at least. */
const TURN = 1;

function silent(): Store {
  const link: Link = { after: () => () => {}, fate: () => ({ request: "lost", reply: 0 }) };
  return memoryStore(new MemoryServer(() => 0), link);
}

test("an operation that nobody answers fails at the limit, and says that it may have happened", async () => {
  const time = new VirtualClock();
  const { work, beats } = bounded(silent(), time, LIMIT);
  const write = { id: "a", expect: {}, unset: ["x"] };
  const operations = [
    [work.campaigns.find("a"), "find campaigns"],
    [work.shifts.list({ expect: {}, fields: [], limit: 1 }), "list shifts"],
    [work.containers.insert({ id: "a" }), "insert containers"],
    [beats.campaigns.update(write), "update campaigns"],
    [beats.containers.updateAll([write]), "update all containers"],
  ] as const;
  const watches = operations.map(([promise, name]) => ({ watch: watched<unknown>(promise), name }));
  await time.advance(LIMIT - 1);
  expect(watches.map(({ watch }) => watch.outcome)).toEqual(operations.map(() => "waits"));
  await time.advance(1);
  expect(watches.map(({ watch }) => watch.outcome)).toEqual(operations.map(() => "waits"));
  await time.advance(TURN);
  for (const { watch, name } of watches) {
    expect(watch.outcome).toBeInstanceOf(StoreError);
    expect(watch.outcome).toMatchObject({
      operation: name,
      message: `${name}: no answer in 8 s: it may have happened`,
    });
  }
});

test("also preparing, reconnecting and closing end in time", async () => {
  const time = new VirtualClock();
  const never = () => new Promise<never>(() => {});
  const store = bounded({ ...silent(), prepare: never, reconnect: never, close: never }, time, LIMIT);
  const watches = [store.prepare(), store.reconnect(), store.close()].map(watched);
  await time.advance(LIMIT + TURN);
  expect(watches.map(({ outcome }) => (outcome as StoreError).operation)).toEqual(["prepare", "reconnect", "close"]);
});

test("an answer in time is passed on, and leaves no timer behind", async () => {
  const time = new VirtualClock();
  const store = bounded(memoryStore(new MemoryServer(() => 0)), time, LIMIT);
  expect(await store.work.campaigns.insert({ id: "a", status: "queued" })).toBe(true);
  expect(await store.beats.campaigns.find("a")).toEqual({ id: "a", status: "queued" });
  await expect(store.work.campaigns.update({ id: "a", expect: {} })).rejects.toBeInstanceOf(StoreError);
  expect(time.timers).toBe(0);
});

test.for(["answers", "fails"])("what %s after the limit harms nobody", async (how) => {
  const time = new VirtualClock();
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    const inner = silent();
    const late = () =>
      new Promise<undefined>((resolve, reject) => {
        time.after(LIMIT + TURN + 1, () => (how === "answers" ? resolve(undefined) : reject(new Error("too late"))));
      });
    const campaigns = { ...inner.work.campaigns, find: late };
    const store = bounded({ ...inner, work: { ...inner.work, campaigns } }, time, LIMIT);
    const watch = watched(store.work.campaigns.find("a"));
    await time.advance(LIMIT + TURN);
    expect(watch.outcome).toBeInstanceOf(StoreError);
    await time.advance(LIMIT);
    await time.advance(0);
    expect(unhandled).toEqual([]);
  } finally {
    process.off("unhandledRejection", note);
  }
});

describe("a process that was stopped with an operation under way", () => {
  // It wakes with all of it at once, and its timers run before it hears of anything else.
  const STOPPED = 60_000;

  test("takes the answer that came meanwhile", async () => {
    const { time, process, watch } = stopped(memoryStore(new MemoryServer(() => 0)));
    await time.advance(STOPPED);
    process.wake("timers");
    await time.advance(LIMIT);
    expect(watch.outcome).toBe(false);
    expect(time.timers).toBe(0);
  });

  test("does not blame the database for the connections that it breaks when it wakes", async () => {
    const { time, process, store, watch } = stopped(silent());
    await time.advance(STOPPED);
    process.wake("timers");
    // Its signals come after its timers.
    time.after(0, () => void store.reconnect());
    await time.advance(LIMIT);
    expect(watch.outcome).toMatchObject({ operation: "update campaigns", dropped: true });
  });

  test("hears that there is no answer, where there is none", async () => {
    const { time, process, watch } = stopped(silent());
    await time.advance(STOPPED);
    process.wake("timers");
    await time.advance(2 * TURN);
    expect(watch.outcome).toMatchObject({ operation: "update campaigns", dropped: false });
  });

  function stopped(unbounded: Store) {
    const time = new VirtualClock();
    const process = new MachineClock(time);
    const store = bounded(whileAwake(unbounded, process), process, LIMIT);
    process.halt();
    const watch = watched(store.beats.campaigns.update({ id: "a", expect: {}, unset: ["x"] }));
    return { time, process, store, watch };
  }
});

test("a change of the topology is passed on, until nobody listens", async () => {
  const server = new MemoryServer(() => 0);
  const store = bounded(memoryStore(server), new VirtualClock(), LIMIT);
  let calls = 0;
  const cancel = store.onTopologyChange(() => calls++);
  server.changeTopology();
  cancel();
  server.changeTopology();
  expect(calls).toBe(1);
});
