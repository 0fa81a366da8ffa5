import { describe, expect, test } from "vitest";
import type { Records } from "../../../../runtime/store/store.ts";
import { type Fields, type Handling, newId } from "./subject.ts";

/** Pages, in the order of ids. */
export function lists(on: Handling): void {
  describe("lists", () => {
    const state = () => `state-${newId()}`;
    async function some(count: number, fields: Fields): Promise<string[]> {
      const all = Array.from({ length: count }, newId);
      for (const id of [...all].reverse()) await on.campaigns.insert({ ...fields, id });
      return all;
    }
    const listed = async (listing: Parameters<Records["list"]>[0]) =>
      (await on.campaigns.list(listing)).map(({ id }) => id);

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
      const list = (fields: string[]) => on.campaigns.list({ expect: { status }, fields, limit: 10 });
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
      await Promise.all(all.map((id) => on.campaigns.insert({ id, status, lease: { owner: "o".repeat(200) } })));
      expect(await listed({ expect: { status }, fields: ["lease"], limit: 500 })).toEqual(all.slice(0, 500));
    });

    test("of nothing are empty", async () => {
      expect(await listed({ expect: { status: state() }, fields: [], limit: 10 })).toEqual([]);
    });

    test("of containers are by any text, in the order of its bytes", async () => {
      const run = state();
      for (const name of ["b", "a", "Z", "é", "a/b"]) await on.containers.insert({ id: `${run}${name}`, state: run });
      const all = await on.containers.list({ expect: { state: run }, fields: [], limit: 10 });
      expect(all.map(({ id }) => id.slice(run.length))).toEqual(["Z", "a", "a/b", "b", "é"]);
    });
  });
}
