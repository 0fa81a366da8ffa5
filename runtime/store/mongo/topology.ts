import type { Cancel } from "../../ports.ts";
import type { Topology, TopologyChange } from "./driver.ts";

/** Servers that answer writes. */
const answering = new Set(["RSPrimary", "Standalone", "Mongos", "LoadBalancer"]);

/**
 * Tells when another server begins to answer, of all that the driver says about its servers: also the same one, when it
 * was elected anew, since another may have been the primary in between. Not when it was only silent for a while.
 */
export class PrimaryWatch {
  readonly #listeners = new Set<() => void>();
  #known: ReadonlySet<string> | undefined;

  readonly see = ({ previousDescription, newDescription }: TopologyChange): void => {
    const now = answeringIn(newDescription);
    // A client that was connected before it was watched tells of its first server only here.
    this.#known ??= answeringIn(previousDescription);
    const known = this.#known ?? now;
    this.#known = now ?? this.#known;
    if (now === undefined || [...now].every((server) => known?.has(server))) return;
    for (const call of this.#listeners) call();
  };

  listen(call: () => void): Cancel {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }
}

/** @returns undefined when none answers */
function answeringIn({ servers }: Topology): ReadonlySet<string> | undefined {
  const all = [...servers.values()].filter(({ type }) => answering.has(type));
  return all.length === 0 ? undefined : new Set(all.map(({ address, electionId }) => `${address} ${electionId ?? ""}`));
}
