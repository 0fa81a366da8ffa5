import type { Mutant } from "../../../scripts/mutant.ts";

/** A mistake that stood in the code, or in a check, until some world showed it. */
export interface Mended extends Mutant {
  /** The worlds that showed it: by their seeds, and by what was broken there. */
  readonly worlds: readonly number[];
  readonly by: string;
}

/** What docs/proofs.md says was found in long runs, as it was. The worlds are those of today: a change of them wants others. */
export const mended: readonly Mended[] = [
  {
    name: "a shift's holder that begins anew under the same numbers is the one that was watched",
    worlds: [149_672],
    by: "S3",
    file: "runtime/lease/shift-holder.ts",
    find: "(same.hbSeq === hbSeq && same.hbAt === hbAt)",
    replace: "same.hbSeq === hbSeq",
  },
  {
    name: "a stop in the middle of a heartbeat is no gap",
    worlds: [193_589],
    by: "G2",
    file: "runtime/lease/heartbeats.ts",
    find: "if (atMostSince(started, clock) > timing.gap) onGap();",
    replace: "if (atMostSince(started, clock) > timing.operation + timing.gap) onGap();",
  },
  {
    name: "what comes soon after the first look at a shift is a heartbeat",
    worlds: [765_548],
    by: "S2",
    file: "runtime/lease/shift-holder.ts",
    find: "const another = known.unchangedAt",
    replace: "const another = known.advances === 0 || known.unchangedAt",
  },
  {
    name: "a container's own record that is there already is a heartbeat",
    worlds: [803_207],
    by: "G4",
    file: "runtime/lease/container.ts",
    find: "(await containers.insert(this.#record())) || (await beats());",
    replace: "((await containers.insert(this.#record())), true);",
  },
  {
    name: "a claim does not ask for the step that was seen",
    worlds: [981_891],
    by: "I4",
    file: "runtime/lease/writes.ts",
    find: 'return resume === undefined ? {} : { "resume.cursor": counted(resume.cursor) };',
    replace: "return {};",
  },
  {
    name: "in the check: of two writes of one record in one go the one that does not fit counts",
    worlds: [20_956],
    by: "I7",
    file: "test/runtime/simulation/campaign-history.ts",
    find: "if (isSame(was, is) || !matches(was, write.expect, write)) this.#missed",
    replace: "if (isSame(was, is)) this.#missed",
  },
  {
    name: "in the check: an answer that waited for a process that did not run is none",
    worlds: [325_354],
    by: "G2",
    file: "test/runtime/simulation/noted-store.ts",
    find: " || wasHeldFor(time.monotonic() - sent)",
    replace: "",
  },
  {
    name: "in the check: a copy of a claim that comes minutes late is a lost race",
    worlds: [492_672],
    by: "G6",
    file: "test/runtime/simulation/observed.ts",
    find: "now - sent > LONGEST_UNKNOWN || ",
    replace: "",
  },
  {
    name: "in the check: a list of containers whose answer was lost was seen",
    worlds: [535_840, 554_490, 598_043, 601_475],
    by: "G3",
    file: "test/runtime/simulation/observed.ts",
    find: "isStill(peer) && isStill(heard?.get(id))",
    replace: "isStill(peer)",
  },
];
