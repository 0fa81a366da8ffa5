import { event } from "../domain/contract.ts";
import type { Cancel, Clock, Log, Millis, Random } from "./ports.ts";

/** What a container is at, as its heartbeats say. */
export type Doing = "waiting" | "watching" | "running" | "restarting" | "draining" | "migrating" | "ending";

/** One sign of life. */
export interface Beat {
  readonly containerId: string;
  /** CLOUD_RUN_EXECUTION, or `local`. */
  readonly execution: string;
  /** How long the runtime has run. */
  readonly uptime: Millis;
  readonly doing: Doing;
  /** How many campaigns it holds. */
  readonly campaigns: number;
}

/**
 * Writes the line that the alerts and the dashboard count. With a database the leases write it, at each heartbeat that
 * they send; without one `beatAlone` does.
 */
export function heartbeatLine(log: Log, { containerId, execution, uptime, doing, campaigns }: Beat): void {
  const seconds = Math.round(uptime / 1000);
  const holding = `${campaigns} ${campaigns === 1 ? "campaign" : "campaigns"}`;
  log("INFO", event.heartbeat, `${doing} for ${seconds} s in all, with ${holding}`, {
    containerId,
    execution,
    uptime: seconds,
    state: doing,
    campaigns,
  });
}

/** Ours: so that containers that were started together do not write together for ever. */
export const JITTER = 0.1;

/** The time to the next heartbeat: the interval, a tenth more or less. */
export function untilNextBeat(interval: Millis, random: Random): Millis {
  return interval * (1 - JITTER + 2 * JITTER * random.fraction());
}

/** Heartbeats of a container without a database: a line at once, and then every interval. */
export function beatAlone(
  { clock, random, log }: { readonly clock: Clock; readonly random: Random; readonly log: Log },
  interval: Millis,
  beat: () => Beat,
): Cancel {
  let cancel: Cancel;
  const write = () => {
    heartbeatLine(log, beat());
    cancel = clock.after(untilNextBeat(interval, random), write);
  };
  write();
  return () => cancel();
}
