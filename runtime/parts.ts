import type { Run } from "./commands/main.ts";
import type { DatabaseSettings } from "./settings.ts";
import type { Store } from "./store/store.ts";

/** The heavy parts, each loaded when it is needed: `--version` and a wrong command line load neither. */

export async function openStore(_: DatabaseSettings): Promise<Store> {
  throw new Error("runtime/store/mongo.ts is not here yet");
}

export async function supervise(): Promise<Run> {
  throw new Error("runtime/run.ts is not here yet");
}
