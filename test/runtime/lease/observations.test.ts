import { describe, expect, test } from "vitest";
import { Observations } from "../../../runtime/lease/observations.ts";

/** Each seen at another time, and not since. */
function seen(times: Readonly<Record<string, number>>): Observations {
  const observations = new Observations();
  for (const [key, at] of Object.entries(times)) observations.see(key, { epoch: 1, hbSeq: 1, claim: 1 }, at);
  return observations;
}

describe("what people are shown of others' campaigns", () => {
  test("is what moved least, the stillest first, and no more than was asked for", () => {
    const observations = seen({ c: 30, a: 10, d: 40, b: 20, e: 50 });
    expect(observations.stillest(3, 100)).toEqual([
      { key: "a", unmoved: 90 },
      { key: "b", unmoved: 80 },
      { key: "c", unmoved: 70 },
    ]);
  });

  test.each([0, 1, 7, 500])("is what sorting all of them would show, %d of 400 in an order of chance", (count) => {
    const times = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`c${at}`, (at * 7_919) % 397]));
    const sorted = Object.values(times).sort((a, b) => a - b);
    const shown = seen(times).stillest(count, 1_000);
    expect(shown.map(({ unmoved }) => 1_000 - unmoved)).toEqual(sorted.slice(0, count));
    expect(new Set(shown.map(({ key }) => key)).size).toBe(shown.length);
  });
});

describe("who is due", () => {
  test("is who did not move for the whole span, to the millisecond", () => {
    expect(seen({ a: 10, b: 11, c: 9 }).unmoved(90, 100)).toEqual(["a", "c"]);
  });

  test("is nobody after a gap, and what moved before it has moved", () => {
    const observations = seen({ a: 10 });
    observations.see("a", { epoch: 1, hbSeq: 2, claim: 1 }, 20);
    observations.startAnew(100);
    expect(observations.unmoved(1, 100)).toEqual([]);
    expect(observations.unmovedFor("a", 150)).toBe(50);
    expect(observations.movedBefore("a", 150)).toBe(130);
  });
});
