/** The heavy parts, each loaded when it is needed: `--version` and a wrong command line load none. */
import type { Run } from "./commands/main.ts";
import type { Log } from "./ports.ts";
import type { LeasesOrder } from "./run.ts";
import type { DatabaseSettings } from "./settings.ts";
import type { Store } from "./store/store.ts";

/** @throws FindingsError */
export async function openStore(database: DatabaseSettings): Promise<Store> {
  const { openMongo } = await import("./store/mongo.ts");
  return openMongo(database);
}

/** The supervisor over this machine, a real database and the worker's socket. */
export async function supervisor(environment: NodeJS.ProcessEnv, log: Log): Promise<Run> {
  const [{ run }, { systemParts }, { openSocket }, { openHealthPort }] = await Promise.all([
    import("./run.ts"),
    import("./system.ts"),
    import("./socket/server.ts"),
    import("./socket/health-port.ts"),
  ]);
  const parts = systemParts(log);
  const openLeases = async ({ database, settings, containerId, line, open }: LeasesOrder) => {
    const [{ LeaseKeeper }, { timingOf }] = await Promise.all([
      import("./lease/lease-keeper.ts"),
      import("./lease/timing.ts"),
    ]);
    const { clock, random } = parts;
    return new LeaseKeeper({
      ...{ containerId, clock, random, log, line, open },
      store: await openStore(database),
      timing: timingOf(settings.interval, settings.orphanAfter),
      capacity: settings.capacity,
      rules: { policy: settings.recoveryPolicy, limit: settings.recoveryLimit },
    });
  };
  return (settings, command) =>
    run(settings, command, { ...parts, environment, openLeases, openSocket, openHealthPort });
}
