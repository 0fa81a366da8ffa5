import { describe } from "../../domain/findings.ts";
import { haveMongod } from "../../scripts/mongod/have.ts";
import { startMongod } from "../../scripts/mongod/start.ts";

/** A database server for one test file. */
export interface RealMongo {
  /** Without a database's name. */
  readonly uri: string;
  /** Sends a signal to the server. Absent where the server is not ours (`MONGODB_URI`). */
  readonly signal: ((name: NodeJS.Signals) => void) | undefined;
  stop(): Promise<void>;
}

export type Server = { readonly start: () => Promise<RealMongo>; readonly missing?: undefined } | { missing: string };

/**
 * The server that `MONGODB_URI` names; otherwise a new one of this machine's mongod, which is fetched where there is
 * none, if that goes quickly.
 */
export async function realMongo(): Promise<Server> {
  const uri = process.env.MONGODB_URI;
  if (uri !== undefined && uri !== "") return { start: async () => ({ uri, signal: undefined, stop: async () => {} }) };
  if (process.platform === "win32")
    return { missing: "a mongod is started by a POSIX shell; MONGODB_URI may name one" };
  const said: string[] = [];
  const mongod = await haveMongod((text) => said.push(text));
  if (mongod.missing === undefined) return { start: () => startMongod(mongod.path) };
  console.error(describe(mongod.looked));
  return { missing: mongod.missing };
}
