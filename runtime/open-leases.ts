import { LeaseKeeper } from "./lease/lease-keeper.ts";
import { timingOf } from "./lease/timing.ts";
import type { Clock, Log, Random } from "./ports.ts";
import type { Settings } from "./settings.ts";
import type { Store } from "./store/store.ts";

export interface LeasesOrder {
  readonly settings: Pick<Settings, "interval" | "orphanAfter" | "capacity" | "recoveryPolicy" | "recoveryLimit">;
  readonly containerId: string;
  /** Writes the log line of a heartbeat: called at each, with the number of campaigns held. */
  readonly line: (campaigns: number) => void;
  /** Whether the clinic is open now. Always, without a calendar. */
  readonly open: () => boolean;
}

export interface LeasesPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The leases of one container over a store. */
export function openLeases(
  store: Store,
  { settings, containerId, line, open }: LeasesOrder,
  ports: LeasesPorts,
): LeaseKeeper {
  return new LeaseKeeper({
    containerId,
    store,
    ...ports,
    timing: timingOf(settings.interval, settings.orphanAfter),
    capacity: settings.capacity,
    rules: { policy: settings.recoveryPolicy, limit: settings.recoveryLimit },
    open,
    line,
  });
}
