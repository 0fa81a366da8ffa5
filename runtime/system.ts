import { randomBytes } from "node:crypto";
import { nodeClock } from "./node-clock.ts";
import type { Log, Random } from "./ports.ts";
import { httpGet } from "./supervisor/node-http.ts";
import { nodeProcesses } from "./supervisor/node-processes.ts";
import { type Signals, signalNames } from "./supervisor/signals.ts";
import type { SupervisorParts } from "./supervisor/supervisor.ts";

export const nodeRandom: Random = {
  bytes: (count) => randomBytes(count),
  // 48 bits, of the 53 that a number has.
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

/** This process's signals. */
const nodeSignals: Signals = (call) => {
  const listeners = signalNames.map((name) => {
    const listener = () => call(name);
    process.on(name, listener);
    return () => void process.off(name, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
};

/** What a run needs of a real machine. */
export function systemParts(log: Log): SupervisorParts & { readonly random: Random } {
  return { clock: nodeClock, random: nodeRandom, log, processes: nodeProcesses, signals: nodeSignals, get: httpGet };
}
