import { randomBytes } from "node:crypto";
import { nodeClock } from "./node-clock.ts";
import type { Log, Random } from "./ports.ts";
import { httpGet } from "./supervisor/node-http.ts";
import { nodeProcesses } from "./supervisor/node-processes.ts";
import { type Signals, signalNames } from "./supervisor/signals.ts";
import type { SupervisorParts } from "./supervisor/supervisor.ts";

/** Sixteen bytes take the system as long as a thousand. */
const AT_ONCE = 1_024;
let fresh = Buffer.alloc(0);

export const nodeRandom: Random = {
  bytes: (count) => {
    if (fresh.length < count) fresh = randomBytes(Math.max(count, AT_ONCE));
    const taken = fresh.subarray(0, count);
    fresh = fresh.subarray(count);
    return taken;
  },
  // 48 bits, of the 53 that a number has.
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

/** This process's signals. Taken until it has ended: without a listener one that comes last would change its exit code. */
const nodeSignals: Signals = (call) => {
  let over = false;
  for (const name of signalNames) process.on(name, () => over || call(name));
  return () => {
    over = true;
  };
};

/** What a run needs of a real machine. */
export function systemParts(log: Log): SupervisorParts & { readonly random: Random } {
  return { clock: nodeClock, random: nodeRandom, log, processes: nodeProcesses, signals: nodeSignals, get: httpGet };
}
