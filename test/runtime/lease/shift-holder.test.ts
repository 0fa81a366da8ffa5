import { expect, test } from "vitest";
import type { Lease } from "../../../runtime/lease/record.ts";
import { watched } from "../../../runtime/lease/shift-holder.ts";

const lease = (fields: Partial<Lease>): Lease => ({
  owner: "a",
  claimId: "1",
  epoch: 1,
  hbSeq: 0,
  hbAt: undefined,
  state: "held",
  ...fields,
});

test("one that was seen to drain drains, also when an older heartbeat of it lands after", () => {
  const draining = watched(undefined, lease({ state: "draining" }), 0, 30_000);
  expect(watched(draining, lease({ hbSeq: 1 }), 1_000, 30_000)).toMatchObject({ leaving: true });
});

test("who holds a record that people set back is not the one who drained before under the same epoch", () => {
  const draining = watched(undefined, lease({ state: "draining", hbSeq: 7 }), 0, 30_000);
  const next = watched(draining, lease({ owner: "b", claimId: "2" }), 1_000, 30_000);
  expect(next).toMatchObject({ owner: "b", leaving: false, advances: 0, since: 1_000 });
});

test("a heartbeat that runs backwards was read before: it is no sign of life, and none that were counted count any more", () => {
  const alive = [0, 1, 2].reduce<ReturnType<typeof watched> | undefined>(
    (before, hbSeq) => watched(before, lease({ hbSeq }), hbSeq * 60_000, 30_000),
    undefined,
  );
  expect(alive).toMatchObject({ advances: 2 });
  const older = watched(alive, lease({ hbSeq: 1 }), 180_000, 30_000);
  expect(older).toMatchObject({ advances: 0, since: 180_000 });
  expect(watched(older, lease({ hbSeq: 2 }), 182_000, 30_000)).toMatchObject({ advances: 1 });
});
