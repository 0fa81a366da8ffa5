import { describe, expect, test } from "vitest";
import { budgetOf, CONFIRM_AT_END } from "../../../runtime/supervisor/budget.ts";
import { Restarts } from "../../../runtime/supervisor/restarts.ts";

describe("the grace period", () => {
  test("of Cloud Run: the kill at 6.5 s, the end at 9.5 s", () => {
    expect(budgetOf(10)).toEqual({ kill: 6500, exit: 9500 });
  });

  test("that is longer goes to the worker's calls", () => {
    expect(budgetOf(600)).toEqual({ kill: 596_500, exit: 599_500 });
  });

  test.each([0.5, 1, 2, 5, 7, 10, 60])(
    "of %d s holds the kill, its confirmation and the end, in this order",
    (grace) => {
      const { kill, exit } = budgetOf(grace);
      expect(kill).toBeGreaterThanOrEqual(grace * 640);
      expect(exit).toBeLessThan(grace * 1000);
      expect(exit - kill).toBeGreaterThan(Math.min(CONFIRM_AT_END, grace * 250));
    },
  );
});

describe("a worker that dies again and again", () => {
  test("waits twice as long each time, and never longer than a minute", () => {
    const restarts = new Restarts(9);
    const delays = Array.from({ length: 10 }, () => restarts.died(0));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, undefined]);
  });

  test("is not started at all with AGENT_RESTARTS=0", () => {
    expect(new Restarts(0).died(3_600_000)).toBeUndefined();
  });

  test("has what was before forgotten after ten good minutes, and not a moment earlier", () => {
    const restarts = new Restarts(2);
    restarts.died(0);
    restarts.died(0);
    expect(restarts.died(600_000)).toBe(1000);
    expect(restarts.died(599_999)).toBe(2000);
    expect(restarts.died(0)).toBeUndefined();
  });
});
