/** The runtime's leases as they are shipped, over a database of this machine. */
import { randomUUID } from "node:crypto";
import { jsonLog } from "../../../runtime/json-log.ts";
import type { LeaseKeeper } from "../../../runtime/lease/lease-keeper.ts";
import { nodeClock } from "../../../runtime/node-clock.ts";
import { openLeases } from "../../../runtime/open-leases.ts";
import type { DatabaseSettings } from "../../../runtime/settings.ts";
import { defaultNames } from "../../../runtime/store/names.ts";
import type { Store } from "../../../runtime/store/store.ts";
import { nodeRandom } from "../../../runtime/system.ts";

export function databaseAt(uri: string, database: string): DatabaseSettings {
  return { uri, database, names: defaultNames };
}

/** @param interval of the heartbeats, in seconds */
export function leasesOver(store: Store, { capacity, interval }: { capacity: number; interval: number }): LeaseKeeper {
  const order = {
    settings: { interval, orphanAfter: 120, capacity, recoveryPolicy: "resume", recoveryLimit: 3 },
    containerId: `bench/0/0/${randomUUID()}`,
    line: () => {},
    open: () => true,
  } as const;
  // Lines are made and not written: what reads them is another's business.
  return openLeases(store, order, { clock: nodeClock, random: nodeRandom, log: jsonLog(() => {}, nodeClock) });
}
