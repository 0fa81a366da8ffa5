/** Whom a campaign may be taken from: one that had gone or could not be heard of, and only after a record that stood still. */
import { expect, test } from "vitest";
import type { Life, Line } from "../../../scripts/replica-set/containers.ts";
import { type Change, historyOf } from "../../../scripts/replica-set/history.ts";
import { type Absence, takenFromLiving } from "../../../scripts/replica-set/takeovers.ts";

const OBSERVED = 49;
const claims = (at: number, epoch: number, owner: string, status = "running") => ({
  at,
  set: { status, "lease.epoch": epoch, "lease.claimId": `claim-${epoch}`, "lease.owner": owner, "lease.hbSeq": 0 },
});
const beats = (at: number, hbSeq: number) => ({ at, set: { "lease.hbSeq": hbSeq } });
const says = (at: number, event: string, epoch = 1): Line => ({ at, event, message: "", campaign: "spring", epoch });
const claimed = says(1, "campaign_claimed");

function taken(
  writes: readonly { readonly at: number; readonly set: Readonly<Record<string, unknown>> }[],
  life: Partial<Life> = {},
  absences: readonly Absence[] = [],
): readonly string[] {
  const changes: Change[] = [{ kind: "inserted", campaign: "spring", fields: { status: "queued" } }];
  for (const [tick, { set }] of writes.entries())
    changes.push({ kind: "tick", tick }, { kind: "updated", campaign: "spring", set, unset: [] });
  changes.push({ kind: "tick", tick: writes.length });
  // Each write is known to the half second before and after it.
  const around = [...writes.map(({ at }) => at - 0.5), (writes.at(-1)?.at ?? 0) + 0.5];
  const { writes: history } = historyOf(
    changes,
    around.map((at) => ({ sent: at, answered: at })),
  );
  const one: Life = { seat: "c1", owner: "one", lines: [claimed], toldAt: undefined, ended: undefined, ...life };
  return takenFromLiving(history, [one], absences, OBSERVED).map(({ rule, of, what }) => `${rule} ${of}: ${what}`);
}

const stood = [claims(1, 1, "one"), beats(10, 1), claims(60, 2, "two")];
const moved = [claims(1, 1, "one"), beats(20, 1), claims(60, 2, "two")];
const stopped = { owner: "one", from: 10, to: 61 };
const living = "taken spring: epoch 1 was taken from c1, to which nothing had happened";

test.each<[string, ...Parameters<typeof taken>]>([
  ["that was stopped", stood, {}, [stopped]],
  ["that was stopped, and woke while it was taken", stood, {}, [{ ...stopped, to: 59.8 }]],
  ["that has ended", stood, { toldAt: 11, ended: { at: 12, code: 143 } }],
  ["that had just said that nothing of it lives", moved, { toldAt: 59, ended: { at: 60.9, code: 143 } }],
  ["that had said that it may not go on", stood, { lines: [claimed, says(43, "campaign_fenced")] }],
  ["that never learned that it had it", stood, { lines: [] }],
  ["by that itself", [claims(1, 1, "one"), beats(10, 1), claims(60, 2, "one")]],
  [
    "that gave it back, where nothing is taken",
    [claims(1, 1, "one"), { at: 5, set: { status: "interrupted" } }, claims(6, 2, "two")],
  ],
])("from an owner %s, a campaign may be taken", (_, ...of) => {
  expect(taken(...of)).toEqual([]);
});

test.each<[string, string, ...Parameters<typeof taken>]>([
  ["one to which nothing had happened", living, stood],
  ["one that was stopped long ago", living, stood, {}, [{ ...stopped, from: 2, to: 9 }]],
  ["one that was stopped only after that", living, stood, {}, [{ ...stopped, from: 61 }]],
  ["one beside another that was stopped", living, stood, {}, [{ ...stopped, owner: "three" }]],
  ["one that ends later", living, stood, { toldAt: 70, ended: { at: 71, code: 143 } }],
  ["one that was fenced in an earlier epoch", living, stood, { lines: [says(0, "campaign_fenced", 0), claimed] }],
  ["one that was fenced only after that", living, stood, { lines: [claimed, says(61, "campaign_fenced")] }],
  [
    "one that has moved, though it was stopped since",
    "taken spring: epoch 1 was taken from c1, which had moved 41.000 s before",
    moved,
    {},
    [{ ...stopped, from: 21 }],
  ],
])("a campaign that was taken from %s is found", (_, violation, ...of) => {
  expect(taken(...of)).toEqual([violation]);
});
