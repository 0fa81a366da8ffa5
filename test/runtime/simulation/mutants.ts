import type { Mutant } from "../../../scripts/mutant.ts";

const lease = (file: string) => `runtime/lease/${file}.ts`;
const supervisor = (file: string) => `runtime/supervisor/${file}.ts`;

/** Of the writes: what each of them expects of the record. */
const writes: readonly Mutant[] = [
  {
    name: "the owner's writes ask for neither epoch nor claim",
    file: lease("writes"),
    find: 'return { status: "running", "lease.epoch": epoch, "lease.claimId": claimId };',
    replace: 'return { status: epoch > 0 && claimId !== "" ? "running" : "" };',
  },
  {
    name: "a takeover does not ask whether the owner has moved",
    file: lease("writes"),
    find: '"lease.claimId": claimId, "lease.hbSeq": counted(hbSeq) };',
    replace: '"lease.claimId": claimId };',
  },
  {
    name: "a takeover asks for heartbeats, and not for epoch and claim",
    file: lease("writes"),
    find: 'return { status: "running", "lease.epoch": epoch, "lease.claimId": claimId, "lease.hbSeq": counted(hbSeq) };',
    replace: 'return { status: "running", "lease.hbSeq": counted(hbSeq) };',
  },
  {
    name: "a claim keeps the epoch",
    file: lease("acquisition"),
    find: "epoch: campaign.lease.epoch + 1 };",
    replace: "epoch: Math.max(1, campaign.lease.epoch) };",
  },
  {
    name: "a claim does not ask for the epoch that was seen",
    file: lease("writes"),
    find: 'expect: { status: seen.status, "lease.epoch": counted(seen.lease.epoch), ...from(seen) },',
    replace: "expect: { status: seen.status, ...from(seen) },",
  },
  {
    name: "an orphan is ended under its owner's epoch",
    file: lease("writes"),
    find: '"lease.epoch": lease.epoch + 1,',
    replace: '"lease.epoch": lease.epoch,',
  },
  {
    name: "a missing number does not count as 0",
    file: lease("writes"),
    find: "return value === 0 ? [null, 0] : value;",
    replace: "return value;",
  },
  {
    name: "a step does not ask where the campaign is",
    file: lease("writes"),
    find: 'const here = { ...owned(of), "resume.cursor": counted(cursor) };',
    replace: "const here = owned(of);",
  },
  {
    name: "what is taken back is not named",
    file: lease("writes"),
    find: 'expect: { ...here, "resume.dialing.attemptId": attemptId ?? null },',
    replace: "expect: here,",
  },
  {
    name: "a campaign that is released counts as completed",
    file: lease("writes"),
    find: 'release: "interrupted",',
    replace: 'release: "completed",',
  },
  {
    name: "a call that was taken back closes its step",
    file: lease("writes"),
    find: 'unset: ["resume.dialing"],\n    };\n  }\n  return {',
    replace: 'set: { "resume.cursor": cursor + 1 },\n      unset: ["resume.dialing"],\n    };\n  }\n  return {',
  },
  {
    name: "an attempt that was taken back and the next one have one key",
    file: lease("progress"),
    find: "return [id, cursor, epoch, takenBack, claimId.slice(0, 8)].join",
    replace: "return [id, cursor, epoch, claimId.slice(0, 8)].join",
  },
];

/** Of what is done when a request got no answer. */
const outcomes: readonly Mutant[] = [
  {
    name: "a write without an answer counts as landed",
    file: lease("progress"),
    find: "unanswered = error;",
    replace: 'return "landed";',
  },
  {
    name: "an end that was sent leaves the claim alive",
    file: lease("progress"),
    find: "claim.endBy(ending);",
    replace: "claim.ending = ending;",
  },
  {
    name: "a call is begun from where a record was read to be, however old that is",
    file: lease("progress"),
    find: "this.#notAmbiguous(claim);\n    const attempt = attemptId(claim);",
    replace: `if (claim.unsure) {
      const stored = await this.#options.campaigns.find(claim.id);
      if (stored !== undefined) {
        claim.cursor = campaignOf(stored).resume.cursor;
        claim.open = campaignOf(stored).resume.open;
      }
    }
    this.#notAmbiguous(claim);
    const attempt = attemptId(claim);`,
  },
  {
    name: "a heartbeat without an answer fences",
    file: lease("heartbeats"),
    find: "if (error instanceof StoreError && error.refused) return 0;",
    replace: "for (const claim of claims) this.#options.holdings.stopped(claim); return claims.length;",
  },
];

/** Of trust, and of effects. */
const trust: readonly Mutant[] = [
  {
    name: "an owner trusts itself for longer than others watch it",
    file: lease("timing"),
    find: "const TRUST_MARGIN: Millis = 15_000;",
    replace: "const TRUST_MARGIN: Millis = -30_000;",
  },
  {
    name: "others watch for less than the threshold",
    file: lease("timing"),
    find: "const DRIFT = 1.05;",
    replace: "const DRIFT = 0.85;",
  },
  {
    name: "trust begins at the answer to a heartbeat",
    file: lease("heartbeats"),
    find: "for (const claim of held) claim.renew(started);\n",
    replace: "for (const claim of held) claim.renew(mark(clock));\n",
  },
  {
    name: "trust begins at the answer to a claim",
    file: lease("acquisition"),
    find: 'claim.state = "held";\n    const { id',
    replace: 'claim.state = "held";\n    claim.renew(mark(this.#options.clock));\n    const { id',
  },
  {
    name: "a worker is promised more than its container trusts",
    file: lease("claim"),
    find: "const { notAfter } = this;\n    this.#promised",
    replace: "const notAfter = this.notAfter + 40_000;\n    this.#promised",
  },
  {
    name: "a call begins before it is written down",
    file: lease("progress"),
    find: "if (claim.open?.attemptId !== attempt) await this.#recordEffect(claim, cursor, attempt, effect);",
    replace:
      "if (claim.open?.attemptId !== attempt) void this.#recordEffect(claim, cursor, attempt, effect).catch(() => {});",
  },
  {
    name: "a step is acknowledged before it is written down",
    file: lease("progress"),
    find: "await this.#recordStep(claim, cursor, outcome);\n    }",
    replace:
      "{ void this.#recordStep(claim, cursor, outcome).catch(() => {}); return { cursor: cursor + 1, notAfter: claim.promise() }; }\n    }",
  },
  {
    name: "a call that an earlier owner began is made again",
    file: lease("claim"),
    find: "return this.open?.claimId === this.claimId ? undefined : this.open;",
    replace: "return undefined;",
  },
  {
    name: "a call is an earlier owner's by its epoch",
    file: lease("claim"),
    find: "return this.open?.claimId === this.claimId ? undefined : this.open;",
    replace: "return this.open?.epoch === this.epoch ? undefined : this.open;",
  },
];

/** Of fences, and of what is given back. */
const givenBack: readonly Mutant[] = [
  {
    name: "a worker that does not confirm is believed to have stopped",
    file: lease("holdings"),
    find: "if (claim.watched) this.#options.onUnconfirmed();",
    replace: "if (claim.watched) this.stopped(claim);",
  },
  {
    name: "what nobody listens to is given back at once",
    file: lease("holdings"),
    find: "if (left <= 0) this.stopped(claim);",
    replace: "if (left < Number.POSITIVE_INFINITY) this.stopped(claim);",
  },
  {
    name: "given back before the kill, when a worker dies in the middle",
    file: supervisor("workers"),
    find: "const latest = clock.monotonic() + CONFIRM_IN_PLACE;",
    replace: 'void this.#order.leases?.workerDead("killed"); const latest = clock.monotonic() + CONFIRM_IN_PLACE;',
  },
  {
    name: "given back before the kill, at the end",
    file: supervisor("workers"),
    find: "if (!(await worker.drained(kill))) this.#logKill",
    replace: 'void this.#order.leases?.workerDead("killed"); if (!(await worker.drained(kill))) this.#logKill',
  },
  {
    name: "a container says that it has stopped though its worker lives",
    file: supervisor("supervisor"),
    find: "this.#workers?.allDead === false ? undefined : exits[reason].leaving",
    replace: "exits[reason].leaving",
  },
  {
    name: "a worker's death is given back while the worker behind its launcher lives",
    file: supervisor("worker"),
    find: "if (!this.#child.alive()) return true;\n      if (last) return false;",
    replace: "return true;",
  },
  {
    name: "what is left of a worker is not killed",
    file: supervisor("worker"),
    find: "this.#child.killAll();",
    replace: "",
  },
  {
    name: "a container takes longer to end than it may",
    file: supervisor("budget"),
    find: "kill: whole - Math.min(AFTER_KILL, whole * MOST_AFTER_KILL),",
    replace: "kill: whole + AFTER_KILL,",
  },
  {
    name: "a container that was told to end says an exit code of its own",
    file: supervisor("exit"),
    find: "code: 143,",
    replace: "code: 15,",
  },
  {
    name: "a container that was told to end says that the day is over",
    file: supervisor("exit"),
    find: "code: 143,",
    replace: "code: 0,",
  },
  {
    name: "a worker that hangs is left alone",
    file: supervisor("health"),
    find: "if ((this.#calls ?? 0) === 0 || tooLong(this.#silentSince)) {",
    replace: "if ((this.#calls ?? 0) === 0 && !tooLong(this.#silentSince)) {",
  },
  {
    name: "a worker that ends is told twice",
    file: supervisor("worker"),
    find: "this.#child.term();",
    replace: "this.#child.term(); this.#child.term();",
  },
  {
    name: "a lost race with a living owner counts as a death",
    file: lease("orphans"),
    find: 'return unmoved !== undefined && unmoved < timing.observe ? "left" : "died";',
    replace: 'return "died";',
  },
  {
    name: "a worker that the runtime killed counts as a death",
    file: lease("lease-keeper"),
    find: 'this.#holdings.workerDead(cause === "crashed")',
    replace: "this.#holdings.workerDead(true)",
  },
  {
    name: "a campaign is set aside a death too early",
    file: lease("recovery"),
    find: "if (deaths > most) {",
    replace: "if (deaths >= most) {",
  },
  {
    name: "three deaths set aside, and none was of an attempt of the same task",
    file: lease("recovery"),
    find: 'lastOwner === "attempt died" ? Math.max(1, limit - 1) : limit;',
    replace: "Math.max(1, limit - 1);",
  },
];

/** Each guard of the sweep taken away. */
const sweep: readonly Mutant[] = [
  {
    name: "what is to end with its owner is resumed",
    file: lease("recovery"),
    find: 'if (stated === "terminate") return',
    replace: 'if (stated === "never") return',
  },
  {
    name: "guard: the heartbeat's date decides, and not what was watched",
    file: lease("orphans"),
    find: "return (this.campaigns.unmovedFor(id, now) ?? 0) >= timing.observe && this.#mayJudge(now);",
    replace: "return clock.wall() - (lease.hbAt?.getTime() ?? 0) >= timing.observe;",
    and: {
      find: "...this.campaigns.unmoved(timing.observe, now)",
      replace: "...[...this.campaigns.keys()]",
    },
  },
  {
    name: "guard: a gap of its own does not begin the observation anew",
    file: lease("lease-keeper"),
    find: "onGap: () => orphans.startAnew(),",
    replace: "onGap: () => {},",
  },
  {
    name: "guard: a move of its machine does not begin the observation anew",
    file: lease("lease-keeper"),
    find: "this.#holdings.migrating = false;\n    this.#orphans.startAnew();",
    replace: "this.#holdings.migrating = false;",
  },
  {
    name: "guard: a new primary does not begin the observation anew",
    file: lease("lease-keeper"),
    find: "this.#store.onTopologyChange(() => this.#orphans.startAnew());",
    replace: "",
  },
  {
    name: "guard: a look without an answer does not begin the observation anew",
    file: lease("sweep"),
    find: "this.#options.orphans.startAnew();",
    replace: "",
  },
  {
    name: "guard: nothing is held when most look dead at once",
    file: lease("orphans"),
    find: "if (still.length < MASS ||",
    replace: "if (still.length < Number.POSITIVE_INFINITY ||",
  },
  {
    name: "guard: one that is not heard of itself judges others",
    file: lease("orphans"),
    find: "return age !== undefined && age <= timing.gap && !this.#manyLookDead(now);",
    replace: "return !this.#manyLookDead(now);",
  },
  {
    name: "guard: a container takes more than it may",
    file: lease("holdings"),
    find: "return this.#claims.size + count <= this.#options.capacity;",
    replace: "return count <= this.#options.capacity + 1;",
  },
  {
    name: "guard: who lost a race tries again at once",
    file: lease("held-off"),
    find: "return (this.#until.get(id)?.time ?? Number.NEGATIVE_INFINITY) > this.#clock.monotonic();",
    replace: "return this.#until.has(id) && this.#clock.monotonic() < 0;",
  },
  {
    name: "any other attempt counts as an earlier one",
    file: "runtime/identity.ts",
    find: "return theirs.execution === mine.execution && theirs.task === mine.task && theirs.attempt < mine.attempt;",
    replace: "return theirs.attempt <= mine.attempt;",
  },
];

/** Of the shift. */
const shift: readonly Mutant[] = [
  {
    name: "a shift is lost by the clock",
    file: lease("shift-lease"),
    find: "this.#quiet = true;\n    this.#unavailable",
    replace: "this.#quiet = true;\n    this.#lose(undefined);\n    this.#unavailable",
  },
  {
    name: "one heartbeat shows that the holder lives",
    file: lease("shift-table"),
    find: "const ADVANCES_OF_THE_LIVING = 2;",
    replace: "const ADVANCES_OF_THE_LIVING = 1;",
  },
  {
    name: "two heartbeats that land together show that the holder lives",
    file: lease("shift-holder"),
    find: "known.unchangedAt - known.counted >= interval / 2;",
    replace: "answered >= known.counted;",
  },
  {
    name: "one that drains is as good as one that stays",
    file: lease("shift-table"),
    find: "fits: ({ watched }) => watched.leaving,",
    replace: "fits: () => false,",
  },
  {
    name: "a start waits for the database",
    file: lease("shift-lease"),
    find: "const ANSWER_WITHIN: Millis = 5_000;",
    replace: "const ANSWER_WITHIN: Millis = 600_000;",
  },
  {
    name: "a holder that is silent is watched twice as long",
    file: lease("shift-table"),
    find: "fits: ({ watched, observe }) => watched.unmovedFor >= observe,",
    replace: "fits: ({ watched, observe }) => watched.unmovedFor >= 2 * observe,",
  },
  {
    name: "a holder that is silent is watched for a third of the time",
    file: lease("shift-table"),
    find: "fits: ({ watched, observe }) => watched.unmovedFor >= observe,",
    replace: "fits: ({ watched, observe }) => watched.unmovedFor >= observe / 3,",
  },
  {
    name: "a shift keeps its epoch",
    file: lease("shift-claim"),
    find: "epoch: seen.lease.epoch + 1 };",
    replace: "epoch: Math.max(1, seen.lease.epoch) };",
  },
  {
    name: "a shift that somebody gave back is nobody's for good",
    file: lease("shift-table"),
    find: 'fits: ({ seen }) => seen?.status !== "running", does: "claim" },',
    replace: 'fits: ({ seen }) => seen?.status !== "running", does: "watch" },',
  },
];

/** Of the store itself: what it stands on. */
const store: readonly Mutant[] = [
  {
    name: "the database acknowledges what no majority has",
    file: "test/runtime/simulation/replica-set.ts",
    find: "writes.push({ by, request });\n    return unanswered;",
    replace: "writes.push({ by, request });\n    return known.perform(request);",
  },
];

export const mutants: readonly Mutant[] = [
  ...writes,
  ...outcomes,
  ...trust,
  ...givenBack,
  ...sweep,
  ...shift,
  ...store,
];
