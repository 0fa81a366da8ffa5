import { describe, expect, test } from "vitest";
import type { Plain, Write } from "../../../../runtime/store/store.ts";
import { type Handling, refused } from "./subject.ts";

/** Records that others made hold null, or nothing, where the runtime has a sub-document. */
export function takesNullForNothing(on: Handling): void {
  describe("null, absent and empty", () => {
    const claim = (id: string, epoch: null | readonly (number | null)[] | number) =>
      on.change({ id, expect: { "lease.epoch": epoch }, set: { "lease.epoch": 1 }, now: ["lease.hbAt"] });

    test.for([
      ["no lease", {}],
      ["an empty lease", { lease: {} }],
      ["an epoch of null", { lease: { epoch: null } }],
      ["a lease of null", { lease: null }],
    ] as const)("a campaign with %s can be claimed as one that nobody had", async ([, fields]) => {
      const id = await on.campaign(fields);
      expect(await claim(id, null)).toBe(true);
      expect(await on.found(id)).toEqual({ id, lease: { epoch: 1, hbAt: expect.any(Date) } });
    });

    test.for([
      ["no lease", {}],
      ["a lease of null", { lease: null }],
    ] as const)("a campaign with %s is not at epoch 0 unless null is allowed too", async ([, fields]) => {
      const id = await on.campaign(fields);
      expect(await claim(id, 0)).toBe(false);
      expect(await claim(id, [null, 0])).toBe(true);
    });

    test("an epoch of 0 is one that nobody had, where null is allowed too", async () => {
      const id = await on.campaign({ lease: { epoch: 0 } });
      expect(await claim(id, null)).toBe(false);
      expect(await claim(id, [null, 0])).toBe(true);
    });

    test("a lease with an epoch is not absent", async () => {
      const id = await on.campaign({ lease: { epoch: 5 } });
      expect(await claim(id, null)).toBe(false);
      expect(await claim(id, [null, 0])).toBe(false);
    });

    test("false, an empty text and zero are not null", async () => {
      for (const epoch of [false, "", 0])
        expect(await claim(await on.campaign({ lease: { epoch } }), null)).toBe(false);
    });

    test("a record whose sub-documents are all null is written whole", async () => {
      const id = await on.campaign({ status: "queued", lease: null, resume: null, recovery: null });
      const write: Write = {
        id,
        expect: { status: "queued" },
        set: { "lease.epoch": 1, "resume.dialing.cursor": 0 },
        increment: ["recovery.count"],
        now: ["lease.hbAt"],
      };
      expect(await on.change(write)).toBe(true);
      expect(await on.found(id)).toEqual({
        id,
        status: "queued",
        lease: { epoch: 1, hbAt: expect.any(Date) },
        resume: { dialing: { cursor: 0 } },
        recovery: { count: 1 },
      });
    });

    test("a null deeper down is filled too", async () => {
      const id = await on.campaign({ resume: { cursor: 1, dialing: null } });
      expect(await on.change({ id, expect: { "resume.cursor": 1 }, set: { "resume.dialing.cursor": 1 } })).toBe(true);
      expect(await on.found(id)).toEqual({ id, resume: { cursor: 1, dialing: { cursor: 1 } } });
    });

    test("null that was expected does not stop the write that fills it", async () => {
      const id = await on.campaign({ lease: null });
      expect(await on.change({ id, expect: { lease: null }, set: { "lease.epoch": 1 } })).toBe(true);
    });

    test("an unmatched write leaves null as it is", async () => {
      const id = await on.campaign({ status: "queued", lease: null });
      expect(await on.change({ id, expect: { status: "running" }, set: { "lease.epoch": 1 } })).toBe(false);
      expect(await on.found(id)).toEqual({ id, status: "queued", lease: null });
    });

    test("of sixteen claims of a campaign whose lease is null, one wins", async () => {
      const id = await on.campaign({ lease: null });
      const won = await Promise.all(Array.from({ length: 16 }, () => claim(id, [null, 0])));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    test.for<readonly [string, Plain]>([
      ["a text", "a text"],
      ["a number", 7],
      ["true", true],
      ["a list", [1]],
      ["a list with null in it", [null, 1]],
    ])("a lease that is %s is refused, and left alone", async ([, lease]) => {
      const id = await on.campaign({ lease });
      await refused(on.change({ id, expect: {}, set: { "lease.epoch": 1 } }));
      expect(await on.found(id)).toEqual({ id, lease });
    });

    test("an error repeats no value of the record", async () => {
      const id = await on.campaign({ lease: "+49 30 901820", status: "Mrs Example" });
      const error = await refused(claim(id, null));
      const told = `${error.message} ${(error.cause as Error).message} ${(error.cause as Error).stack}`;
      expect(told).not.toMatch(/901820|Example/);
      expect(error.operation).toBe("update campaigns");
    });
  });
}
