import { fetchMongod } from "./fetch.ts";
import { findMongod, type Mongod } from "./find.ts";

/** The mongod of this machine, fetched where there is none. Quick to say no where the network is closed. */
export async function haveMongod(say: (text: string) => void, stop = new AbortController().signal): Promise<Mongod> {
  const here = findMongod();
  if (here.missing === undefined) return here;
  const failures = await fetchMongod({ say, stop });
  const now = findMongod();
  return now.missing === undefined ? now : { ...now, looked: [...now.looked, ...failures] };
}
