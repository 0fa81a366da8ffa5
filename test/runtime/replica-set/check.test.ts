/** The check of a real history, on small ones that are made by hand: each kind of loss, and what only looks like one. */
import { describe, expect, test } from "vitest";
import { check, type Deed, type GivenBack } from "../../../scripts/replica-set/check.ts";
import { type Change, historyOf, type Tick } from "../../../scripts/replica-set/history.ts";
import type { Accepted } from "../../../scripts/replica-set/senders.ts";

const CALLS = 2;

/** What happens in a history, one after another, a second apart. */
type Event =
  | { readonly writes: Readonly<Record<string, unknown>>; readonly sentBy?: string }
  | { readonly does: Partial<Deed> }
  | { readonly saysItGaveBack: string };

const claims = (epoch: number, claimId = `claim-${epoch}`): Event => ({
  writes: {
    status: "running",
    "lease.epoch": epoch,
    "lease.claimId": claimId,
    "lease.owner": `owner of ${claimId}`,
    "lease.hbSeq": 0,
  },
});
const beats = (hbSeq: number, sentBy?: string): Event => ({
  writes: { "lease.hbSeq": hbSeq },
  ...(sentBy !== undefined && { sentBy: `owner of ${sentBy}` }),
});
const begins = (cursor: number, epoch: number, claimId = `claim-${epoch}`): Event => ({
  writes: { "resume.dialing": { cursor, epoch, claimId, attemptId: `room-${cursor}-${claimId}` } },
});
const calls = (cursor: number, epoch: number, claimId = `claim-${epoch}`): Event => ({
  does: { kind: "effect", cursor, epoch, claimId, attemptId: `room-${cursor}-${claimId}` },
});
const hangsUp = (cursor: number, epoch: number): Event => ({
  does: { kind: "ended", cursor, epoch, claimId: `claim-${epoch}`, attemptId: `room-${cursor}-claim-${epoch}` },
});
const goesOn = (cursor: number, epoch: number): Event => ({
  does: { kind: "going", cursor, epoch, claimId: `claim-${epoch}`, attemptId: `room-${cursor}-claim-${epoch}` },
});
const closes = (cursor: number, epoch: number): Event => ({
  writes: { "resume.cursor": cursor + 1, "resume.cursorEpoch": epoch, "resume.dialing": null },
});
const isTold = (cursor: number, epoch: number): Event => ({
  does: { kind: "stepped", cursor, epoch, claimId: `claim-${epoch}`, attemptId: `room-${cursor}-claim-${epoch}` },
});
const ends = (status: string): Event => ({ writes: { status, "lease.state": "free" } });
const step = (cursor: number, epoch: number) => [
  begins(cursor, epoch),
  calls(cursor, epoch),
  hangsUp(cursor, epoch),
  closes(cursor, epoch),
  isTold(cursor, epoch),
];

/** As the replica set and the workers would have written it down. */
function violations(events: readonly Event[], kills: readonly number[] = []): readonly string[] {
  const changes: Change[] = [{ kind: "inserted", campaign: "spring", fields: { status: "queued" } }];
  const ticks: Tick[] = [];
  const deeds: Deed[] = [];
  const givenBack: GivenBack[] = [];
  const accepted: Accepted[] = [];
  let owner = "";
  for (const [at, event] of events.entries()) {
    ticks.push({ sent: at, answered: at + 0.1 });
    changes.push({ kind: "tick", tick: at });
    if ("writes" in event) {
      changes.push({ kind: "updated", campaign: "spring", set: event.writes, unset: [] });
      owner = String(event.writes["lease.owner"] ?? owner);
      accepted.push({ campaign: "spring", address: event.sentBy ?? owner });
    } else if ("saysItGaveBack" in event)
      givenBack.push({ campaign: "spring", owner: `owner of ${event.saysItGaveBack}` });
    else deeds.push({ campaign: "spring", at: at + 0.5, ...event.does } as Deed);
  }
  ticks.push({ sent: events.length, answered: events.length + 0.1 });
  changes.push({ kind: "tick", tick: events.length });
  return check(historyOf(changes, ticks), deeds, givenBack, { accepted, addressOf: (id) => id, kills }, CALLS).map(
    ({ rule, what }) => `${rule}: ${what}`,
  );
}

const good = [claims(1), ...step(0, 1), beats(1), ...step(1, 1), ends("completed")];

describe("a history without a fault", () => {
  test.each<[string, readonly Event[]]>([
    ["of one owner", good],
    [
      "of two, of which the first gave it back",
      [
        claims(1),
        ...step(0, 1),
        ends("interrupted"),
        { saysItGaveBack: "claim-1" },
        claims(2),
        ...step(1, 2),
        ends("completed"),
      ],
    ],
    [
      "of two, of which the first died in a call",
      [claims(1), begins(0, 1), calls(0, 1), claims(2), closes(0, 2), ...step(1, 2), ends("completed")],
    ],
    [
      "of two, of which the first died before its call",
      [
        claims(1),
        begins(0, 1),
        claims(2),
        { writes: { "resume.dialing": null } },
        ...step(0, 2),
        ...step(1, 2),
        ends("completed"),
      ],
    ],
  ])("%s is accepted", (_, events) => {
    expect(violations(events)).toEqual([]);
  });
});

describe("the check finds", () => {
  test.each<[string, readonly Event[], string]>([
    [
      "two owners of one epoch",
      [claims(1), claims(1, "another"), ...step(0, 1), ...step(1, 1), ends("completed")],
      "owners: epoch 1 of claim-1 became epoch 1 of another",
    ],
    [
      "an epoch that goes back",
      [claims(2), claims(1), ...step(0, 1), ...step(1, 1), ends("completed")],
      "owners: epoch 2 of claim-2 became epoch 1 of claim-1",
    ],
    [
      "an epoch that changes under an owner",
      [claims(1), ...step(0, 1), { writes: { "lease.epoch": 2 } }, ...step(1, 1), ends("completed")],
      "owners: epoch 1 of claim-1 became epoch 2 of claim-1",
    ],
    [
      "a step that a past owner closed",
      [claims(1), begins(0, 1), calls(0, 1), claims(2), closes(0, 1), ...step(1, 2), ends("completed")],
      "stale: step 0 was closed under epoch 1, in epoch 2 of claim-2",
    ],
    [
      "an effect that a past owner began",
      [
        claims(1),
        claims(2),
        begins(0, 1),
        { writes: { "resume.dialing": null } },
        ...step(0, 2),
        ...step(1, 2),
        ends("completed"),
      ],
      "stale: room-0-claim-1 was begun under epoch 1 of claim-1, in epoch 2 of claim-2",
    ],
    [
      "a heartbeat for a campaign that nobody has",
      [claims(1), ...step(0, 1), ends("interrupted"), beats(7), claims(2), ...step(1, 2), ends("completed")],
      "stale: a heartbeat was written to a campaign that was interrupted, in epoch 1 of claim-1",
    ],
    [
      "a heartbeat of a past owner, which says no name",
      [claims(1), claims(2), ...step(0, 2), beats(1, "claim-1"), ...step(1, 2), ends("completed")],
      "stale: 7 writes in the name of owner of claim-2, which sent 6",
    ],
    [
      "an ending that lands after another one",
      [...good, ends("interrupted"), claims(2), ends("completed")],
      "stale: completed became interrupted, in epoch 1 of claim-1",
    ],
    [
      "a campaign that was given back over its owner's head",
      [
        claims(1),
        begins(0, 1),
        ends("interrupted"),
        calls(0, 1),
        claims(2),
        closes(0, 2),
        ...step(1, 2),
        ends("completed"),
      ],
      "stale: epoch 1 became interrupted while its owner was at work: it went on to 0",
    ],
    [
      "a past owner that gives back what is another's, whose worker had the luck to be at rest",
      [
        claims(1),
        claims(2),
        ...step(0, 2),
        ends("interrupted"),
        { saysItGaveBack: "claim-1" },
        claims(3),
        ...step(1, 3),
        ends("completed"),
      ],
      "stale: owner of claim-1 gave back 1 times what was its own 0 times",
    ],
    [
      "the same call twice, by one owner",
      [claims(1), ...step(0, 1), ...step(1, 1), calls(1, 1), ends("completed")],
      "twice: call 1 in epoch 1, and 4.000 s later in epoch 1",
    ],
    [
      "the same call twice, by two owners",
      [
        claims(1),
        begins(0, 1),
        calls(0, 1),
        claims(2),
        { writes: { "resume.dialing": null } },
        ...step(0, 2),
        ...step(1, 2),
        ends("completed"),
      ],
      "twice: call 0 in epoch 1, and 4.000 s later in epoch 2",
    ],
    [
      "a call of an owner whose campaign was taken over",
      [claims(1), begins(0, 1), claims(2), calls(0, 1), closes(0, 2), ...step(1, 2), ends("completed")],
      "late: call 0 in epoch 1, 1.500 s after that had become epoch 2",
    ],
    [
      "a call that goes on when the campaign was taken over",
      [claims(1), begins(0, 1), calls(0, 1), claims(2), hangsUp(0, 1), closes(0, 2), ...step(1, 2), ends("completed")],
      "late: going on with call 0 in epoch 1, 1.500 s after that had become epoch 2",
    ],
    [
      "a call that went on when the campaign was taken over, until its worker was killed",
      [
        claims(1),
        begins(0, 1),
        calls(0, 1),
        claims(2),
        goesOn(0, 1),
        goesOn(0, 1),
        closes(0, 2),
        ...step(1, 2),
        ends("completed"),
      ],
      "late: going on with call 0 in epoch 1, 2.500 s after that had become epoch 2",
    ],
    [
      "a call that goes on when its owner has given the campaign back",
      [
        claims(1),
        begins(0, 1),
        calls(0, 1),
        ends("interrupted"),
        hangsUp(0, 1),
        claims(2),
        closes(0, 2),
        ...step(1, 2),
        ends("completed"),
      ],
      "late: going on with call 0 in epoch 1, 0.400 s after that had become interrupted",
    ],
    [
      "a call that is written down only after it",
      [claims(1), calls(0, 1), begins(0, 1), closes(0, 1), ...step(1, 1), ends("completed")],
      "unwritten: call 0 in epoch 1: room-0-claim-1 was written down 0.500 s later, or more",
    ],
    [
      "a call that no record knows of",
      [claims(1), calls(0, 1), closes(0, 1), ...step(1, 1), ends("completed")],
      "unwritten: call 0 in epoch 1: room-0-claim-1 is in no record of that step",
    ],
    [
      "a call under the name of the one before",
      [
        claims(1),
        ...step(0, 1),
        { does: { kind: "effect", cursor: 1, epoch: 1, claimId: "claim-1", attemptId: "room-0-claim-1" } },
        closes(1, 1),
        ends("completed"),
      ],
      "unwritten: call 1 in epoch 1: room-0-claim-1 is in no record of that step",
    ],
    [
      "a step that was acknowledged and rolled back",
      [claims(1), begins(0, 1), calls(0, 1), isTold(0, 1), claims(2), closes(0, 2), ...step(1, 2), ends("completed")],
      "lost: step 0 was acknowledged in epoch 1, and is in no record",
    ],
    [
      "a cursor that jumps",
      [claims(1), ...step(0, 1), begins(1, 1), calls(1, 1), closes(2, 1), ends("completed")],
      "lost: step 1 was followed by step 3",
    ],
    [
      "a cursor that goes back below what was acknowledged",
      [...good.slice(0, -1), closes(0, 1), ends("completed")],
      "lost: step 1 was acknowledged in epoch 1; the record ends at 1",
    ],
    ["a campaign that is left", good.slice(0, -1), "unfinished: it is running, at step 2 of 2"],
    [
      "a campaign that was completed too early",
      [claims(1), ...step(0, 1), ends("completed")],
      "unfinished: it is completed at step 1 of 2",
    ],
    [
      "a call that nobody made",
      [claims(1), ...step(0, 1), closes(1, 1), ends("completed")],
      "unfinished: call 1 was never made",
    ],
  ])("%s", (_, events, violation) => {
    expect(violations(events)).toContain(violation);
  });
});

test("what a server did just before it was killed, and did not write down, is nobody's fault", () => {
  const events = [claims(1), claims(2), ...step(0, 2), beats(1, "claim-1"), ...step(1, 2), ends("completed")];
  expect(violations(events, [6])).toEqual([]);
  expect(violations(events, [100])).toHaveLength(1);
});

test("a write is as old as the ticks around it say: one that was not answered says nothing", () => {
  const ticks = [
    { sent: 1, answered: 1.1 },
    { sent: 2, answered: undefined },
    { sent: 3, answered: 3.1 },
  ];
  const changes: readonly Change[] = [
    { kind: "inserted", campaign: "spring", fields: { status: "queued" } },
    { kind: "tick", tick: 0 },
    { kind: "updated", campaign: "spring", set: { "lease.epoch": 1 }, unset: [] },
    { kind: "tick", tick: 1 },
    { kind: "tick", tick: 2 },
  ];
  expect(historyOf(changes, ticks).writes).toMatchObject([{ from: 1, to: 3.1 }]);
});

test("a history with a hole is none", () => {
  expect(() => historyOf([{ kind: "updated", campaign: "spring", set: {}, unset: [] }], [])).toThrow("a hole");
});
