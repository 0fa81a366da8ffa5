import { expect, test } from "vitest";
import type { Topology, TopologyServer } from "../../../../runtime/store/mongo/driver.ts";
import { PrimaryWatch } from "../../../../runtime/store/mongo/topology.ts";

const servers = (...all: TopologyServer[]): Topology => ({
  servers: new Map(all.map((server) => [server.address, server])),
});
const primary = (address: string, election: string): TopologyServer => ({
  address,
  type: "RSPrimary",
  electionId: { toString: () => election },
});
const other = (address: string, type = "RSSecondary"): TopologyServer => ({ address, type, electionId: null });

/** How often the listener was called by these descriptions, one after another. */
function calls(...descriptions: Topology[]): number {
  const watch = new PrimaryWatch();
  let count = 0;
  watch.listen(() => count++);
  descriptions.slice(1).forEach((newDescription, index) => {
    watch.see({ previousDescription: descriptions[index] ?? servers(), newDescription });
  });
  return count;
}

const unknown = servers(other("a", "Unknown"), other("b", "Unknown"));
const a1 = servers(primary("a", "1"), other("b"));
const none = servers(other("a"), other("b"));
const b2 = servers(other("a"), primary("b", "2"));

test("the first primary is no change", () => {
  expect(calls(unknown, a1)).toBe(0);
});

test("another primary is told, once", () => {
  expect(calls(unknown, a1, none, b2)).toBe(1);
  expect(calls(unknown, a1, b2, b2)).toBe(1);
});

test("a primary that was elected again is told: another may have been it in between", () => {
  expect(calls(unknown, a1, none, servers(primary("a", "3"), other("b")))).toBe(1);
});

test("a primary that was silent for a while is the same one", () => {
  expect(calls(unknown, a1, unknown, a1)).toBe(0);
});

test("a secondary that comes or goes is no change", () => {
  expect(calls(unknown, a1, servers(primary("a", "1"), other("b", "Unknown")), a1)).toBe(0);
});

test("a client that was connected before it was watched loses no change", () => {
  expect(calls(a1, none, b2)).toBe(1);
  expect(calls(a1, b2)).toBe(1);
});

test("another router of a sharded cluster is told, one that goes is not", () => {
  const [one, both] = [servers(other("a", "Mongos")), servers(other("a", "Mongos"), other("b", "Mongos"))];
  expect(calls(unknown, one, both)).toBe(1);
  expect(calls(unknown, both, one)).toBe(0);
});

test("nobody is told after they stopped listening", () => {
  const watch = new PrimaryWatch();
  let count = 0;
  watch.listen(() => count++)();
  watch.see({ previousDescription: a1, newDescription: b2 });
  expect(count).toBe(0);
});
