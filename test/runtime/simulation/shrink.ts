import type { Scenario } from "./scenario.ts";
import { play, type Simulated } from "./simulate.ts";

/** What a violation is about, without the numbers that change when something else is left out. */
function kindOf({ violations: [first = ""] }: Simulated): string {
  return first.split(" ", 1)[0] ?? "";
}

/**
 * A smaller world in which the same goes wrong: without faults, campaigns and jobs that have nothing to do with it, with
 * faults as short as they may be, and over as soon as it has gone wrong. Not to be called by a promise.
 */
export function shrink(scenario: Scenario): Scenario {
  const wanted = kindOf(play(scenario));
  if (wanted === "") return scenario;
  const fails = (smaller: Scenario) => kindOf(play(smaller)) === wanted;
  let smallest = scenario;
  const attempt = (smaller: Scenario): boolean => {
    if (!fails(smaller)) return false;
    smallest = smaller;
    return true;
  };
  for (let before: Scenario | undefined; before !== smallest; ) {
    before = smallest;
    // Halves first, then quarters, then one by one.
    for (let size = Math.ceil(smallest.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let at = 0; at < smallest.faults.length; )
        if (!attempt({ ...smallest, faults: smallest.faults.filter((_, index) => index < at || index >= at + size) }))
          at += size;
    for (const { id } of smallest.campaigns)
      if (smallest.campaigns.length > 1)
        attempt({ ...smallest, campaigns: smallest.campaigns.filter((other) => other.id !== id) });
    while (smallest.jobs.length > 1 && attempt(withoutLastJob(smallest)));
    smallest.faults.forEach((fault, index) => {
      for (const size of [0.05, 0.2, 0.5]) {
        const faults = smallest.faults.with(index, { ...fault, size });
        if (size < fault.size && attempt({ ...smallest, faults })) return;
      }
    });
    if (smallest.campaigns.some(({ steps }) => steps > 1))
      attempt({ ...smallest, campaigns: smallest.campaigns.map((campaign) => ({ ...campaign, steps: 1 })) });
  }
  return smallest;
}

function withoutLastJob({ jobs, faults, ...rest }: Scenario): Scenario {
  const last = jobs.length - 1;
  return { ...rest, jobs: jobs.slice(0, last), faults: faults.filter(({ job }) => job !== last) };
}
