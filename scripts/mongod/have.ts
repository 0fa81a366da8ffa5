import type { Waiting } from "../programs/child.ts";
import { have } from "../programs/fetch.ts";
import type { Program } from "../programs/found.ts";
import { fetchMongod } from "./fetch.ts";
import { findMongod } from "./find.ts";

/** The mongod of this machine, fetched where there is none. Quick to say no where the network is closed. */
export function haveMongod(waiting: Waiting): Promise<Program> {
  return have(findMongod, fetchMongod, waiting);
}
