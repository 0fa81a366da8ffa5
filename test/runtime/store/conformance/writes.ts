import { describe, expect, test } from "vitest";
import type { Write } from "../../../../runtime/store/store.ts";
import { type Handling, newId, refused } from "./subject.ts";

/** Changed as a whole, or not at all. */
export function writesConditionally(on: Handling): void {
  describe("a conditional write", () => {
    test("changes what it sets, and leaves the rest", async () => {
      const id = await on.campaign({ status: "queued", lease: { epoch: 1, owner: "a" }, resume: { cursor: 4 } });
      expect(await on.change({ id, expect: { status: "queued" }, set: { status: "running", "lease.epoch": 2 } })).toBe(
        true,
      );
      expect(await on.found(id)).toEqual({
        id,
        status: "running",
        lease: { epoch: 2, owner: "a" },
        resume: { cursor: 4 },
      });
    });

    test("changes nothing at all when one thing is not as expected", async () => {
      const id = await on.campaign({ status: "running", lease: { epoch: 1, claimId: "a", hbSeq: 7 } });
      const stale = { "lease.epoch": 1, "lease.claimId": "b", status: "running" };
      const write: Write = {
        id,
        expect: stale,
        set: { status: "completed" },
        increment: ["lease.hbSeq"],
        now: ["lease.hbAt"],
        unset: ["lease.claimId"],
      };
      expect(await on.change(write)).toBe(false);
      expect(await on.found(id)).toEqual({ id, status: "running", lease: { epoch: 1, claimId: "a", hbSeq: 7 } });
    });

    test("says that it was done also when everything was so already", async () => {
      const id = await on.campaign({ status: "running" });
      expect(await on.change({ id, expect: { status: "running" }, set: { status: "running" } })).toBe(true);
    });

    test("of a record that is not there is not done, and makes none", async () => {
      const id = newId();
      expect(await on.change({ id, expect: { "lease.epoch": null }, set: { status: "running" } })).toBe(false);
      expect(await on.change({ id: "nobody", expect: {}, set: { status: "running" } })).toBe(false);
      expect(await on.found(id)).toBeUndefined();
    });

    test("of sixty-four claims of one campaign, one wins", async () => {
      const id = await on.campaign({ status: "queued" });
      const claims = Array.from({ length: 64 }, async (_, index) => {
        const { work } = index % 2 === 0 ? on.subject.store : on.subject.other;
        const claimId = `claim-${index}`;
        const won = await work.campaigns.update({
          id,
          expect: { status: "queued", "lease.epoch": [null, 0] },
          set: { status: "running", "lease.epoch": 1, "lease.claimId": claimId },
          now: ["lease.hbAt"],
        });
        return won ? [claimId] : [];
      });
      const winners = (await Promise.all(claims)).flat();
      expect(winners).toHaveLength(1);
      expect(await on.found(id)).toMatchObject({ status: "running", lease: { epoch: 1, claimId: winners[0] } });
    });

    test("takes one of several values where a list is expected", async () => {
      const id = await on.campaign({ status: "interrupted" });
      expect(await on.change({ id, expect: { status: ["queued", "running"] }, set: { "lease.epoch": 1 } })).toBe(false);
      expect(await on.change({ id, expect: { status: ["queued", "interrupted"] }, set: { "lease.epoch": 1 } })).toBe(
        true,
      );
    });

    test("makes the sub-documents that its paths need", async () => {
      const id = await on.campaign();
      await on.change({ id, expect: {}, set: { "resume.dialing.cursor": 3 }, increment: ["recovery.count"] });
      expect(await on.found(id)).toEqual({ id, resume: { dialing: { cursor: 3 } }, recovery: { count: 1 } });
    });

    test("replaces a whole sub-document", async () => {
      const id = await on.campaign({ resume: { cursor: 1, dialing: { cursor: 1, effect: "call" } } });
      await on.change({ id, expect: { "resume.cursor": 1 }, set: { "resume.dialing": { cursor: 2 } } });
      expect(await on.found(id)).toEqual({ id, resume: { cursor: 1, dialing: { cursor: 2 } } });
    });

    test("keeps histories, which are lists of sub-documents with times", async () => {
      const history = [{ at: new Date(1_000), reason: "orphaned", epoch: 1, cursor: 0 }];
      const id = await on.campaign({ recovery: { count: 0 } });
      await on.change({ id, expect: {}, set: { "recovery.history": history } });
      expect(await on.found(id)).toEqual({ id, recovery: { count: 0, history } });
    });

    test("counts from nothing and onwards", async () => {
      const id = await on.campaign({ lease: { hbSeq: 41 } });
      await on.change({ id, expect: {}, increment: ["lease.hbSeq", "recovery.count"] });
      expect(await on.found(id)).toEqual({ id, lease: { hbSeq: 42 }, recovery: { count: 1 } });
    });

    test("counts past what thirty-two bits hold", async () => {
      const id = await on.campaign({ lease: { epoch: 2_147_483_647 } });
      await on.change({ id, expect: { "lease.epoch": 2_147_483_647 }, increment: ["lease.epoch"] });
      expect(await on.change({ id, expect: { "lease.epoch": 2_147_483_648 }, set: { status: "running" } })).toBe(true);
      expect(await on.found(id)).toEqual({ id, status: "running", lease: { epoch: 2_147_483_648 } });
    });

    test("removes fields, and those that are not there", async () => {
      const id = await on.campaign({ resume: { cursor: 1, dialing: { cursor: 1 } } });
      expect(await on.change({ id, expect: {}, unset: ["resume.dialing", "resume.never", "recovery.history"] })).toBe(
        true,
      );
      expect(await on.found(id)).toEqual({ id, resume: { cursor: 1 } });
    });

    test("that increments what is no number is refused, and changes nothing", async () => {
      const id = await on.campaign({ status: "queued", lease: { hbSeq: "seven" } });
      await refused(on.change({ id, expect: {}, set: { status: "running" }, increment: ["lease.hbSeq"] }));
      expect(await on.found(id)).toEqual({ id, status: "queued", lease: { hbSeq: "seven" } });
    });

    test("that changes nothing is a mistake, and said", async () => {
      await refused(on.change({ id: await on.campaign(), expect: {} }));
    });
  });

  describe("many writes at once", () => {
    const beat = (id: string, claimId: string): Write => ({
      id,
      expect: { "lease.claimId": claimId },
      increment: ["lease.hbSeq"],
      now: ["lease.hbAt"],
    });
    const leased = (claimId: string) => on.campaign({ lease: { claimId, hbSeq: 0 } });

    test("each is done or not by its own expectation, and the total is told", async () => {
      const mine = [await leased("a"), await leased("a"), await leased("a")];
      const lost = await leased("b");
      const writes = [lost, ...mine, newId()].map((id) => beat(id, "a"));
      expect(await on.campaigns.updateAll(writes)).toBe(3);
      for (const id of mine) expect(await on.found(id)).toMatchObject({ lease: { hbSeq: 1 } });
      expect(await on.found(lost)).toEqual({ id: lost, lease: { claimId: "b", hbSeq: 0 } });
    });

    test("none is no write", async () => {
      expect(await on.campaigns.updateAll([])).toBe(0);
      expect(await on.campaigns.updateAll([beat("nobody", "a")])).toBe(0);
    });

    test("a record whose lease is null is written with the others", async () => {
      const [first, empty, last] = [await leased("a"), await on.campaign({ lease: null }), await leased("a")];
      const fill: Write = { id: empty, expect: { "lease.epoch": null }, set: { "lease.epoch": 1 } };
      expect(await on.campaigns.updateAll([beat(first, "a"), fill, beat(last, "a")])).toBe(3);
      expect(await on.found(empty)).toEqual({ id: empty, lease: { epoch: 1 } });
      expect(await on.found(last)).toMatchObject({ lease: { hbSeq: 1 } });
    });

    test("one that the database refuses is an error, and does not stop those after it", async () => {
      const [broken, healthy] = [await on.campaign({ lease: "a text" }), await leased("a")];
      await refused(
        on.campaigns.updateAll([{ id: broken, expect: {}, set: { "lease.epoch": 1 } }, beat(healthy, "a")]),
      );
      expect(await on.found(healthy)).toMatchObject({ lease: { hbSeq: 1 } });
    });

    test("a thousand heartbeats are one call", async () => {
      const all = await Promise.all(Array.from({ length: 1_000 }, () => leased("a")));
      expect(await on.campaigns.updateAll(all.map((id) => beat(id, "a")))).toBe(1_000);
    });
  });
}
