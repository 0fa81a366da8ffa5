import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Series, writeRequest } from "./remote-write.ts";

/** What this machine lacks to run Prometheus, for `tier`. */
export function prometheusMissing(): string | undefined {
  const found = spawnSync("prometheus", ["--version"]).status === 0;
  return found ? undefined : "no prometheus on the PATH; Debian's package is called prometheus";
}

/** A series of an answer, at the seconds since 1970 at which it had a value. */
export interface Row {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [at: number, value: number])[];
}

export interface Prometheus {
  /** Takes samples. Each call's may be later than the calls' before, never much earlier. */
  write(series: readonly Series[]): Promise<void>;
  /** Evaluates a query every `step` seconds from `from` to `to`, both included, in seconds since 1970. */
  query(expression: string, from: number, to: number, step: number): Promise<readonly Row[]>;
  stop(): Promise<void>;
}

/** The most points of a series that one answer holds. https://prometheus.io/docs/prometheus/latest/querying/api/ (November 2026) */
export const MOST_POINTS = 11_000;

/** An empty Prometheus of its own on a loopback port. */
export async function startPrometheus(): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), "prometheus-"));
  const config = join(directory, "prometheus.yml");
  await writeFile(config, "");
  const port = await freePort();
  const server = spawn(
    "prometheus",
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      // One block for all of time: nothing is merged in the background, and no sample is too old.
      "--storage.tsdb.min-block-duration=10000d",
      "--storage.tsdb.max-block-duration=10000d",
      "--web.enable-remote-write-receiver",
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const kill = () => server.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    kill();
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  const said: string[] = [];
  const lines = createInterface({ input: server.stderr });
  const ready = new Promise<boolean>((resolve) => {
    lines.on("line", (line) => {
      said.push(line);
      if (line.includes("Server is ready to receive web requests")) resolve(true);
    });
    server.once("exit", () => resolve(false));
  });
  if (await ready) {
    return { write: (series) => write(port, series), query: (...query) => queryRange(port, ...query), stop };
  }
  await stop();
  throw new Error(`prometheus ended before it was ready:\n${said.join("\n")}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

async function write(port: number, series: readonly Series[]): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/write`, {
    method: "POST",
    headers: { "content-encoding": "snappy", "content-type": "application/x-protobuf" },
    body: writeRequest(series),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function queryRange(
  port: number,
  query: string,
  from: number,
  to: number,
  step: number,
): Promise<readonly Row[]> {
  const body = new URLSearchParams({ query, start: String(from), end: String(to), step: String(step) });
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/query_range`, { method: "POST", body });
  const answer = (await response.json()) as {
    error?: string;
    data?: { result: { metric: Record<string, string>; values: [number, string][] }[] };
  };
  if (answer.data === undefined) throw new Error(`${answer.error}\nin ${query}`);
  return answer.data.result.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([at, value]) => [at, Number(value)] as const),
  }));
}
