/**
 * `npm run replica-set`: the runtime on a real replica set, under faults, with a check of all that was written and done.
 *
 * Exit codes: 0 nothing was broken, 1 something was, or it was interrupted; 2 wrong usage.
 */
import { parseArgs } from "node:util";
import { messageOf } from "../runtime/message.ts";
import { findMongod } from "./mongod/find.ts";
import { networkMissing } from "./replica-set/network.ts";
import { CONTAINERS, pass, ROUNDS_AT_ONCE } from "./replica-set/pass.ts";
import { nothing, plus, table, toothless } from "./replica-set/report.ts";
import { wallClockMissing } from "./replica-set/wall-clock.ts";
import { World } from "./replica-set/world.ts";

const usage = `usage: npm run -s replica-set [-- --rounds N]

Three MongoDB nodes and ${CONTAINERS} containers, each with an address of its own, on this machine. While the containers work, the
set and the containers are hurt in every way, N times each (3 by default); then all that was written and done is checked.
Three rounds take three and a half minutes.

Needs Linux, root, \`ip netns\`, libfaketime, python3 and a mongod (npm run mongod gets one). Leaves nothing.
Exit code: 0 nothing was broken; 1 something was, or it was interrupted; 2 wrong usage.`;

async function main(rounds: number): Promise<number> {
  const mongod = findMongod();
  const missing = mongod.missing ?? networkMissing() ?? wallClockMissing();
  if (mongod.missing !== undefined || missing !== undefined) {
    console.error(`it cannot run here: ${missing}`);
    return 1;
  }
  const world = await World.start({ mongod: mongod.path, containers: CONTAINERS });
  // The network takes all processes and files with it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  let total = nothing;
  try {
    for (let done = 0; done < rounds; ) {
      const now = Math.min(ROUNDS_AT_ONCE, rounds - done);
      const progress = `rounds ${done + 1} to ${done + now} of ${rounds}`;
      const say = (text: string) => console.error(`${progress}, ${total.violations.length} violations so far: ${text}`);
      total = plus(total, await pass(world, { rounds: now, name: `from-${done}`, setFaults: true, say }));
      done += now;
    }
  } finally {
    // Also when it broke off: what was seen until then is worth its time.
    console.log(table(total).join("\n"));
    await world.close();
  }
  const idle = toothless(total);
  if (idle.length > 0) console.log(`\nnever did what they are for: ${idle.join(", ")}`);
  return total.violations.length + idle.length === 0 ? 0 : 1;
}

function asked(): number | "help" | undefined {
  try {
    const { values } = parseArgs({
      options: { rounds: { type: "string", default: "3" }, help: { type: "boolean", default: false } },
    });
    if (values.help) return "help";
    if (/^[1-9]\d{0,3}$/.test(values.rounds)) return Number(values.rounds);
    console.error(`--rounds is a whole number from 1 to 9999, not ${values.rounds}`);
  } catch (error) {
    console.error(messageOf(error));
  }
  return undefined;
}

const request = asked();
if (request === "help") console.log(usage);
else if (request === undefined) {
  console.error(`\n${usage}`);
  process.exitCode = 2;
} else process.exitCode = await main(request);
