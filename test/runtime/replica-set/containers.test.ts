/** What containers do and say themselves: an end that nobody asked for, a mistake that the log owns up to. */
import { expect, test } from "vitest";
import { brokenIn, type Life, type Line } from "../../../scripts/replica-set/containers.ts";

const line = (at: number, event: string, message: string, severity = "INFO"): Line => ({
  at,
  event,
  message,
  severity,
});
const started = line(1, "runtime_started", "The runtime runs.");
const life = (of: Partial<Life>): Life => ({
  ...{ seat: "c1", owner: "one", lines: [started], toldAt: undefined, ended: undefined },
  ...of,
});
const told = (lives: readonly Life[], since = 0) =>
  brokenIn(lives, since).map(({ rule, of, what }) => `${rule} ${of}: ${what}`);

test("a container that runs, and one that ended as it was told, are well", () => {
  expect(told([life({}), life({ toldAt: 5, ended: { at: 6, code: 143 } })])).toEqual([]);
});

test.each<[string, Partial<Life>, string]>([
  ["ends by itself", { ended: { at: 6, code: 70 } }, "ended c1: it exited with 70 by itself: The runtime runs."],
  [
    "ends by itself, as if all was done",
    { ended: { at: 6, code: 0 } },
    "ended c1: it exited with 0 by itself: The runtime runs.",
  ],
  [
    "dies before its first word",
    { lines: [], ended: { at: 6, code: 1 } },
    "ended c1: it exited with 1 by itself: it had said nothing",
  ],
  [
    "ends by itself with the code of one that was told",
    { ended: { at: 6, code: 143 } },
    "ended c1: it exited with 143 by itself: The runtime runs.",
  ],
  [
    "is deaf to SIGTERM",
    { toldAt: 5, ended: { at: 15, code: null } },
    "ended c1: it was killed 10.0 s after SIGTERM: The runtime runs.",
  ],
  [
    "fails when it is told to end",
    { toldAt: 5, ended: { at: 6, code: 70 } },
    "ended c1: it exited with 70 1.0 s after SIGTERM: The runtime runs.",
  ],
  [
    "owns up to a mistake",
    { lines: [started, line(2, "any", "A mistake of the runtime (heartbeats): x", "CRITICAL")] },
    "mistake c1: A mistake of the runtime (heartbeats): x",
  ],
  [
    "answers a call with 500",
    { lines: [started, line(2, "call_failed", "begin met a bug of the runtime", "ERROR")] },
    "mistake c1: begin met a bug of the runtime",
  ],
])("a container that %s is found", (_, of, violation) => {
  expect(told([life(of)])).toEqual([violation]);
  // Once, and not again by each later look.
  expect(told([life(of)], 100)).toEqual([]);
});
