/** One thread of a simulation: it plays the seeds that it is given, of the production code or of a mutant of it. */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { type Mutant, mutatedSource } from "../../../scripts/mutant.ts";
import { repository } from "../../support/stack-previews.ts";
import type { Asked, Played, ShortStory, Told } from "./threads.ts";

const { mutant } = workerData as { readonly mutant: Mutant | undefined };
if (mutant !== undefined) mutate(mutant);

// Nobody reads the stack of an error that a fault makes, and there are thousands a second.
Error.stackTraceLimit = 0;

const [{ play }, { scenarioOf }, { takeCounts }, { shrink }] = await Promise.all([
  import("./simulate.ts"),
  import("./scenario.ts"),
  import("./coverage.ts"),
  import("./shrink.ts"),
]);

parentPort?.on("message", (asked: Asked | Told) => {
  parentPort?.postMessage("tell" in asked ? story(asked) : played(asked));
});

function story({ tell: seed }: Told): ShortStory {
  const whole = scenarioOf(seed);
  const shortest = shrink(whole);
  const { violations, story: lines } = play(shortest);
  return { violations, lines, faults: shortest.faults.length, whole: whole.faults.length };
}

function played({ from, to, untilFirst }: Asked): Played {
  const failures = [];
  const sums = { effects: 0, takeovers: 0 };
  let seed = from;
  for (; seed <= to; seed++) {
    const { violations, effects, takeovers } = play(scenarioOf(seed));
    sums.effects += effects;
    sums.takeovers += takeovers;
    const [violation] = violations;
    if (violation === undefined) continue;
    failures.push({ seed, violation });
    if (untilFirst) break;
  }
  return { worlds: Math.min(seed, to) - from + 1, failures, counts: takeCounts(), ...sums };
}

function mutate(mistake: Mutant): void {
  const url = pathToFileURL(`${repository}/${mistake.file}`).href;
  registerHooks({
    load: (of, context, next) => {
      const loaded = next(of, context);
      return of === url ? { ...loaded, source: mutatedSource(String(loaded.source), mistake) } : loaded;
    },
  });
}
