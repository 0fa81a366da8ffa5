import type { Environment } from "./settings/environment.ts";

/** What runtime/image/launcher.c puts before the names of variables that are for the worker's programs, and not for ours. */
const KEPT = "_AGENT_RUNTIME_WORKERS_";

/** The environment as the image and the Job made it: with what the launcher set aside (`LD_PRELOAD`, `NODE_OPTIONS`) in its place. */
export function workerEnvironment(environment: Environment): Environment {
  const own = Object.entries(environment).map(([name, value]) =>
    name.startsWith(KEPT) ? [name.slice(KEPT.length), value] : [name, value],
  );
  return Object.fromEntries(own);
}
