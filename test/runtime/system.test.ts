import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { nodeClock } from "../../runtime/node-clock.ts";
import { nodeRandom } from "../../runtime/system.ts";

test.runIf(process.platform === "linux")("CLOCK_BOOTTIME is the machine's", async () => {
  const machine = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
  // What the clock may be wrong by, and the hundredths of a second in which both are counted.
  const apart = 120;
  for (let events = 0; events < 5; events++) {
    await pause(300);
    const before = machine();
    expect(nodeClock.boot()).toBeGreaterThanOrEqual(before - apart);
    expect(nodeClock.boot()).toBeLessThanOrEqual(machine() + apart);
  }
});

test("no random byte is given out twice, however they are asked for", () => {
  const all = Array.from({ length: 1_000 }, (_, at) => nodeRandom.bytes(at % 7 === 0 ? 3_000 : 16));
  const starts = all.map((bytes) => Buffer.from(bytes.subarray(0, 16)).toString("hex"));
  expect(all.map(({ length }) => length)).toEqual(all.map((_, at) => (at % 7 === 0 ? 3_000 : 16)));
  expect(new Set(starts).size).toBe(all.length);
});
