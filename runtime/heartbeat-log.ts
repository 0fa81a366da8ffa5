import { event } from "../domain/contract.ts";
import type { Seconds } from "../domain/duration.ts";
import { count } from "../domain/findings.ts";
import { executionOf } from "./identity.ts";
import type { Cancel, Clock, Log, Millis, Random } from "./ports.ts";

/** What a container is at, as its heartbeats say. */
export type Doing = "waiting" | "watching" | "running" | "restarting" | "draining" | "migrating" | "ending";

/** One sign of life. */
export interface Beat {
  readonly containerId: string;
  /** How long the runtime has run, in whole seconds. */
  readonly uptime: Seconds;
  readonly doing: Doing;
  /** How many campaigns it holds. */
  readonly campaigns: number;
}

/**
 * Writes the line that the alerts and the dashboard count. With a database the leases write it, at each heartbeat that
 * they send; without one `beatAlone` does.
 */
export function heartbeatLine(log: Log, { containerId, uptime, doing, campaigns }: Beat): void {
  log("INFO", event.heartbeat, `${doing} for ${uptime} s in all, with ${count(campaigns, "campaign")}`, {
    containerId,
    execution: executionOf(containerId),
    uptime,
    state: doing,
    campaigns,
  });
}

/** Ours: so that containers that were started together do not write together for ever. */
const JITTER = 0.1;

/** The time to the next heartbeat: the interval, a tenth more or less. */
export function untilNextBeat(interval: Millis, random: Random): Millis {
  return interval * (1 - JITTER + 2 * JITTER * random.fraction());
}

/** Heartbeats of a container without leases: a line at once, and then every interval. */
export function beatAlone(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  interval: Millis,
  line: () => void,
): Cancel {
  let cancel: Cancel;
  const write = () => {
    line();
    cancel = clock.after(untilNextBeat(interval, random), write);
  };
  write();
  return () => cancel();
}
