import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { faults, longFaults } from "../../../scripts/replica-set/faults.ts";
import { CONTAINERS, type PassResult, ROUNDS_AT_ONCE } from "../../../scripts/replica-set/pass.ts";
import { nothing, plus, table, toothless } from "../../../scripts/replica-set/report.ts";
import { acceptedIn } from "../../../scripts/replica-set/senders.ts";

const seen = { campaigns: 1, effects: 10, writes: 30, claims: 2, takeovers: 1 };
const result = (bitten: number, violations: PassResult["violations"] = []): PassResult => ({
  faults: new Map([["a cut", { rounds: 3, bitten }]]),
  violations,
  stories: new Map(),
  seen,
  seconds: 60,
});

test("a fault that never did what it is for is named: what it hurts was not proven", () => {
  expect(toothless(plus(plus(nothing, result(0)), result(0)))).toContain("a cut");
  expect(toothless(plus(plus(nothing, result(0)), result(1)))).not.toContain("a cut");
});

test("a fault that was never brought about did not do what it is for either", () => {
  expect(toothless(nothing)).toEqual(faults);
  expect(faults).toHaveLength(10);
});

test("each kind of stop has containers of its own, and most containers stay well", () => {
  for (const rounds of [1, 2, ROUNDS_AT_ONCE]) {
    const counts = Object.values(longFaults).map(({ containers }) => containers(rounds));
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(counts.reduce((a, b) => a + b)).toBeLessThan(CONTAINERS / 2);
  }
});

test("a violation of any pass stands in the table, counted and told", () => {
  const broken = result(3, [{ rule: "twice", of: "spring", what: "call 1 in epoch 1" }]);
  const told = table(plus(plus(nothing, broken), result(2)));
  expect(told.find((line) => line.startsWith("  a cut "))).toMatch(/^ {2}a cut +6 +5$/);
  expect(told).toContain("       1  an effect twice");
  expect(told).toContain("          spring: call 1 in epoch 1");
  expect(told).toContain("  2 campaigns, 20 calls, 60 writes, 4 claims, 2 of them takeovers, in 120 s");
});

test("of a server's log the updates count that it did not refuse, each for the machine it came from", () => {
  const line = (attr: object) => JSON.stringify({ c: "WRITE", msg: "Slow query", attr });
  const update = { type: "update", command: { q: { _id: "spring" } }, remote: "10.0.0.7:4711" };
  const log = [
    "a line that is no JSON",
    line({ ...update, nMatched: 1 }),
    line({ ...update, nMatched: 0 }),
    line({ ...update, type: "command", nMatched: 1 }),
    line({ ...update, errName: "InterruptedDueToReplStateChange" }),
    '{"msg":"Slow query","attr":{"type":"upd',
  ];
  expect(acceptedIn(`${log.slice(0, -1).join("\n")}\n`)).toEqual(
    Array(2).fill({ campaign: "spring", address: "10.0.0.7" }),
  );
  // What a kill has cut off in the middle of a line.
  expect(acceptedIn(log.join("\n"))).toHaveLength(2);
});

test("the command refuses what it does not understand, before it starts anything", () => {
  const command = resolve(import.meta.dirname, "../../../scripts/replica-set.ts");
  for (const wrong of [["--rounds", "0"], ["--rounds", "many"], ["--sooner"]]) {
    const { status, stderr } = spawnSync(process.execPath, [command, ...wrong], { encoding: "utf8" });
    expect([status, stderr]).toEqual([2, expect.stringContaining("usage: npm run -s replica-set")]);
  }
});
