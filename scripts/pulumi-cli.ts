/**
 * `npm run pulumi-cli`: gets the Pulumi CLI that the tests under the real engine need.
 *
 * Prints its path on stdout, everything else on stderr.
 */
import { describe } from "../domain/findings.ts";
import { fetchPulumi } from "./pulumi-cli/fetch.ts";
import { findPulumi, type PulumiCli, SDK_VERSION } from "./pulumi-cli/find.ts";

const usage = `usage: npm run -s pulumi-cli

Prints the path of a Pulumi CLI for the tests: the one on PATH, the one fetched earlier, or ${SDK_VERSION} now, by npm
(from Pulumi's site) or by Go (built from source). Exit code: 0 there is one; 1 there is none; 2 wrong usage.`;

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

  const here = findPulumi();
  if (here.missing === undefined) return tell(here);
  for (const { path, problem } of here.looked) console.error(`${path} ${problem}`);
  try {
    const failures = await fetchPulumi({ say: console.error, stop: stop.signal });
    const now = findPulumi();
    if (now.missing === undefined) return tell(now);
    const ways = describe([...now.looked, ...failures], process.stderr.columns);
    console.error(`\nno Pulumi CLI was to be had:\n\n${ways}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (stop.signal.aborted) console.error("interrupted; nothing half is left");
    // A disk that is full, a cache that is not ours.
    else if (code !== undefined) console.error(`no Pulumi CLI: its cache cannot be written (${message})`);
    else throw error;
  }
  return 1;
}

function tell({ path, version, origin }: Extract<PulumiCli, { missing?: undefined }>): number {
  console.error(`Pulumi ${version}, ${origin}`);
  console.log(path);
  return 0;
}

const [word] = process.argv.slice(2);
if (word === undefined) process.exitCode = await main();
else {
  console.error(usage);
  process.exitCode = word === "--help" ? 0 : 2;
}
