import { describe, expect, test } from "vitest";
import { beganWith, lives, parseStat, processTable } from "../../../runtime/supervisor/process-table.ts";

test("a process that is called like the end of a line of the table is read all the same", () => {
  const line = "4711 (x) Z 1 4700 4600 (a b) S 1 4242 4200 0 -1 4194304 100 0 0 0";
  expect(parseStat(line)).toEqual({ pid: 4711, state: "S", parent: 1, group: 4242, session: 4200 });
});

test("a line that is cut off is no process", () => {
  expect(parseStat("")).toBeUndefined();
  expect(parseStat("4711 (sleep) S 1")).toBeUndefined();
});

test.each([
  ["R", true],
  ["S", true],
  ["D", true],
  ["T", true],
  ["Z", false],
  ["X", false],
])("a process in state %s lives: %s", (state, alive) => {
  expect(lives({ pid: 1, state, parent: 0, group: 1, session: 1 })).toBe(alive);
});

test("this process is in the table", () => {
  const own = [...processTable()].find(({ pid }) => pid === process.pid);
  expect(own).toMatchObject({ state: "R", parent: process.ppid });
});

describe("a process whose line cannot be read", () => {
  const failing = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };

  test.each(["EMFILE", "ENFILE", "EIO", "ENOMEM"])("(%s) is not taken for one that has ended", (code) => {
    expect(() => [...processTable(failing(code))]).toThrow(code);
  });

  test.each(["ENOENT", "ESRCH"])(
    "(%s) has ended in between: it may have left a child that is not in the list",
    (code) => {
      const table = [...processTable(failing(code))];
      expect(table).toContainEqual({ pid: process.pid, state: "X", parent: -1, group: -1, session: -1 });
      expect(table.filter(lives)).toEqual([]);
      expect(beganWith(process.pid, "A=b", failing(code))).toBe("gone");
    },
  );

  test.each(["EACCES", "EPERM"])("(%s) is another user's, and keeps no worker from its next start", (code) => {
    expect([...processTable(failing(code))]).toEqual([]);
    expect(beganWith(process.pid, "A=b", failing(code))).toBe(false);
  });
});
