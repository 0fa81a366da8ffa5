import type { Cancel } from "../ports.ts";
import type { TopologyChange } from "./driver.ts";

/** Servers that answer writes. */
const answering = new Set(["RSPrimary", "Standalone", "Mongos", "LoadBalancer"]);

/**
 * Tells when another server begins to answer, of all that the driver says about its servers: also the same one, when it
 * was elected anew, since another may have been the primary in between. Not when it was only silent for a while.
 */
export class PrimaryWatch {
  readonly #listeners = new Set<() => void>();
  #known: ReadonlySet<string> | undefined;

  readonly see = ({ newDescription }: TopologyChange): void => {
    const now = new Set(
      [...newDescription.servers.values()]
        .filter(({ type }) => answering.has(type))
        .map(({ address, electionId }) => `${address} ${electionId ?? ""}`),
    );
    if (now.size === 0) return;
    const known = this.#known;
    this.#known = now;
    if (known === undefined || [...now].every((server) => known.has(server))) return;
    for (const call of this.#listeners) call();
  };

  listen(call: () => void): Cancel {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }
}
