import { describe, expect, test } from "vitest";
import { pages, pagesAhead } from "../../../runtime/store/pages.ts";
import { type Listing, type Records, StoreError } from "../../../runtime/store/store.ts";

const listing = { expect: {}, fields: [], limit: 2 };

/** Seven records of which each page is noted when it is asked for. */
function seven(failing?: string) {
  const asked: (string | undefined)[] = [];
  const ids = ["a", "b", "c", "d", "e", "f", "g"];
  const list = async ({ after, limit }: Listing) => {
    asked.push(after);
    if (failing !== undefined && after === failing) throw new StoreError("list", "no answer");
    const from = after === undefined ? 0 : ids.indexOf(after) + 1;
    return ids.slice(from, from + limit).map((id) => ({ id }));
  };
  return { records: { list } as Partial<Records> as Records, asked };
}

describe.each([
  ["one by one", pages],
  ["with the next one on its way", pagesAhead],
])("pages %s", (_, read) => {
  test("are together the whole, once", async () => {
    const { records, asked } = seven();
    const seen: string[] = [];
    for await (const page of read(records, listing)) seen.push(...page.map(({ id }) => id));
    expect(seen.join("")).toBe("abcdefg");
    expect(asked).toEqual([undefined, "b", "d", "f"]);
  });

  test("one that fails is told to whoever comes for it, after those before it", async () => {
    const { records } = seven("d");
    const seen: string[] = [];
    const reading = async () => {
      for await (const page of read(records, listing)) seen.push(...page.map(({ id }) => id));
    };
    await expect(reading()).rejects.toThrow("no answer");
    expect(seen.join("")).toBe("abcd");
  });
});

test("whoever wants one page asks for no other", async () => {
  const { records, asked } = seven();
  for await (const _ of pages(records, listing)) break;
  expect(asked).toEqual([undefined]);
});

test("while a page is looked at, the next one is on its way; where nobody comes for it, its failure is nobody's", async () => {
  const { records, asked } = seven("b");
  for await (const _ of pagesAhead(records, listing)) {
    expect(asked).toEqual([undefined, "b"]);
    break;
  }
  // An unhandled rejection would end this file.
  await new Promise((resolve) => setImmediate(resolve));
});
