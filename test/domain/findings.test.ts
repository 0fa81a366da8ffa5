import { expect, describe as group, test } from "vitest";
import { count, describe, type Finding, FindingsError, join, quoted, refusal } from "../../domain/findings.ts";

const short: Finding = { path: "workers.a.cpu", problem: "3 is not possible.", remedy: "Give 2." };
const other: Finding = { path: "environment", problem: "is missing.", remedy: "Give prod." };

group("a list of findings", () => {
  test("has one aligned line a finding", () => {
    expect(describe([short, other])).toBe(
      "  workers.a.cpu  3 is not possible. Give 2.\n  environment    is missing. Give prod.",
    );
  });

  test("goes on below its own beginning where the line is full", () => {
    expect(
      describe([{ ...short, problem: "3 is not possible: Cloud Run has jobs with 1, 2, 4, 6 or 8 vCPU." }], 60),
    ).toBe(
      [
        "  workers.a.cpu  3 is not possible: Cloud Run has jobs with",
        "                 1, 2, 4, 6 or 8 vCPU. Give 2.",
      ].join("\n"),
    );
  });

  test.each([60, 80, 120, 160])("never passes %i columns", (width) => {
    const long = { ...short, problem: "word ".repeat(100).trim() };
    for (const line of describe([long, other], width).split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  });

  test("gives a path that is too long a line of its own, and the others keep their column", () => {
    const deep = { ...other, path: `workers.${"a".repeat(60)}` };
    expect(describe([short, deep])).toBe(
      `  workers.a.cpu  3 is not possible. Give 2.\n  ${deep.path}\n                 is missing. Give prod.`,
    );
  });

  test("breaks no word, however narrow the terminal", () => {
    expect(describe([{ ...short, remedy: "x".repeat(90) }], 20)).toContain("x".repeat(90));
  });

  test("of none is empty", () => {
    expect(describe([])).toBe("");
  });
});

test("a refusal counts", () => {
  expect(refusal("Pulumi.prod.yaml", [short])).toMatch(/^Pulumi\.prod\.yaml cannot be deployed: 1 problem\n\n/);
  expect(count(2, "problem")).toBe("2 problems");
});

test("an error lists its findings by path, as people count", () => {
  const at = (path: string) => ({ ...short, path });
  expect(new FindingsError([at("b.10"), at("b.9"), at("a")]).findings.map(({ path }) => path)).toEqual([
    "a",
    "b.9",
    "b.10",
  ]);
});

test("a path leaves out what is empty", () => {
  expect(join("", "workers", 0, "cpu")).toBe("workers.0.cpu");
});

test("a long text is cut before it is shown", () => {
  expect(quoted("x".repeat(100))).toHaveLength(62);
  expect(quoted('a "b"')).toBe('"a \\"b\\""');
});
