import { expect, test } from "vitest";
import type { State } from "../../../scripts/replica-set/history.ts";
import { storyOf } from "../../../scripts/replica-set/story.ts";

const state: State = {
  status: "queued",
  owner: "",
  claimId: "",
  epoch: 0,
  hbSeq: 0,
  cursor: 0,
  cursorEpoch: 0,
  dialing: undefined,
};
const owned = { ...state, status: "running", claimId: "claim-1", epoch: 1 };
const begun = { ...owned, dialing: { cursor: 0, epoch: 1, claimId: "claim-1", attemptId: "room-0" } };

test("a story has all that is known of one campaign, in its order, and of the containers that had to do with it", () => {
  const write = (before: State, after: State, from: number, campaign = "spring") => ({
    ...{ campaign, before, after, from },
    to: from + 0.5,
  });
  const deed = {
    kind: "effect",
    campaign: "spring",
    cursor: 0,
    epoch: 1,
    claimId: "claim-1",
    attemptId: "room-0",
  } as const;
  const said = (at: number, seat: string, message: string, ...campaigns: string[]) => ({
    at,
    seat,
    message,
    campaigns,
  });
  const story = storyOf("spring", {
    writes: [
      write(state, owned, 100),
      write(owned, { ...owned, hbSeq: 1 }, 101),
      write(owned, begun, 102),
      write(state, owned, 102, "autumn"),
    ],
    deeds: [{ ...deed, at: 103 }],
    said: [
      said(50, "c1", "long before"),
      said(101, "c1", "spring was claimed", "spring"),
      said(101.5, "c1", "no answer of the database"),
      said(101.5, "c2", "what another says of itself"),
      said(101.6, "c1", "autumn was claimed", "autumn"),
    ],
    hurts: [{ at: 102.5, what: "kill -9 of the primary" }],
  });
  expect(story).toEqual([
    "    3.000  written, within 0.500 s: status queued → running, claimId none → claim-1, epoch 0 → 1",
    "    4.000  c1: spring was claimed",
    "    4.500  c1: no answer of the database",
    "    5.000  written, within 0.500 s: dialing none → room-0",
    "    5.500  fault: kill -9 of the primary",
    "    6.000  effect 0 of epoch 1: room-0",
  ]);
});
