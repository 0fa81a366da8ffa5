/** A mongod of its own, for a test file or for the demo. It goes with the process that started it, however that ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Document, MongoClient } from "mongodb";

export interface StartedMongod {
  /** Without a database's name. */
  readonly uri: string;
  /** Sends a signal to the server. */
  readonly signal: (name: NodeJS.Signals) => void;
  stop(): Promise<void>;
}

/** As long as a slow machine may take to start one. It takes 1 s on a fast one. */
const START_WITHIN_MS = 30_000;

/**
 * Ends with the process that holds its standard input, however that ends: the server goes, and its files with it. All
 * are of one process group. Its log is a file: with a pipe it would stand still while a test blocks this process.
 */
const UNTIL_INPUT_ENDS = `
directory=$1; shift
"$@" </dev/null >"$directory/log" 2>&1 &
server=$!
{ while kill -0 "$server" 2>/dev/null; do sleep 0.2; done; echo "ended"; } &
cat >/dev/null
kill -9 "$server"
wait "$server"
rm -rf "$directory"
kill -9 0`;

/** A replica set of one, on a free port and a fresh directory. */
export async function startMongod(path: string): Promise<StartedMongod> {
  const directory = await mkdtemp(join(tmpdir(), "mongod-"));
  const log = join(directory, "log");
  const port = await freePort();
  const server = [
    path,
    ...["--dbpath", directory, "--port", String(port), "--bind_ip", "127.0.0.1", "--nounixsocket"],
    ...["--replSet", "rs0", "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25"],
    ...["--setParameter", "diagnosticDataCollectionEnabled=false"],
    // Lets a test say how the server is to fail.
    ...["--setParameter", "enableTestCommands=1"],
  ];
  const shell = spawn("/bin/sh", ["-c", UNTIL_INPUT_ENDS, "sh", directory, ...server], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const signal = (name: NodeJS.Signals) => {
    if (shell.pid !== undefined && shell.exitCode === null && shell.signalCode === null) process.kill(-shell.pid, name);
  };
  const kill = () => signal("SIGKILL");
  // Also where a test has stopped the shell, which would do it otherwise.
  const clear = () => {
    kill();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", clear);
  const stop = async () => {
    process.off("exit", clear);
    const ended = once(shell, "exit");
    kill();
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await Promise.race([initiate(port), ended(createInterface(shell.stdout))]);
  } catch (error) {
    const said = await readFile(log, "utf8").catch(() => "it wrote no log");
    await stop();
    throw new Error(`${(error as Error).message}:\n${said.trim().split("\n").slice(-5).join("\n")}`);
  }
  return { uri: `mongodb://127.0.0.1:${port}/?replicaSet=rs0`, signal, stop };
}

/** Fails when the server ends by itself. */
function ended(lines: ReturnType<typeof createInterface>): Promise<never> {
  return new Promise((_, reject) => lines.on("line", (line) => reject(new Error(`mongod ${line}`))));
}

/** Makes it the primary of its own set. */
async function initiate(port: number): Promise<void> {
  // It asks until the server listens.
  const timing = `serverSelectionTimeoutMS=${START_WITHIN_MS}&heartbeatFrequencyMS=500`;
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true&${timing}`);
  try {
    const config = {
      _id: "rs0",
      members: [{ _id: 0, host: `127.0.0.1:${port}` }],
      // No write waits for the disk, which tests share with others. A test that kills the server wants this to be true.
      writeConcernMajorityJournalDefault: false,
      settings: { electionTimeoutMillis: 1000 },
    };
    await client.db("admin").command({ replSetInitiate: config });
    await writable(client);
  } finally {
    await client.close();
  }
}

export async function writable(client: MongoClient): Promise<void> {
  for (const from = Date.now(); Date.now() - from < START_WITHIN_MS; ) {
    const hello: Document = await client.db("admin").command({ hello: 1 });
    if (hello.isWritablePrimary === true) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`mongod elected no primary in ${START_WITHIN_MS} ms`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
