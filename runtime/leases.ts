import type { Instant } from "../domain/zone.ts";
import type { Campaigns } from "./lease/campaigns.ts";

/** The record of one shift: whoever holds it works. */
export interface ShiftRecord {
  /** The Job's full name, the opening's date and its window. */
  readonly id: string;
  readonly closes: Instant;
}

/** What a start is to do, by the shift's record (the table in docs/runtime.md). */
export type Entry =
  /** Start the worker. Without a lease when the database did not answer, or did not decide in time. */
  | { readonly enter: "run"; readonly leased: boolean }
  /** Another execution has this shift, or it is over. */
  | { readonly enter: "leave"; readonly why: "duplicate" | "completed" };

/** How a container leaves its shift. */
export type Leaving =
  /** At closing: nobody is to start it again. */
  | "completed"
  /** A SIGTERM, the end of AGENT_RUN_FOR, or a worker that dies again and again: the next start may have it at once. */
  | "released";

/** Another container's campaign whose owner has been seen not to move. */
export interface StillCampaign {
  readonly id: string;
  readonly unmovedSeconds: number;
  /** In how many seconds it may be taken over, if its owner still does not move. */
  readonly dueInSeconds: number;
}

/** What the supervisor has of the database: the shift, the campaigns, the container's own record. */
export interface Leases {
  readonly campaigns: Campaigns;
  /** Whether the shift's record is this container's, as far as it knows now. */
  readonly shiftLeased: boolean;
  /** For people and probes: the campaigns of others that are watched, those nearest to a takeover first. */
  still(): readonly StillCampaign[];
  /**
   * Begins heartbeats, once; the database is not asked for anything before. `enterShift` and `workerStarted` begin them too.
   * Never throws and never waits: without an answer it goes on trying.
   */
  start(): void;
  /**
   * Decides by the shift's record whether this container works. Watches another holder for as long as that takes,
   * unless `signal` aborts (then it answers `leave`).
   */
  enterShift(shift: ShiftRecord, signal: AbortSignal): Promise<Entry>;
  /** Sweeps and hands out campaigns from now on. */
  workerStarted(): void;
  /** Called once when the shift belongs to another execution: stop taking calls, drain, leave with 0. */
  onShiftLost(call: () => void): void;
  /** Called when a worker did not confirm that a fenced campaign stopped: its group is to be killed and started anew. */
  onUnconfirmed(call: () => void): void;
  /**
   * No new claims, no new effects, no sweeps; the heartbeats go on.
   * @param why `draining` at closing, with time for calls to end; `closing` when the container ends in seconds
   */
  drain(why: "draining" | "closing"): void;
  /**
   * Nothing of the worker is alive any more: its campaigns go back, in at most 2 s.
   * @param cause `crashed` counts against the campaigns, `killed` (by the runtime, for another's sake or at the end) does not
   */
  workerDead(cause: "crashed" | "killed"): Promise<void>;
  /** SIGTSTP: the machine is about to be moved. */
  migrating(): void;
  /** SIGCONT: connections are broken, and nothing that was seen before counts. */
  resumed(): void;
  /**
   * The last thing, in at most 2 s.
   * @param leaving how the shift ends, or undefined while something of the worker may still live: then nothing is
   *   given back, and the leases end by themselves
   */
  finish(leaving: Leaving | undefined): Promise<void>;
}
