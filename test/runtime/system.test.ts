import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { nodeClock } from "../../runtime/node-clock.ts";
import { nodeRandom } from "../../runtime/system.ts";

test.runIf(process.platform === "linux")(
  "CLOCK_BOOTTIME is the machine's, looked at anew with each event",
  async () => {
    const machine = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
    for (let events = 0; events < 3; events++) {
      await pause(30);
      const before = machine();
      expect(nodeClock.boot()).toBeGreaterThanOrEqual(before);
      expect(nodeClock.boot()).toBeLessThanOrEqual(machine());
    }
  },
);

test("while one event is handled no time goes by on it", () => {
  const at = nodeClock.boot();
  for (const until = performance.now() + 30; performance.now() < until; );
  expect(nodeClock.boot()).toBe(at);
});

test("no random byte is given out twice, however they are asked for", () => {
  const all = Array.from({ length: 1_000 }, (_, at) => nodeRandom.bytes(at % 7 === 0 ? 3_000 : 16));
  const starts = all.map((bytes) => Buffer.from(bytes.subarray(0, 16)).toString("hex"));
  expect(all.map(({ length }) => length)).toEqual(all.map((_, at) => (at % 7 === 0 ? 3_000 : 16)));
  expect(new Set(starts).size).toBe(all.length);
});
