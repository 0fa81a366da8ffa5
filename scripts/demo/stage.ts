import { leastOrphanAfter } from "../../domain/heartbeat.ts";
import type { Campaign } from "../../runtime/lease/record.ts";
import { timingOf } from "../../runtime/lease/timing.ts";
import type { StillCampaign } from "../../runtime/leases.ts";

export type Name = "A" | "B";

/** Seconds. As quick as the settings allow, so that somebody watches to the end. */
export const interval = 1;
export const orphanAfter = leastOrphanAfter(interval);
const timing = timingOf(interval, orphanAfter);
/** For how long B must have watched A's campaign, in seconds. */
export const observe = timing.observe / 1000;
/** For how long A may act after its last heartbeat, in seconds. */
export const trust = timing.trust / 1000;
/** How often a worker asks for a campaign, in seconds. */
export const poll = 0.5;

export const campaignIds = ["spring-recalls", "flu-reminders"] as const;
export const callsEach = 4;
const callSeconds = 3;

/** What a container's environment says besides where its database is. */
export function environmentOf(name: Name, effects: string): Readonly<Record<string, string>> {
  return {
    HEARTBEAT_INTERVAL: `${interval}s`,
    ORPHAN_DETECTION_THRESHOLD: `${orphanAfter}s`,
    // B has room for what A leaves.
    AGENT_CAPACITY: name === "A" ? "1" : "2",
    // The worker is not one of LiveKit's.
    AGENT_WORKER_HEALTH: "off",
    EFFECTS_FILE: effects,
    CALLS: `${callsEach}`,
    CALL_SECONDS: `${callSeconds}`,
    POLL_SECONDS: `${poll}`,
  };
}

/** A container in the story. */
export interface Actor {
  /** The runtime's id, once it has said it. */
  readonly containerId: string | undefined;
  /** Every process of a worker that it has had. */
  readonly workers: ReadonlySet<number>;
  /** Whether it has ended by itself. */
  readonly over: boolean;
  /** Its last lines, for people who ask why it ended. */
  readonly lastLines: readonly string[];
  /** Others' campaigns that it watches not to move. */
  still(): Promise<readonly StillCampaign[]>;
  /** SIGKILL to everything in it at once. */
  kill(): void;
}

/** Where the story plays: the database, and the containers around it. */
export interface Stage {
  /** What is real, and what is not. */
  readonly told: string;
  start(name: Name): Actor;
  campaigns(): Promise<readonly Campaign[]>;
  /** Ends all of it, and leaves nothing. */
  close(): Promise<void>;
}
