import { event } from "../domain/contract.ts";
import { LeaseKeeper } from "./lease/lease-keeper.ts";
import { timingOf } from "./lease/timing.ts";
import { messageOf } from "./message.ts";
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

/** The leases of one container over a store. Its indexes are seen to on the way: nobody waits for them. */
export function openLeases(
  store: Store,
  { settings, containerId, line, open }: LeasesOrder,
  ports: LeasesPorts,
): LeaseKeeper {
  store.prepare().catch((error: unknown) => {
    ports.log("WARNING", event.databaseUnavailable, "The indexes could not be seen to: without them sweeps are slow.", {
      reason: messageOf(error),
    });
  });
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
