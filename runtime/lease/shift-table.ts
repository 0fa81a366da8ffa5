import type { Instant } from "../../domain/zone.ts";
import type { Millis } from "../ports.ts";
import type { Lease } from "./record.ts";

/** A shift's record, as a start sees it. */
export interface SeenShift {
  /** `running`, `interrupted` or `completed`; what else people write is as good as `interrupted`. */
  readonly status: string;
  readonly lease: Lease;
  /** Until when it was completed. */
  readonly endsAt: Instant | undefined;
}

/** What this start knows of the holder, by its own clock. */
export interface Watched {
  /** Heartbeats that were seen to come, each at least half an interval after the one before. */
  readonly advances: number;
  readonly unmovedFor: Millis;
  /** Whether it was seen, once in its epoch, to drain, or is being moved at the moment. */
  readonly leaving: boolean;
}

export interface ShiftView {
  readonly seen: SeenShift | undefined;
  readonly watched: Watched;
  /** Whether the holder is gone for certain: an earlier attempt of the same task, or a container that said so itself. */
  readonly holderGone: boolean;
  readonly closes: Instant;
  readonly observe: Millis;
}

export type ShiftMove = "create" | "claim" | "take over" | "watch" | "leave: duplicate" | "leave: completed";

/** Two: one may be a dead holder's write that landed late. */
const ADVANCES_OF_THE_LIVING = 2;

/** What a start does, by what it sees: the first row that fits. */
export const shiftTable: readonly {
  readonly sees: string;
  readonly fits: (view: ShiftView) => boolean;
  readonly does: ShiftMove;
}[] = [
  { sees: "no record", fits: ({ seen }) => seen === undefined, does: "create" },
  {
    sees: "completed, until my closing or later",
    fits: ({ seen, closes }) => seen?.status === "completed" && (seen.endsAt ?? 0) >= closes,
    does: "leave: completed",
  },
  { sees: "given back, or completed too early", fits: ({ seen }) => seen?.status !== "running", does: "claim" },
  {
    sees: "held by an earlier attempt of the same task, or by a container that has stopped",
    fits: ({ holderGone }) => holderGone,
    does: "take over",
  },
  {
    sees: "held, and its holder has not moved for the whole observation",
    fits: ({ watched, observe }) => watched.unmovedFor >= observe,
    does: "take over",
  },
  {
    sees: "held, and its holder drains or is being moved",
    fits: ({ watched }) => watched.leaving,
    does: "watch",
  },
  {
    sees: "held, and two heartbeats of its holder have come",
    fits: ({ watched }) => watched.advances >= ADVANCES_OF_THE_LIVING,
    does: "leave: duplicate",
  },
  { sees: "held, not yet decided", fits: () => true, does: "watch" },
];

export function shiftMove(view: ShiftView): ShiftMove {
  const row = shiftTable.find(({ fits }) => fits(view));
  if (row === undefined) throw new Error("no row of the shift's table fits");
  return row.does;
}
