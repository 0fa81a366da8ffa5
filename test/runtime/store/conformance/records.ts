import { describe, expect, test } from "vitest";
import type { Collections } from "../../../../runtime/store/store.ts";
import { type Handling, newId } from "./subject.ts";

/** What is written is there, for everybody. */
export function keepsRecords(on: Handling): void {
  describe("insert and find", () => {
    test("a record is found as it was inserted", async () => {
      const fields = {
        status: "queued",
        lease: { epoch: 3, owner: "a", hbAt: new Date(1_700_000_000_123), state: null },
        resume: { cursor: 2, list: [1, "two", { three: 3 }], policy: "resume", inHours: true },
      };
      const id = await on.campaign(fields);
      expect(await on.found(id)).toEqual({ id, ...fields });
    });

    test("an id that nobody has is no record", async () => {
      expect(await on.found("f".repeat(24))).toBeUndefined();
      expect(await on.found("nobody")).toBeUndefined();
    });

    test("a second record with one id is refused, and the first one stays", async () => {
      const id = await on.campaign({ status: "queued" });
      expect(await on.campaigns.insert({ id, status: "running" })).toBe(false);
      expect(await on.subject.other.work.campaigns.insert({ id })).toBe(false);
      expect(await on.found(id)).toEqual({ id, status: "queued" });
    });

    test("of sixty-four containers that insert one shift, one has it", async () => {
      const id = `projects/p/${newId()}/2026-11-27/day`;
      const inserts = Array.from({ length: 64 }, (_, index) =>
        [on.subject.store, on.subject.other][index % 2]?.work.shifts.insert({ id, owner: index }),
      );
      expect((await Promise.all(inserts)).filter((won) => won === true)).toHaveLength(1);
    });

    test("ids of shifts and containers are any text", async () => {
      const id = `execution/0/1/${newId()} ünï.$code`;
      expect(await on.containers.insert({ id, state: "running" })).toBe(true);
      expect(await on.containers.find(id)).toEqual({ id, state: "running" });
    });

    test("what the caller does to a record afterwards does not change the database", async () => {
      const lease = { epoch: 1, hbAt: new Date(5_000) };
      const id = await on.campaign({ lease });
      lease.epoch = 9;
      lease.hbAt.setTime(0);
      const read = (await on.found(id)) as unknown as { lease: typeof lease };
      read.lease.epoch = 8;
      read.lease.hbAt.setTime(1);
      expect(await on.found(id)).toEqual({ id, lease: { epoch: 1, hbAt: new Date(5_000) } });
    });

    test("one object in two places of a record is two in the database", async () => {
      const entry = { count: 1 };
      const id = await on.campaign({ lease: entry, recovery: entry });
      await on.campaigns.update({ id, expect: {}, increment: ["recovery.count"] });
      expect(await on.found(id)).toEqual({ id, lease: { count: 1 }, recovery: { count: 2 } });
    });

    test("a container sees what another one wrote", async () => {
      const id = await on.campaign({ status: "queued" });
      await on.subject.other.work.campaigns.update({ id, expect: {}, set: { status: "running" } });
      expect(await on.found(id)).toEqual({ id, status: "running" });
      expect(await on.subject.store.beats.campaigns.find(id)).toEqual({ id, status: "running" });
    });

    test("kinds of records do not meet", async () => {
      const id = newId();
      const { work } = on.subject.store;
      for (const kind of ["campaigns", "shifts", "containers"] as const satisfies (keyof Collections)[]) {
        expect(await work[kind].insert({ id, status: kind })).toBe(true);
      }
      expect(await work.shifts.find(id)).toEqual({ id, status: "shifts" });
    });
  });

  describe("the store", () => {
    test("prepares the database, again and by several at once", async () => {
      await Promise.all([on.subject.store.prepare(), on.subject.other.prepare()]);
      await on.subject.store.prepare();
    });

    test("works on after a reconnection", async () => {
      const id = await on.campaign({ status: "queued" });
      await on.subject.store.reconnect();
      expect(await on.change({ id, expect: { status: "queued" }, set: { status: "running" } })).toBe(true);
      expect(await on.subject.store.beats.campaigns.find(id)).toEqual({ id, status: "running" });
    });
  });

  describe("the time of the server", () => {
    test("is what a heartbeat gets, whatever the container's clock says", async () => {
      const id = await on.campaign({ lease: { hbSeq: 1 } });
      const before = await on.subject.serverNow();
      await on.change({ id, expect: {}, increment: ["lease.hbSeq"], now: ["lease.hbAt", "lease.acqAt"] });
      const after = await on.subject.serverNow();
      const { lease } = (await on.found(id)) as unknown as { lease: { hbAt: Date; acqAt: Date } };
      for (const time of [lease.hbAt, lease.acqAt]) {
        expect(time.getTime()).toBeGreaterThanOrEqual(before);
        expect(time.getTime()).toBeLessThanOrEqual(after);
      }
    });
  });
}
