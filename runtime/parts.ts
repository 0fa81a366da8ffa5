import type { Run } from "./commands/main.ts";
import type { Log } from "./ports.ts";
import type { DatabaseSettings } from "./settings.ts";
import type { Store } from "./store/store.ts";

/** The heavy parts, each loaded when it is needed: `--version` loads none, a worker without a database no driver. */

export async function openStore(database: DatabaseSettings): Promise<Store> {
  const { openMongo } = await import("./store/mongo.ts");
  return openMongo(database);
}

/** What runs a worker on this machine. */
export async function supervise(log: Log): Promise<Run> {
  const [{ run }, { systemParts }] = await Promise.all([import("./run.ts"), import("./system.ts")]);
  const parts = systemParts(log);
  return (settings, command) =>
    run(settings, command, {
      ...parts,
      environment: process.env,
      openLeases: async (order) => {
        const { openLeases } = await import("./open-leases.ts");
        return openLeases(await openStore(order.database), order, parts);
      },
      openSocket: async (order) => (await import("./socket/server.ts")).openSocket(order),
      openHealthPort: async (port, probe) => (await import("./socket/health-port.ts")).openHealthPort(port, probe),
    });
}
