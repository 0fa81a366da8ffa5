/** The Pulumi CLI that this machine has already: on PATH, or fetched by `npm run pulumi-cli`. Only looks. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import sdk from "@pulumi/pulumi/package.json" with { type: "json" };
import type { Finding } from "../../domain/findings.ts";
import { type Answer, cacheDirectory, isExecutable, onPath, type Program, shown } from "../programs/found.ts";

/** The release that is fetched. */
export const SDK_VERSION: string = sdk.version;
export const EXECUTABLE = process.platform === "win32" ? "pulumi.exe" : "pulumi";
const MAJOR = major(SDK_VERSION);

/** Starting takes 0.2 s (measured); more than this and something else is asked, such as a network. */
const MOST_MS = 10_000;

/** Where a release is below a PULUMI_HOME: its npm package and the SDK's Automation API install it there too. */
export function binDirectory(home: string): string {
  return join(home, "versions", SDK_VERSION, "bin");
}

/** Without network, and quick. */
export function findPulumi(env: NodeJS.ProcessEnv = process.env): Program {
  const cache = cacheDirectory("pulumi", env);
  const fetched = join(binDirectory(cache), EXECUTABLE);
  const places = [
    {
      name: "PATH",
      path: onPath(EXECUTABLE, env),
      origin: "on PATH",
      // An engine and an SDK of one major version agree on what both know; another major promises nothing.
      wanted: `${MAJOR}.x`,
      fits: (version: string) => major(version) === MAJOR,
      remedy: `Put a Pulumi CLI ${MAJOR}.x there, copied from elsewhere where this network is closed.`,
    },
    {
      name: shown(cache),
      path: isExecutable(fetched) ? fetched : undefined,
      origin: `fetched into ${shown(cache)}`,
      wanted: SDK_VERSION,
      fits: (version: string) => version === SDK_VERSION,
      remedy: "What is fetched is kept there.",
    },
  ];
  const looked: Finding[] = [];
  const unfit: string[] = [];
  for (const { name, path, origin, wanted, fits, remedy } of places) {
    if (path === undefined) {
      looked.push({ path: name, problem: `has no Pulumi CLI ${wanted}.`, remedy });
      continue;
    }
    const { version, problem } = askVersion(path, env);
    if (version !== undefined && fits(version)) return { path, version, origin };
    const unlike = problem ?? `is ${version}, not ${wanted}`;
    looked.push({ path: name, problem: `has a pulumi that ${unlike}.`, remedy });
    unfit.push(`the one ${origin} ${unlike}`);
  }
  const why = unfit.length === 0 ? "" : ` (${unfit.join("; ")})`;
  return { missing: `no Pulumi CLI${why}: \`npm run pulumi-cli\` gets one`, looked };
}

/** The version that an executable says it has. */
export function askVersion(path: string, env: NodeJS.ProcessEnv = process.env): Answer {
  // Not `pulumi version`, which looks for updates and writes a log into PULUMI_HOME (3.259.0, November 2026).
  const { status, error, stdout } = spawnSync(path, ["--version"], {
    encoding: "utf8",
    timeout: MOST_MS,
    stdio: ["ignore", "pipe", "ignore"],
    env,
  });
  if (error !== undefined) return { problem: `does not run (${(error as NodeJS.ErrnoException).code})` };
  if (status !== 0) return { problem: `does not run (exit code ${status})` };
  const version = /^v?(\d+\.\d+\.\d+\S*)$/.exec(stdout.trim())?.[1];
  return version === undefined ? { problem: "does not tell its version" } : { version };
}

function major(version: string): string {
  return version.split(".")[0] ?? "";
}
