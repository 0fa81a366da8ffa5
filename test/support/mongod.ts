import { describe } from "../../domain/findings.ts";
import { haveMongod } from "../../scripts/mongod/have.ts";
import { startMongod } from "../../scripts/mongod/start.ts";
import type { Program } from "../../scripts/programs/found.ts";

/** A database server for one test file. */
export interface RealMongo {
  /** Without a database's name. */
  readonly uri: string;
  /** Sends a signal to the server, if it is ours. */
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

export type Server =
  | {
      start(): Promise<RealMongo>;
      /** Not one that `MONGODB_URI` names, which others may be using. */
      readonly ours: boolean;
      readonly missing?: undefined;
    }
  | { readonly missing: string };

/**
 * The server that `MONGODB_URI` names; otherwise a new one of this machine's mongod, which is fetched where there is
 * none, if that goes quickly.
 */
export async function realMongo(): Promise<Server> {
  const uri = process.env.MONGODB_URI;
  if (uri !== undefined && uri !== "") {
    return { ours: false, start: async () => ({ uri, signal: () => {}, stop: async () => {} }) };
  }
  if (process.platform === "win32")
    return { missing: "a mongod is started by a POSIX shell; MONGODB_URI may name one" };
  const mongod = await ownMongod();
  if (mongod.missing !== undefined) return { missing: mongod.missing };
  return { ours: true, start: () => startMongod(mongod.path) };
}

/** This machine's mongod, fetched where there is none, if that goes quickly. */
export async function ownMongod(): Promise<Program> {
  const mongod = await haveMongod({ say: () => {}, stop: new AbortController().signal });
  if (mongod.missing !== undefined) console.error(describe(mongod.looked));
  return mongod;
}
