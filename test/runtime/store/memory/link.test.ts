import { describe, expect, test } from "vitest";
import type { Random } from "../../../../runtime/ports.ts";
import { bounded } from "../../../../runtime/store/bounded.ts";
import { type Fate, type Faults, faultyLink, type Link, noFaults } from "../../../../runtime/store/memory/link.ts";
import { MemoryServer, memoryStore } from "../../../../runtime/store/memory.ts";
import { StoreError } from "../../../../runtime/store/store.ts";
import { VirtualClock } from "../../../support/virtual-clock.ts";
import { watched } from "../watched.ts";

const claim = { id: "a", expect: { epoch: 0 }, set: { epoch: 1 }, increment: ["writes"] } as const;

/** A campaign, a container that claims it over a link with this fate, and what the server has. */
async function claimed(fate: Fate) {
  const time = new VirtualClock();
  const server = new MemoryServer(() => 0);
  await memoryStore(server).work.campaigns.insert({ id: "a", epoch: 0 });
  const link: Link = { after: (delay, call) => time.after(delay, call), fate: () => fate };
  const store = bounded(memoryStore(server, link), time, 8_000);
  const watch = watched(store.work.campaigns.update(claim));
  return { time, store, watch, record: () => server.all("campaigns")[0] };
}

describe("a link", () => {
  test("delays a request, and then its answer", async () => {
    const { time, watch, record } = await claimed({ request: 300, reply: 200 });
    await time.advance(299);
    expect(record()).toEqual({ id: "a", epoch: 0 });
    await time.advance(1);
    expect([record(), watch.outcome]).toEqual([{ id: "a", epoch: 1, writes: 1 }, "waits"]);
    await time.advance(200);
    expect(watch.outcome).toBe(true);
  });

  test("loses a request: nothing happens", async () => {
    const { time, watch, record } = await claimed({ request: "lost", reply: 0 });
    await time.advance(60_000);
    expect(watch.outcome).toBeInstanceOf(StoreError);
    expect(record()).toEqual({ id: "a", epoch: 0 });
  });

  test("loses an answer: it happened, and the caller does not know", async () => {
    const { time, watch, record } = await claimed({ request: 0, reply: "lost" });
    await time.advance(60_000);
    expect(watch.outcome).toBeInstanceOf(StoreError);
    expect(record()).toEqual({ id: "a", epoch: 1, writes: 1 });
  });

  test("lets a write land after its caller gave up", async () => {
    const { time, watch, record } = await claimed({ request: 20_000, reply: 0 });
    await time.advance(8_001);
    expect(watch.outcome).toBeInstanceOf(StoreError);
    expect(record()).toEqual({ id: "a", epoch: 0 });
    await time.advance(12_000);
    expect(record()).toEqual({ id: "a", epoch: 1, writes: 1 });
  });

  test("doubles a request: what was conditional happens once", async () => {
    const { time, watch, record } = await claimed({ request: 10, reply: 0, again: 500 });
    await time.advance(60_000);
    expect(watch.outcome).toBe(true);
    expect(record()).toEqual({ id: "a", epoch: 1, writes: 1 });
  });

  test("doubles a request: what was not conditional happens twice", async () => {
    const time = new VirtualClock();
    const server = new MemoryServer(() => 0);
    await memoryStore(server).work.campaigns.insert({ id: "a" });
    const link: Link = {
      after: (delay, call) => time.after(delay, call),
      fate: () => ({ request: 0, reply: 0, again: 30_000 }),
    };
    await memoryStore(server, link).work.campaigns.update({ id: "a", expect: {}, increment: ["writes"] });
    expect(server.all("campaigns")).toEqual([{ id: "a", writes: 1 }]);
    await time.advance(30_000);
    expect(server.all("campaigns")).toEqual([{ id: "a", writes: 2 }]);
  });

  test("breaks: the caller hears at once, and the write may land all the same", async () => {
    const { time, watch, record } = await claimed({ request: 500, reply: 0, broken: 100 });
    await time.advance(100);
    expect(watch.outcome).toMatchObject({ message: "update campaigns: the connection broke" });
    await time.advance(400);
    expect(record()).toEqual({ id: "a", epoch: 1, writes: 1 });
  });

  test("is dropped by a reconnection: what is under way fails, and may land all the same", async () => {
    const { time, store, watch, record } = await claimed({ request: 500, reply: 0 });
    await store.reconnect();
    await time.advance(0);
    expect(watch.outcome).toBeInstanceOf(StoreError);
    await time.advance(500);
    expect(record()).toEqual({ id: "a", epoch: 1, writes: 1 });
  });

  test("keeps what was asked as it was then, however late it lands", async () => {
    const time = new VirtualClock();
    const server = new MemoryServer(() => 0);
    const store = memoryStore(server, {
      after: (delay, call) => time.after(delay, call),
      fate: () => ({ request: 1_000, reply: 0 }),
    });
    const record = { id: "a", lease: { epoch: 1 } };
    const inserted = store.work.campaigns.insert(record);
    record.lease.epoch = 2;
    await time.advance(1_000);
    expect([await inserted, server.all("campaigns")]).toEqual([true, [{ id: "a", lease: { epoch: 1 } }]]);
  });

  test("takes no timer where nothing is wrong with it", async () => {
    const { time, watch } = await claimed({ request: 0, reply: 0 });
    await time.advance(0);
    expect([watch.outcome, time.timers]).toEqual([true, 0]);
  });
});

describe("a store in memory", () => {
  test("that is closed answers nothing more", async () => {
    const store = memoryStore(new MemoryServer(() => 0));
    await store.close();
    await expect(store.work.campaigns.find("a")).rejects.toThrow("find campaigns: the store is closed");
  });
});

describe("chance", () => {
  /** Ours: a generator that says the same each time. */
  function seeded(seed: number): Random {
    let state = seed;
    const fraction = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    return { fraction, bytes: () => new Uint8Array() };
  }
  const fates = (faults: Faults, seed = 7, count = 4_000) => {
    const link = faultyLink(faults, seeded(seed), () => () => {});
    return Array.from({ length: count }, () => link.fate("update campaigns"));
  };
  const share = (all: readonly Fate[], has: (fate: Fate) => boolean) => all.filter(has).length / all.length;

  test("of one seed is always the same", () => {
    const faults = { ...noFaults, lostRequest: 0.1, doubled: 0.1, delay: 100 };
    expect(fates(faults)).toEqual(fates(faults));
    expect(fates(faults)).not.toEqual(fates(faults, 8));
  });

  test("brings each fault about as often as it was said, and none that was not", () => {
    const cases: readonly [Partial<Faults>, (fate: Fate) => boolean][] = [
      [{ lostRequest: 0.1 }, ({ request }) => request === "lost"],
      [{ lostReply: 0.1 }, ({ reply }) => reply === "lost"],
      [{ doubled: 0.1 }, ({ again }) => again !== undefined],
      [{ broken: 0.1 }, ({ broken }) => broken !== undefined],
      [{ late: 0.1 }, ({ request }) => request !== "lost" && request > 100],
    ];
    for (const [fault, has] of cases) {
      expect(share(fates({ ...noFaults, delay: 100, ...fault }), has)).toBeCloseTo(0.1, 1);
      expect(share(fates({ ...noFaults, delay: 100 }), has)).toBe(0);
    }
  });

  test("lets nothing through a partition, and everything again after it", () => {
    const faults = { ...noFaults, partitioned: true };
    const link = faultyLink(faults, seeded(1), () => () => {});
    expect(link.fate("")).toEqual({ request: "lost", reply: "lost" });
    faults.partitioned = false;
    expect(link.fate("")).toEqual({ request: 0, reply: 0 });
  });
});
