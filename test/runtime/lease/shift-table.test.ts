import { describe, expect, test } from "vitest";
import type { LeaseState } from "../../../runtime/lease/record.ts";
import { type SeenShift, type ShiftView, shiftMove, shiftTable } from "../../../runtime/lease/shift-table.ts";

const CLOSES = Date.UTC(2027, 5, 7, 16);

function shift(
  status: SeenShift["status"],
  state: LeaseState = "held",
  endsAt: number | undefined = CLOSES,
): SeenShift {
  return { status, lease: { owner: "x", claimId: "y", epoch: 1, hbSeq: 1, hbAt: undefined, state }, endsAt };
}

function view(seen: SeenShift | undefined, of: Partial<ShiftView> = {}): ShiftView {
  return {
    seen,
    watched: { advances: 0, unmovedFor: 0, leaving: false },
    holderGone: false,
    closes: CLOSES,
    observe: 126_000,
    ...of,
  };
}

const alive = { watched: { advances: 2, unmovedFor: 4_000, leaving: false } };
const leaves = { watched: { advances: 2, unmovedFor: 4_000, leaving: true } };
const still = { watched: { advances: 0, unmovedFor: 126_000, leaving: false } };

describe("a start does what the record says", () => {
  test.each([
    ["no record", view(undefined), "create"],
    ["completed until my closing", view(shift("completed")), "leave: completed"],
    ["completed until after my closing", view(shift("completed", "free", CLOSES + 1)), "leave: completed"],
    ["completed before my closing: hours were prolonged", view(shift("completed", "free", CLOSES - 1)), "claim"],
    ["completed, nobody knows until when", view({ ...shift("completed"), endsAt: undefined }), "claim"],
    ["given back", view(shift("interrupted", "free")), "claim"],
    ["held by one that is gone for certain", view(shift("running"), { holderGone: true }), "take over"],
    [
      "held by one that is gone for certain, whose write landed late",
      view(shift("running"), { holderGone: true, ...alive }),
      "take over",
    ],
    ["held, seen for the first time", view(shift("running")), "watch"],
    [
      "held, advanced once: that may be a dead holder's write that landed late",
      view(shift("running"), { watched: { advances: 1, unmovedFor: 0, leaving: false } }),
      "watch",
    ],
    ["held, advanced twice", view(shift("running"), alive), "leave: duplicate"],
    [
      "held, unmoved a millisecond too short",
      view(shift("running"), { watched: { advances: 0, unmovedFor: 125_999, leaving: false } }),
      "watch",
    ],
    ["held, unmoved for the whole observation", view(shift("running"), still), "take over"],
    [
      "held, advanced twice and then unmoved for the whole observation",
      view(shift("running"), { watched: { advances: 2, unmovedFor: 126_000, leaving: false } }),
      "take over",
    ],
    ["held by one that drains or is being moved, and lives", view(shift("running"), leaves), "watch"],
    ["held by one that drained and no longer moves", view(shift("running", "draining"), still), "take over"],
  ] as const)("%s", (_, seen, move) => {
    expect(shiftMove(seen)).toBe(move);
  });

  test("every row of the table is needed", () => {
    const views = [
      view(undefined),
      view(shift("completed")),
      view(shift("interrupted")),
      view(shift("running"), { holderGone: true }),
      view(shift("running"), still),
      view(shift("running"), leaves),
      view(shift("running"), alive),
      view(shift("running")),
    ];
    const used = views.map((each) => shiftTable.find(({ fits }) => fits(each))?.sees);
    expect(used).toEqual(shiftTable.map(({ sees }) => sees));
  });
});
