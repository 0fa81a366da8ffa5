/**
 * `npm run pulumi-cli`: gets the Pulumi CLI that the tests under the real engine need.
 *
 * Prints its path on stdout, everything else on stderr.
 */
import type { Waiting } from "./programs/child.ts";
import { programCommand } from "./programs/command.ts";
import { have } from "./programs/fetch.ts";
import { fetchPulumi } from "./pulumi-cli/fetch.ts";
import { findPulumi, SDK_VERSION } from "./pulumi-cli/find.ts";

const usage = `usage: npm run -s pulumi-cli

Prints the path of a Pulumi CLI for the tests: the one on PATH, the one fetched earlier, or ${SDK_VERSION} now, by npm
(from Pulumi's site) or by Go (built from source). Exit code: 0 there is one; 1 there is none; 2 wrong usage.`;

const get = (waiting: Waiting) => have(findPulumi, fetchPulumi, waiting);
process.exitCode = await programCommand({ usage, name: "Pulumi CLI", get }, process.argv.slice(2));
