import { expect, test } from "vitest";
import { Availability } from "../../../runtime/lease/availability.ts";
import type { Log } from "../../../runtime/ports.ts";
import { StoreError } from "../../../runtime/store/store.ts";

function told(failures: readonly unknown[]): readonly string[] {
  const lines: string[] = [];
  const log: Log = (severity, event) => void lines.push(`${severity} ${event}`);
  const availability = new Availability(log, "heartbeats", "campaigns go on");
  for (const failure of failures) availability.tell(failure);
  return lines;
}

const away = new StoreError("update campaigns", "no answer");

test("an outage is one line, and its end another", () => {
  expect(told([undefined, away, away, undefined, undefined, away])).toEqual([
    "WARNING database_unavailable",
    "NOTICE database_available",
    "WARNING database_unavailable",
  ]);
});

test("a mistake of the runtime does not pass for an outage: nobody would look for it", () => {
  expect(told([new TypeError("x is not a function"), undefined])).toEqual(["CRITICAL call_failed"]);
});
