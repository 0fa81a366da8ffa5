/** One thread of a simulation: it plays the seeds that it is given, of the production code or of a mutant of it. */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { repository } from "../../support/stack-previews.ts";
import type { Mutant } from "./mutants.ts";
import type { Asked, Played, Story, Told } from "./threads.ts";

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

function story({ tell: seed }: Told): Story {
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

function mutate({ name, file, find, replace, and }: Mutant): void {
  const url = pathToFileURL(`${repository}/${file}`).href;
  let found = false;
  registerHooks({
    load: (of, context, next) => {
      const loaded = next(of, context);
      if (of !== url) return loaded;
      let source = String(loaded.source);
      for (const edit of [{ find, replace }, ...(and === undefined ? [] : [and])]) {
        if (source.split(edit.find).length !== 2) throw new Error(`${name}: ${file} does not hold ${edit.find} once`);
        source = source.replace(edit.find, () => edit.replace);
      }
      found = true;
      return { ...loaded, source };
    },
  });
  process.once("exit", () => {
    if (!found) throw new Error(`${name}: nothing loads ${file}`);
  });
}
