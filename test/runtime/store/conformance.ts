import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Collections, type Records, type Store, StoreError, type Write } from "../../../runtime/store/store.ts";

/** A store over an empty database. */
export interface Subject {
  readonly store: Store;
  /** Another container's store over the same database. */
  readonly other: Store;
  /** The server's clock. */
  readonly serverNow: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** What every store must do, whatever it is made of. */
export function conformance(open: () => Promise<Subject>): void {
  let subject: Subject;
  beforeAll(async () => {
    subject = await open();
  });
  afterAll(() => subject.close());

  let ids = 0;
  /** A new id, which comes after all before it: hex, so that it may be an ObjectId. */
  const newId = () => (ids++).toString(16).padStart(24, "0");
  const campaigns = () => subject.store.work.campaigns;
  const containers = () => subject.store.work.containers;

  type Fields = Parameters<Records["insert"]>[0];
  async function campaign(fields: Omit<Fields, "id"> = {}): Promise<string> {
    const id = newId();
    expect(await campaigns().insert({ ...fields, id })).toBe(true);
    return id;
  }
  const change = (write: Write) => campaigns().update(write);
  const found = (id: string) => campaigns().find(id);
  const refused = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StoreError);
    return error as StoreError;
  };

  describe("insert and find", () => {
    test("a record is found as it was inserted", async () => {
      const fields = {
        status: "queued",
        lease: { epoch: 3, owner: "a", hbAt: new Date(1_700_000_000_123), state: null },
        resume: { cursor: 2, list: [1, "two", { three: 3 }], policy: "resume", inHours: true },
      };
      const id = await campaign(fields);
      expect(await found(id)).toEqual({ id, ...fields });
    });

    test("an id that nobody has is no record", async () => {
      expect(await found("f".repeat(24))).toBeUndefined();
      expect(await found("nobody")).toBeUndefined();
    });

    test("a second record with one id is refused, and the first one stays", async () => {
      const id = await campaign({ status: "queued" });
      expect(await campaigns().insert({ id, status: "running" })).toBe(false);
      expect(await subject.other.work.campaigns.insert({ id })).toBe(false);
      expect(await found(id)).toEqual({ id, status: "queued" });
    });

    test("of sixty-four containers that insert one shift, one has it", async () => {
      const id = `projects/p/${newId()}/2026-11-27/day`;
      const inserts = Array.from({ length: 64 }, (_, index) =>
        [subject.store, subject.other][index % 2]?.work.shifts.insert({ id, owner: index }),
      );
      expect((await Promise.all(inserts)).filter((won) => won === true)).toHaveLength(1);
    });

    test("ids of shifts and containers are any text", async () => {
      const id = `execution/0/1/${newId()} ünï.$code`;
      expect(await containers().insert({ id, state: "running" })).toBe(true);
      expect(await containers().find(id)).toEqual({ id, state: "running" });
    });

    test("what the caller does to a record afterwards does not change the database", async () => {
      const lease = { epoch: 1, hbAt: new Date(5_000) };
      const id = await campaign({ lease });
      lease.epoch = 9;
      lease.hbAt.setTime(0);
      const read = (await found(id)) as unknown as { lease: typeof lease };
      read.lease.epoch = 8;
      read.lease.hbAt.setTime(1);
      expect(await found(id)).toEqual({ id, lease: { epoch: 1, hbAt: new Date(5_000) } });
    });

    test("a container sees what another one wrote", async () => {
      const id = await campaign({ status: "queued" });
      await subject.other.work.campaigns.update({ id, expect: {}, set: { status: "running" } });
      expect(await found(id)).toEqual({ id, status: "running" });
      expect(await subject.store.beats.campaigns.find(id)).toEqual({ id, status: "running" });
    });

    test("kinds of records do not meet", async () => {
      const id = newId();
      const { work } = subject.store;
      for (const kind of ["campaigns", "shifts", "containers"] as const satisfies (keyof Collections)[]) {
        expect(await work[kind].insert({ id, status: kind })).toBe(true);
      }
      expect(await work.shifts.find(id)).toEqual({ id, status: "shifts" });
    });
  });

  describe("a conditional write", () => {
    test("changes what it sets, and leaves the rest", async () => {
      const id = await campaign({ status: "queued", lease: { epoch: 1, owner: "a" }, resume: { cursor: 4 } });
      expect(await change({ id, expect: { status: "queued" }, set: { status: "running", "lease.epoch": 2 } })).toBe(
        true,
      );
      expect(await found(id)).toEqual({
        id,
        status: "running",
        lease: { epoch: 2, owner: "a" },
        resume: { cursor: 4 },
      });
    });

    test("changes nothing at all when one thing is not as expected", async () => {
      const id = await campaign({ status: "running", lease: { epoch: 1, claimId: "a", hbSeq: 7 } });
      const stale = { "lease.epoch": 1, "lease.claimId": "b", status: "running" };
      const write: Write = {
        id,
        expect: stale,
        set: { status: "completed" },
        increment: ["lease.hbSeq"],
        now: ["lease.hbAt"],
        unset: ["lease.claimId"],
      };
      expect(await change(write)).toBe(false);
      expect(await found(id)).toEqual({ id, status: "running", lease: { epoch: 1, claimId: "a", hbSeq: 7 } });
    });

    test("says that it was done also when everything was so already", async () => {
      const id = await campaign({ status: "running" });
      expect(await change({ id, expect: { status: "running" }, set: { status: "running" } })).toBe(true);
    });

    test("of a record that is not there is not done, and makes none", async () => {
      const id = newId();
      expect(await change({ id, expect: { "lease.epoch": null }, set: { status: "running" } })).toBe(false);
      expect(await change({ id: "nobody", expect: {}, set: { status: "running" } })).toBe(false);
      expect(await found(id)).toBeUndefined();
    });

    test("of sixty-four claims of one campaign, one wins", async () => {
      const id = await campaign({ status: "queued" });
      const claims = Array.from({ length: 64 }, async (_, index) => {
        const { work } = index % 2 === 0 ? subject.store : subject.other;
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
      expect(await found(id)).toMatchObject({ status: "running", lease: { epoch: 1, claimId: winners[0] } });
    });

    test("takes one of several values where a list is expected", async () => {
      const id = await campaign({ status: "interrupted" });
      expect(await change({ id, expect: { status: ["queued", "running"] }, set: { "lease.epoch": 1 } })).toBe(false);
      expect(await change({ id, expect: { status: ["queued", "interrupted"] }, set: { "lease.epoch": 1 } })).toBe(true);
    });

    test("makes the sub-documents that its paths need", async () => {
      const id = await campaign();
      await change({ id, expect: {}, set: { "resume.dialing.cursor": 3 }, increment: ["recovery.count"] });
      expect(await found(id)).toEqual({ id, resume: { dialing: { cursor: 3 } }, recovery: { count: 1 } });
    });

    test("replaces a whole sub-document", async () => {
      const id = await campaign({ resume: { cursor: 1, dialing: { cursor: 1, effect: "call" } } });
      await change({ id, expect: { "resume.cursor": 1 }, set: { "resume.dialing": { cursor: 2 } } });
      expect(await found(id)).toEqual({ id, resume: { cursor: 1, dialing: { cursor: 2 } } });
    });

    test("keeps histories, which are lists of sub-documents with times", async () => {
      const history = [{ at: new Date(1_000), reason: "orphaned", epoch: 1, cursor: 0 }];
      const id = await campaign({ recovery: { count: 0 } });
      await change({ id, expect: {}, set: { "recovery.history": history } });
      expect(await found(id)).toEqual({ id, recovery: { count: 0, history } });
    });

    test("counts from nothing and onwards", async () => {
      const id = await campaign({ lease: { hbSeq: 41 } });
      await change({ id, expect: {}, increment: ["lease.hbSeq", "recovery.count"] });
      expect(await found(id)).toEqual({ id, lease: { hbSeq: 42 }, recovery: { count: 1 } });
    });

    test("counts past what thirty-two bits hold", async () => {
      const id = await campaign({ lease: { epoch: 2_147_483_647 } });
      await change({ id, expect: { "lease.epoch": 2_147_483_647 }, increment: ["lease.epoch"] });
      expect(await change({ id, expect: { "lease.epoch": 2_147_483_648 }, set: { status: "running" } })).toBe(true);
      expect(await found(id)).toEqual({ id, status: "running", lease: { epoch: 2_147_483_648 } });
    });

    test("removes fields, and those that are not there", async () => {
      const id = await campaign({ resume: { cursor: 1, dialing: { cursor: 1 } } });
      expect(await change({ id, expect: {}, unset: ["resume.dialing", "resume.never", "recovery.history"] })).toBe(
        true,
      );
      expect(await found(id)).toEqual({ id, resume: { cursor: 1 } });
    });

    test("that increments what is no number is refused, and changes nothing", async () => {
      const id = await campaign({ status: "queued", lease: { hbSeq: "seven" } });
      await refused(change({ id, expect: {}, set: { status: "running" }, increment: ["lease.hbSeq"] }));
      expect(await found(id)).toEqual({ id, status: "queued", lease: { hbSeq: "seven" } });
    });

    test("that changes nothing is a mistake, and said", async () => {
      await refused(change({ id: await campaign(), expect: {} }));
    });
  });

  describe("null, absent and empty", () => {
    const claim = (id: string, epoch: null | readonly (number | null)[] | number) =>
      change({ id, expect: { "lease.epoch": epoch }, set: { "lease.epoch": 1 }, now: ["lease.hbAt"] });

    test.for([
      ["no lease", {}],
      ["an empty lease", { lease: {} }],
      ["an epoch of null", { lease: { epoch: null } }],
      ["a lease of null", { lease: null }],
    ] as const)("a campaign with %s can be claimed as one that nobody had", async ([, fields]) => {
      const id = await campaign(fields);
      expect(await claim(id, null)).toBe(true);
      expect(await found(id)).toEqual({ id, lease: { epoch: 1, hbAt: expect.any(Date) } });
    });

    test.for([
      ["no lease", {}],
      ["a lease of null", { lease: null }],
    ] as const)("a campaign with %s is not at epoch 0 unless null is allowed too", async ([, fields]) => {
      const id = await campaign(fields);
      expect(await claim(id, 0)).toBe(false);
      expect(await claim(id, [null, 0])).toBe(true);
    });

    test("an epoch of 0 is one that nobody had, where null is allowed too", async () => {
      const id = await campaign({ lease: { epoch: 0 } });
      expect(await claim(id, null)).toBe(false);
      expect(await claim(id, [null, 0])).toBe(true);
    });

    test("a lease with an epoch is not absent", async () => {
      const id = await campaign({ lease: { epoch: 5 } });
      expect(await claim(id, null)).toBe(false);
      expect(await claim(id, [null, 0])).toBe(false);
    });

    test("false, an empty text and zero are not null", async () => {
      for (const epoch of [false, "", 0]) expect(await claim(await campaign({ lease: { epoch } }), null)).toBe(false);
    });

    test("a record whose sub-documents are all null is written whole", async () => {
      const id = await campaign({ status: "queued", lease: null, resume: null, recovery: null });
      const write: Write = {
        id,
        expect: { status: "queued" },
        set: { "lease.epoch": 1, "resume.dialing.cursor": 0 },
        increment: ["recovery.count"],
        now: ["lease.hbAt"],
      };
      expect(await change(write)).toBe(true);
      expect(await found(id)).toEqual({
        id,
        status: "queued",
        lease: { epoch: 1, hbAt: expect.any(Date) },
        resume: { dialing: { cursor: 0 } },
        recovery: { count: 1 },
      });
    });

    test("a null deeper down is filled too", async () => {
      const id = await campaign({ resume: { cursor: 1, dialing: null } });
      expect(await change({ id, expect: { "resume.cursor": 1 }, set: { "resume.dialing.cursor": 1 } })).toBe(true);
      expect(await found(id)).toEqual({ id, resume: { cursor: 1, dialing: { cursor: 1 } } });
    });

    test("null that was expected does not stop the write that fills it", async () => {
      const id = await campaign({ lease: null });
      expect(await change({ id, expect: { lease: null }, set: { "lease.epoch": 1 } })).toBe(true);
    });

    test("an unmatched write leaves null as it is", async () => {
      const id = await campaign({ status: "queued", lease: null });
      expect(await change({ id, expect: { status: "running" }, set: { "lease.epoch": 1 } })).toBe(false);
      expect(await found(id)).toEqual({ id, status: "queued", lease: null });
    });

    test("of sixteen claims of a campaign whose lease is null, one wins", async () => {
      const id = await campaign({ lease: null });
      const won = await Promise.all(Array.from({ length: 16 }, () => claim(id, [null, 0])));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    test.for([["a text"], [7], [true]])("a lease that is %s is refused, and left alone", async ([lease = null]) => {
      const id = await campaign({ lease });
      await refused(claim(id, null));
      expect(await found(id)).toEqual({ id, lease });
    });

    test("an error repeats no value of the record", async () => {
      const id = await campaign({ lease: "+49 30 901820", status: "Mrs Example" });
      const error = await refused(claim(id, null));
      const told = `${error.message} ${(error.cause as Error).message} ${(error.cause as Error).stack}`;
      expect(told).not.toMatch(/901820|Example/);
      expect(error.operation).toBe("update campaigns");
    });
  });

  describe("the time of the server", () => {
    test("is what a heartbeat gets, whatever the container's clock says", async () => {
      const id = await campaign({ lease: { hbSeq: 1 } });
      const before = await subject.serverNow();
      await change({ id, expect: {}, increment: ["lease.hbSeq"], now: ["lease.hbAt", "lease.acqAt"] });
      const after = await subject.serverNow();
      const { lease } = (await found(id)) as unknown as { lease: { hbAt: Date; acqAt: Date } };
      expect(lease.hbAt.getTime()).toBeGreaterThanOrEqual(before);
      expect(lease.hbAt.getTime()).toBeLessThanOrEqual(after);
      expect(lease.acqAt).toEqual(lease.hbAt);
    });
  });

  describe("many writes at once", () => {
    const beat = (id: string, claimId: string): Write => ({
      id,
      expect: { "lease.claimId": claimId },
      increment: ["lease.hbSeq"],
      now: ["lease.hbAt"],
    });
    const leased = (claimId: string) => campaign({ lease: { claimId, hbSeq: 0 } });

    test("each is done or not by its own expectation, and the total is told", async () => {
      const mine = [await leased("a"), await leased("a"), await leased("a")];
      const lost = await leased("b");
      const writes = [lost, ...mine, newId()].map((id) => beat(id, "a"));
      expect(await campaigns().updateAll(writes)).toBe(3);
      for (const id of mine) expect(await found(id)).toMatchObject({ lease: { hbSeq: 1 } });
      expect(await found(lost)).toEqual({ id: lost, lease: { claimId: "b", hbSeq: 0 } });
    });

    test("none is no write", async () => {
      expect(await campaigns().updateAll([])).toBe(0);
      expect(await campaigns().updateAll([beat("nobody", "a")])).toBe(0);
    });

    test("a record whose lease is null is written with the others", async () => {
      const [first, empty, last] = [await leased("a"), await campaign({ lease: null }), await leased("a")];
      const fill: Write = { id: empty, expect: { "lease.epoch": null }, set: { "lease.epoch": 1 } };
      expect(await campaigns().updateAll([beat(first, "a"), fill, beat(last, "a")])).toBe(3);
      expect(await found(empty)).toEqual({ id: empty, lease: { epoch: 1 } });
      expect(await found(last)).toMatchObject({ lease: { hbSeq: 1 } });
    });

    test("one that the database refuses is an error, and does not stop those after it", async () => {
      const [broken, healthy] = [await campaign({ lease: "a text" }), await leased("a")];
      await refused(campaigns().updateAll([{ id: broken, expect: {}, set: { "lease.epoch": 1 } }, beat(healthy, "a")]));
      expect(await found(healthy)).toMatchObject({ lease: { hbSeq: 1 } });
    });

    test("a thousand heartbeats are one call", async () => {
      const all = await Promise.all(Array.from({ length: 1_000 }, () => leased("a")));
      expect(await campaigns().updateAll(all.map((id) => beat(id, "a")))).toBe(1_000);
    });
  });

  describe("lists", () => {
    const state = () => `state-${newId()}`;
    async function some(count: number, fields: Omit<Fields, "id">): Promise<string[]> {
      const all = Array.from({ length: count }, newId);
      for (const id of [...all].reverse()) await campaigns().insert({ ...fields, id });
      return all;
    }
    const listed = async (listing: Parameters<Records["list"]>[0]) =>
      (await campaigns().list(listing)).map(({ id }) => id);

    test("are in the order of ids, whatever came first", async () => {
      const status = state();
      const all = await some(5, { status });
      expect(await listed({ expect: { status }, fields: [], limit: 10 })).toEqual(all);
    });

    test("hold only what is as expected", async () => {
      const owner = state();
      const [wanted] = await some(1, { status: "running", lease: { owner } });
      await some(2, { status: "queued", lease: { owner } });
      await some(1, { status: "running" });
      expect(await listed({ expect: { status: "running", "lease.owner": owner }, fields: [], limit: 10 })).toEqual([
        wanted,
      ]);
    });

    test("hold any of several statuses", async () => {
      const owner = state();
      const queued = await some(1, { status: "queued", lease: { owner } });
      await some(1, { status: "running", lease: { owner } });
      const interrupted = await some(1, { status: "interrupted", lease: { owner } });
      const expected = { status: ["queued", "interrupted"], "lease.owner": owner };
      expect(await listed({ expect: expected, fields: [], limit: 10 })).toEqual([...queued, ...interrupted]);
    });

    test("hold those that lack a field where null is expected", async () => {
      const status = state();
      const lacking = await some(1, { status });
      await some(1, { status, lease: { epoch: 1 } });
      const empty = await some(1, { status, lease: null });
      expect(await listed({ expect: { status, "lease.epoch": null }, fields: [], limit: 10 })).toEqual([
        ...lacking,
        ...empty,
      ]);
    });

    test("hold only the fields that were asked for, and the id", async () => {
      const status = state();
      const [id = ""] = await some(1, { status, lease: { epoch: 1, owner: "a" }, resume: { cursor: 1 } });
      const list = (fields: string[]) => campaigns().list({ expect: { status }, fields, limit: 10 });
      expect(await list([])).toEqual([{ id }]);
      expect(await list(["lease"])).toEqual([{ id, lease: { epoch: 1, owner: "a" } }]);
      expect(await list(["status", "lease.epoch", "recovery"])).toEqual([{ id, status, lease: { epoch: 1 } }]);
    });

    test("come in pages that are together the whole, once", async () => {
      const status = state();
      const all = await some(7, { status });
      const pages: string[][] = [];
      for (let after: string | undefined; ; after = pages.at(-1)?.at(-1)) {
        const page = await listed({ expect: { status }, fields: [], limit: 3, ...(after && { after }) });
        if (page.length === 0) break;
        pages.push(page);
      }
      expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
      expect(pages.flat()).toEqual(all);
    });

    test("go on after an id that is gone, or was none of them", async () => {
      const status = state();
      const [first, ...others] = await some(2, { status });
      const between = newId();
      const later = await some(1, { status });
      expect(await listed({ expect: { status }, fields: [], limit: 9, after: between })).toEqual(later);
      expect(await listed({ expect: { status }, fields: [], limit: 9, after: first ?? "" })).toEqual([
        ...others,
        ...later,
      ]);
    });

    test("of five hundred are one answer", async () => {
      const status = state();
      const all = Array.from({ length: 501 }, newId);
      await Promise.all(all.map((id) => campaigns().insert({ id, status, lease: { owner: "o".repeat(200) } })));
      expect(await listed({ expect: { status }, fields: ["lease"], limit: 500 })).toEqual(all.slice(0, 500));
    });

    test("of nothing are empty", async () => {
      expect(await listed({ expect: { status: state() }, fields: [], limit: 10 })).toEqual([]);
    });

    test("of containers are by any text, in the order of its bytes", async () => {
      const run = state();
      for (const name of ["b", "a", "Z", "é", "a/b"]) await containers().insert({ id: `${run}${name}`, state: run });
      const all = await containers().list({ expect: { state: run }, fields: [], limit: 10 });
      expect(all.map(({ id }) => id.slice(run.length))).toEqual(["Z", "a", "a/b", "b", "é"]);
    });
  });

  describe("the store", () => {
    test("prepares the database, again and by several at once", async () => {
      await Promise.all([subject.store.prepare(), subject.other.prepare()]);
      await subject.store.prepare();
    });

    test("works on after a reconnection", async () => {
      const id = await campaign({ status: "queued" });
      await subject.store.reconnect();
      expect(await change({ id, expect: { status: "queued" }, set: { status: "running" } })).toBe(true);
      expect(await subject.store.beats.campaigns.find(id)).toEqual({ id, status: "running" });
    });
  });
}
