/** docs/policies.md says of the policies what they are. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readConfiguration } from "../../policies/configuration.ts";
import { rules } from "../../policies/rules.ts";
import { policiesTable, withPolicies } from "../../scripts/policies-page.ts";

const page = readFileSync(new URL("../../docs/policies.md", import.meta.url), "utf8");

test("the table and the sections are those of today's rules (npm run docs)", () => {
  expect(page).toBe(withPolicies(page));
});

test("only what is between the marks is written", () => {
  const [first] = rules;
  if (first === undefined) throw new Error("there is no rule");
  expect(withPolicies(page, [first])).not.toBe(page);
  expect(withPolicies(withPolicies(page, [first]))).toBe(page);
  expect(() => withPolicies("no marks")).toThrow("no marks");
});

test("the pages count the rules rightly", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(rules).toHaveLength(30);
  expect(readme).toContain("Thirty rules");
  expect(page).toContain("thirty rules");
});

test("every finding leads to a heading of the page", () => {
  const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(rules.map(({ name }) => name));
});

test("a bar in a title does not break the table", () => {
  const [first] = rules;
  if (first === undefined) throw new Error("there is no rule");
  expect(policiesTable([{ ...first, title: "one | two" }])).toContain("one \\| two |");
});

describe("the checklist", () => {
  const rows = [...page.matchAll(/^\| (\d+) \| [^|]+ \| ([^|]+) \|$/gm)].map(([, number, here = ""]) => ({
    number: Number(number),
    here,
    named: [...here.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, name]) => name),
  }));

  test("is answered row by row", () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    expect(
      rows
        .filter(({ named, here }) => named.length === 0 && !here.startsWith("left out: "))
        .map(({ number }) => number),
    ).toEqual([]);
  });

  test.each(rules.map(({ name, from }) => [name, from] as const))("%s stands at what it comes from", (name, from) => {
    for (const number of from) expect(rows[number - 1]?.named).toContain(name);
  });
});

test("the example of a configuration is one", () => {
  const [, json = ""] = /```json\n(.*?)```/s.exec(page) ?? [];
  expect(readConfiguration(json, rules).get("labels")?.parameters).toEqual({
    required: ["environment", "component", "managed-by", "owner"],
  });
  for (const [, line = ""] of page.matchAll(/\| `("[a-z-]+": [^`]+)`/g)) readConfiguration(`{ ${line} }`, rules);
});
