import { describe, expect, test } from "vitest";
import { campaignOf } from "../../../runtime/lease/record.ts";
import { beat, begin, claimFree, end, giveBack, settle, step, takeOver } from "../../../runtime/lease/writes.ts";

const of = { id: "c1", epoch: 4, claimId: "mine" };
const effect = { attemptId: "c1-7-4-0", effect: "call", at: 0 };

function seen(status: string, fields: Record<string, unknown> = {}) {
  return campaignOf({ id: "c1", status, lease: { owner: "x", claimId: "theirs", epoch: 3, hbSeq: 9 }, ...fields });
}

describe("no write of an owner fits the record of another", () => {
  test.each([
    ["heartbeat", beat(of, "held")],
    ["begin", begin(of, 7, effect)],
    ["begin in place of an attempt that was taken back", begin(of, 7, { ...effect, replaces: "c1-7-4-9" })],
    ["done", step(of, 7, "done", "c1-7-4-0")],
    ["unknown", step(of, 7, "unknown", "c1-7-4-0")],
    ["absent", step(of, 7, "absent", "c1-7-4-0")],
    ["complete", end(of, "complete", "done")],
    ["fail", end(of, "fail", "broken")],
    ["release", end(of, "release", "tired")],
    ["given back", giveBack(of, "worker died", "interrupted")],
  ])("%s", (_, { expect: expected }) => {
    expect(expected).toMatchObject({ status: "running", "lease.epoch": 4, "lease.claimId": "mine" });
  });
});

describe("a write that lands late or twice fits only what it was made for", () => {
  test("an effect: this step, with nothing open", () => {
    expect(begin(of, 7, effect).expect).toMatchObject({ "resume.cursor": 7, "resume.dialing": null });
    expect(begin(of, 0, effect).expect["resume.cursor"]).toEqual([null, 0]);
  });

  test("a step: this step, and absolutely the next", () => {
    for (const outcome of ["done", "unknown"] as const) {
      expect(step(of, 7, outcome, "a")).toMatchObject({
        expect: { "resume.cursor": 7 },
        set: { "resume.cursor": 8, "resume.cursorEpoch": 4 },
        unset: ["resume.dialing"],
      });
    }
    expect(step(of, 7, "absent", "a").expect).toMatchObject({ "resume.cursor": 7, "resume.dialing.attemptId": "a" });
  });

  test("a claim: this epoch, and absolutely the next", () => {
    const claim = claimFree(seen("interrupted"), "me", of);
    expect(claim).toMatchObject({ expect: { status: "interrupted", "lease.epoch": 3 }, set: { "lease.epoch": 4 } });
    expect(claim.increment).toBeUndefined();
    expect(claimFree(seen("queued", { lease: null }), "me", of).expect["lease.epoch"]).toEqual([null, 0]);
  });

  test("a claim and a takeover: this step, since people set records back without their lease", () => {
    const campaign = seen("queued", { resume: { cursor: 2 } });
    expect(claimFree(campaign, "me", of).expect).toMatchObject({ "resume.cursor": 2 });
    expect(takeOver(campaign, "me", of).expect).toMatchObject({ "resume.cursor": 2 });
    expect(claimFree(seen("queued"), "me", of).expect).toMatchObject({ "resume.cursor": [null, 0] });
  });

  test("a takeover, and an end from outside: this owner at this heartbeat", () => {
    const unmoved = { status: "running", "lease.epoch": 3, "lease.claimId": "theirs", "lease.hbSeq": 9 };
    expect(takeOver(seen("running"), "me", of).expect).toEqual({ ...unmoved, "resume.cursor": [null, 0] });
    expect(settle(seen("running"), "failed", "too old")).toMatchObject({ expect: unmoved, set: { "lease.epoch": 4 } });
    expect(settle(seen("interrupted"), "failed", "too old").expect).toEqual({
      status: "interrupted",
      "lease.epoch": 3,
    });
  });

  test("no owner's time is compared in any of them: clocks decide nothing", () => {
    const all = [
      beat(of, "held"),
      begin(of, 7, effect),
      takeOver(seen("running"), "me", of),
      giveBack(of, "x", "interrupted"),
    ];
    for (const { expect: expected } of all) expect(Object.keys(expected).join()).not.toContain("At");
  });
});
