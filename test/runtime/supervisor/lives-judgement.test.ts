/** What is wrong with a life is seen, also where no machine brings it about while the production code is right. */
import { describe, expect, test } from "vitest";
import type { Fact, Told } from "./real-lives/facts.ts";
import { type Fate, fateOf } from "./real-lives/fate.ts";
import { wrongIn } from "./real-lives/judgement.ts";
import type { Lived, Sent } from "./real-lives/life.ts";
import type { Living } from "./real-lives/living.ts";
import { excuseOf } from "./real-lives/unconfirmed.ts";

const RUNTIME = 100;
const WORKER = 200;
const JOB = 300;

const quiet: Fate["worker"] = { onTerm: null, code: 0, ends: null, jobs: [] };
const sigterm: Sent = { at: 0, name: "SIGTERM", to: "runtime", sent: 1000, queued: 0 };
const lives: Living = { pid: JOB, state: "S", parent: 1, session: JOB };

const by = (pid: number, at: number, fact: Fact): Told => ({ pid, at, ...fact });
const says = (at: number, event: string, reason?: string) => by(RUNTIME, at, { what: "says", event, reason });
const sends = (at: number, to: number, below = false) => by(RUNTIME, at, { what: "sends", to, below });
const started = (pid: number, parent: number) =>
  by(pid, 500, { what: "started", role: pid === WORKER ? "worker" : "job", parent, group: WORKER, session: WORKER });
const left = (state: string) =>
  by(RUNTIME, 1700, { what: "left", kind: "campaigns", record: { id: "autumn", lease: { state } } });
const givesBack = (at: number) =>
  by(RUNTIME, at, { what: "given back", kind: "campaigns", ids: ["autumn"], alive: [] });

/** Of a deaf worker that is told at 1 s, and killed 0.65 s later. */
const story = (...more: readonly Told[]): readonly Told[] =>
  [
    by(RUNTIME, 0, { what: "runtime", below: "node" }),
    by(RUNTIME, 400, { what: "runs", worker: WORKER }),
    started(WORKER, RUNTIME),
    says(1001, "drain_started", "terminated"),
    by(WORKER, 1003, { what: "term", role: "worker", sender: RUNTIME, below: false, ignored: true }),
    says(1650, "worker_killed"),
    by(RUNTIME, 1651, { what: "kills", worker: WORKER, queued: 0 }),
    ...more,
  ].sort((a, b) => a.at - b.at);

/** Its kill is confirmed. */
function life(facts: readonly Told[], other: Partial<Lived> = {}): Lived {
  const lines = [{ event: "runtime_exited", reason: "terminated" }];
  const fate: Fate = { ...fateOf(1), settings: {}, shells: 0, worker: quiet, from: "the worker's first word" };
  return { fate, code: 143, signal: null, ended: 1750, sent: [sigterm], facts, lines, left: [], ...other };
}

/** Its kill is not, after half a second. */
function unconfirmed(
  given: Partial<Extract<Fact, { what: "unconfirmed" }>>,
  facts: readonly Told[] = [],
  other: Partial<Lived> = {},
): Lived {
  const saw = by(RUNTIME, 2160, { what: "unconfirmed", born: 0, looks: 20, queued: 0, alive: [], ...given });
  const lines = [{ event: "kill_unconfirmed" }, { event: "runtime_exited", reason: "terminated" }];
  return life(story(sends(1002, WORKER), saw, left("held"), ...facts), { ended: 2200, lines, ...other });
}

const forking = { fate: { ...life([]).fate, worker: { ...quiet, forks: fateWithForks() } } };

function fateWithForks(): NonNullable<Fate["worker"]["forks"]> {
  const job = { where: "session", orphan: false, hops: 100, every: 2, onTerm: null, code: 0, ends: null } as const;
  return { after: "start", at: 0, every: 5, count: 40, job };
}

describe("the SIGTERMs of a life, where they are sent", () => {
  const exited = by(RUNTIME, 1100, { what: "exited", worker: WORKER });
  const looked = by(RUNTIME, 1101, { what: "looks for orphans", worker: WORKER });

  test("one to the worker is right", () => {
    expect(wrongIn(life(story(sends(1002, WORKER))))).toEqual([]);
  });

  test("a job of the worker before, which is dead, needs none", () => {
    const starts = by(RUNTIME, 390, { what: "starts", alive: [] });
    const before = { ...started(JOB, 199), at: 300, orphan: true };
    expect(wrongIn(life(story(before, starts, sends(1002, WORKER), exited, looked)))).toEqual([]);
  });

  test.each([
    [
      "two at once, which arrive as one",
      [sends(1002, WORKER), sends(1002, WORKER)],
      `second SIGTERM was sent to ${WORKER}`,
    ],
    ["none", [], `worker ${WORKER} was to leave, and no SIGTERM was sent to it`],
    ["one to the whole group", [sends(1002, -WORKER)], `to the whole group ${WORKER}`],
    ["one before it is to leave", [sends(600, WORKER)], "before it was to leave"],
    ["one to a job whose worker lives", [sends(1002, WORKER), sends(1003, JOB)], `to ${JOB} while its worker lived`],
    [
      "one to a job whose parent lives",
      [sends(1002, WORKER), exited, sends(1102, JOB, true)],
      `to ${JOB} while its parent`,
    ],
    [
      "none to a job whose worker has ended",
      [sends(1002, WORKER), exited, looked, started(JOB, WORKER)],
      `job ${JOB} had lost`,
    ],
    ["no look for jobs whose worker has ended", [sends(1002, WORKER), exited], "nobody looked for those"],
  ])("%s", (_, facts, wrong) => {
    expect(wrongIn(life(story(...facts))).join("; ")).toContain(wrong);
  });
});

describe("a kill that was not confirmed", () => {
  test.each([
    [
      "frozen for most of it",
      unconfirmed({ looks: 1 }, [], { sent: [sigterm, ...frozen(1655, 2000)] }),
      "it was frozen",
    ],
    ["without a CPU for most of it", unconfirmed({ looks: 2, queued: 300 }), "it had no CPU"],
    ["beside others that fork", unconfirmed({ born: 2 }), "others fork"],
    ["of a worker that forks", unconfirmed({ alive: [lives] }, [], forking), "it forks"],
  ] as const)("is excused: %s", (_, lived, excuse) => {
    expect(excuseOf(lived)).toBe(excuse);
    expect(wrongIn(lived)).toEqual([]);
  });

  test.each([
    ["nothing lived, and nobody else forked", unconfirmed({}), "nothing excuses"],
    ["it had no CPU, and looked often enough", unconfirmed({ queued: 300 }), "nothing excuses"],
    ["what lived does not fork", unconfirmed({ alive: [lives], born: 9 }), "nothing excuses"],
    ["something is given back then", unconfirmed({ born: 2 }, [givesBack(2170)]), "though something may live"],
    ["something is free that nobody gave back", unconfirmed({ born: 2 }, [left("free")]), "nobody saw it given back"],
    ["nothing lived, and something is left", unconfirmed({ born: 2 }, [], { left: [lives] }), "outlived the runtime"],
    ["it takes too long to its end", unconfirmed({ born: 2 }, [], { ended: 4200 }), "3200 ms of its own"],
    ["a SIGTERM more is sent", unconfirmed({ born: 2 }, [sends(1002, WORKER)]), "second SIGTERM"],
  ])("is wrong where %s", (_, lived, wrong) => {
    expect(wrongIn(lived).join("; ")).toContain(wrong);
  });
});

describe("from the SIGTERM to the end", () => {
  const over = (queued: number) => by(RUNTIME, 4690, { what: "over", queued });

  test("a life that takes two seconds more than its budget is wrong", () => {
    expect(wrongIn(life(story(sends(1002, WORKER)), { ended: 4000 })).join("; ")).toContain("3000 ms of its own");
  });

  test("what the runtime had no CPU for is not its own", () => {
    expect(wrongIn(life(story(sends(1002, WORKER), over(900)), { ended: 4700 }))).toEqual([]);
    expect(wrongIn(life(story(sends(1002, WORKER), over(100)), { ended: 4700 }))).not.toEqual([]);
  });
});

function frozen(from: number, to: number): readonly Sent[] {
  const signal = (name: "SIGSTOP" | "SIGCONT", sent: number): Sent => ({ at: 0, name, to: "runtime", sent, queued: 0 });
  return [signal("SIGSTOP", from), signal("SIGCONT", to)];
}
