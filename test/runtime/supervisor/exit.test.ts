import { describe, expect, test } from "vitest";
import { codeOf, exitCode, exits, exitTable, type Reason } from "../../../runtime/supervisor/exit.ts";
import type { Ended } from "../../../runtime/supervisor/processes.ts";

/** Every reason, with the code and what becomes of the shift. A row that is missing here does not compile. */
const rows: Readonly<Record<Reason, readonly [code: number, leaving: string | undefined]>> = {
  closed: [0, "released"],
  completed: [0, "released"],
  duplicate: [0, "released"],
  closing: [0, "completed"],
  runOver: [0, "released"],
  shiftLost: [0, "released"],
  terminated: [143, "released"],
  interrupted: [130, "released"],
  workerEnded: [7, "released"],
  gaveUp: [7, "released"],
  notStarted: [7, "released"],
  stuck: [70, undefined],
  failed: [70, undefined],
};

test.each(Object.entries(rows))("%s exits as Cloud Run has to read it", (reason, [code, leaving]) => {
  expect(exitCode(reason as Reason, { code: 7 })).toBe(code);
  expect(exits[reason as Reason].leaving).toBe(leaving);
});

test("only closing completes a shift: after anything else somebody may start it again", () => {
  expect(Object.entries(exits).filter(([, { leaving }]) => leaving === "completed")).toHaveLength(1);
});

test("a task that has failed is an error in the log, one that is told to end is not", () => {
  for (const { code, severity } of Object.values(exits)) {
    if (code === 70) expect(["ERROR", "CRITICAL"]).toContain(severity);
    if (code === 0 || code === 143) expect(["INFO", "NOTICE"]).toContain(severity);
  }
});

describe("a worker's own code", () => {
  test.each<[string, Ended, number]>([
    ["0", { code: 0 }, 0],
    ["1", { code: 1 }, 1],
    ["255", { code: 255 }, 255],
    ["killed", { signal: "SIGKILL" }, 137],
    ["terminated", { signal: "SIGTERM" }, 143],
    ["a crash with a core", { signal: "SIGSEGV" }, 139],
    ["aborted", { signal: "SIGABRT" }, 134],
  ])("%s", (_, ended, code) => {
    expect(codeOf(ended)).toBe(code);
    expect(exitCode("workerEnded", ended)).toBe(code);
    expect(exitCode("gaveUp", ended)).toBe(code === 0 ? 70 : code);
  });

  test("that nobody knows is not taken for success", () => {
    expect([exitCode("workerEnded"), exitCode("gaveUp")]).toEqual([70, 70]);
  });
});

test("the documentation's table has a row for every reason", () => {
  expect(exitTable()).toHaveLength(Object.keys(exits).length + 1);
  for (const row of exitTable()) for (const cell of row) expect(cell).not.toBe("");
  expect(exitTable()).toContainEqual([
    "SIGTERM before closing, or without a calendar",
    "143",
    "the task is not done: Cloud Run starts it again, unless the execution was cancelled",
  ]);
});
