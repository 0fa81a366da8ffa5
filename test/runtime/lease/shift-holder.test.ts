import { expect, test } from "vitest";
import type { Lease } from "../../../runtime/lease/record.ts";
import { type Holder, watched } from "../../../runtime/lease/shift-holder.ts";

const lease = (fields: Partial<Lease>): Lease => ({
  owner: "a",
  claimId: "1",
  epoch: 1,
  hbSeq: 0,
  hbAt: undefined,
  state: "held",
  ...fields,
});

/** After a look that took no time, with heartbeats every 30 s. */
const lookedAt = (before: Holder | undefined, seen: Lease, at: number) =>
  watched(before, seen, { sent: at, answered: at }, 30_000);

test("one that was seen to drain drains, also when an older heartbeat of it lands after", () => {
  const draining = lookedAt(undefined, lease({ state: "draining" }), 0);
  expect(lookedAt(draining, lease({ hbSeq: 1 }), 1_000)).toMatchObject({ leaving: true });
});

test("who holds a record that people set back is not the one who drained before under the same epoch", () => {
  const draining = lookedAt(undefined, lease({ state: "draining", hbSeq: 7 }), 0);
  const next = lookedAt(draining, lease({ owner: "b", claimId: "2" }), 1_000);
  expect(next).toMatchObject({ owner: "b", leaving: false, advances: 0, since: 1_000 });
});

test("one that has a record again that people set back is not the one that stood there before, under the same numbers", () => {
  const before = lookedAt(undefined, lease({ hbAt: new Date(1) }), 0);
  expect(lookedAt(before, lease({ hbAt: new Date(1) }), 2_000)).toMatchObject({ since: 0 });
  expect(lookedAt(before, lease({ hbAt: new Date(2) }), 2_000)).toMatchObject({ since: 2_000, advances: 0 });
});

test("a heartbeat that runs backwards was read before: it is no sign of life, and none that were counted count any more", () => {
  const looks = [
    [0, 0],
    [0, 20_000],
    [1, 22_000],
    [1, 50_000],
    [2, 52_000],
  ] as const;
  const alive = looks.reduce<Holder | undefined>(
    (before, [hbSeq, at]) => lookedAt(before, lease({ hbSeq }), at),
    undefined,
  );
  expect(alive).toMatchObject({ advances: 2 });
  const older = lookedAt(alive, lease({ hbSeq: 1 }), 180_000);
  expect(older).toMatchObject({ advances: 0, since: 180_000 });
  expect(lookedAt(older, lease({ hbSeq: 2 }), 182_000)).toMatchObject({ advances: 0 });
});

test("what comes soon after the first look is no heartbeat: a new primary may have shown an older record then", () => {
  const first = lookedAt(undefined, lease({}), 0);
  const soon = lookedAt(first, lease({ hbSeq: 1 }), 2_000);
  expect(soon).toMatchObject({ advances: 0, since: 2_000 });
  // One that goes on shows that it does: by the next one, as much after the first look.
  expect(lookedAt(lookedAt(soon, lease({ hbSeq: 1 }), 30_000), lease({ hbSeq: 2 }), 32_000)).toMatchObject({
    advances: 1,
  });
  expect(lookedAt(lookedAt(first, lease({}), 16_000), lease({ hbSeq: 1 }), 18_000)).toMatchObject({ advances: 1 });
});

test("two heartbeats count as two only if they came apart: not by when they were seen, after a time without looks", () => {
  const waited = lookedAt(lookedAt(undefined, lease({}), -20_000), lease({}), 0);
  const first = lookedAt(waited, lease({ hbSeq: 1 }), 2_000);
  expect(first).toMatchObject({ advances: 1 });
  // Both may have come just then, and the second was seen only now.
  expect(lookedAt(first, lease({ hbSeq: 2 }), 60_000)).toMatchObject({ advances: 1 });
  const unchanged = lookedAt(first, lease({ hbSeq: 1 }), 17_000);
  expect(lookedAt(unchanged, lease({ hbSeq: 2 }), 60_000)).toMatchObject({ advances: 2 });
  const sentBefore = watched(first, lease({ hbSeq: 1 }), { sent: 16_000, answered: 20_000 }, 30_000);
  expect(lookedAt(sentBefore, lease({ hbSeq: 2 }), 60_000)).toMatchObject({ advances: 1 });
});
