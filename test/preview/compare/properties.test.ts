import { describe, expect, test } from "vitest";
import { changedProperties } from "../../../preview/compare/properties.ts";
import { type Properties, Secret, UNKNOWN, type Value } from "../../../preview/resources.ts";

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64");

describe("what differs is found where it is", () => {
  test.each<[string, Properties, Properties, object[]]>([
    ["nothing", { a: 1, b: ["x"] }, { b: ["x"], a: 1 }, []],
    ["a value", { a: { b: 1 } }, { a: { b: 2 } }, [{ path: "a.b", before: 1, after: 2 }]],
    ["one that is new", {}, { a: { b: 1 } }, [{ path: "a.b", after: 1 }]],
    ["one that is gone", { a: { b: 1 } }, {}, [{ path: "a.b", before: 1 }]],
    ["an empty map that is new", {}, { auto: {} }, [{ path: "auto", after: {} }]],
    ["a name with a dot", { "a.b": 1 }, { "a.b": 2 }, [{ path: '["a.b"]', before: 1, after: 2 }]],
    ["a list of plain values, as a whole", { a: [1, 2] }, { a: [2] }, [{ path: "a", before: [1, 2], after: [2] }]],
    [
      "elements without a name, by their place",
      { a: [{ b: 1 }] },
      { a: [{ b: 1 }, { b: 2 }] },
      [{ path: "a[1].b", after: 2 }],
    ],
    [
      "elements that have names, whatever their order",
      {
        envs: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      },
      {
        envs: [
          { name: "B", value: "3" },
          { name: "A", value: "1" },
        ],
      },
      [{ path: 'envs["B"].value', before: "2", after: "3" }],
    ],
    ["what is known only after up", { a: "id" }, { a: UNKNOWN }, [{ path: "a", before: "id", after: "[unknown]" }]],
    [
      "JSON in a text, as what it says",
      { dashboardJson: '{"rows":1,"title":"x"}' },
      { dashboardJson: '{"title":"x","rows":2}' },
      [{ path: "dashboardJson.rows", before: 1, after: 2 }],
    ],
    [
      "the body of a round, whose base64 nobody reads",
      { body: base64({ scheduleHour: 8 }) },
      { body: base64({ scheduleHour: 9 }) },
      [{ path: "body.scheduleHour", before: 8, after: 9 }],
    ],
    [
      "a key that every object has",
      { labels: {} },
      { labels: { constructor: "x" } },
      [{ path: "labels.constructor", after: "x" }],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(changedProperties(before, after)).toEqual(expected);
  });
});

describe("a credential in plain is not told either, neither old nor new", () => {
  const key = `sk-${"a1B2".repeat(6)}`;
  const env = (name: string, value: string) => ({ envs: [{ name, value }] });

  test.each<[string, Properties, Properties]>([
    ["called like one", env("API_KEY", "hunter2"), env("API_KEY", "hunter3")],
    ["called like one, new", {}, env("API_KEY", "hunter2")],
    ["called like one, gone", env("API_KEY", "hunter2"), {}],
    [
      "called like one, when a secret of another name comes",
      env("API_KEY", "hunter2"),
      {
        envs: [{ name: "KEY_2", valueSource: { secretKeyRef: { secret: "key", version: "1" } } }],
      },
    ],
    [
      "one that was called otherwise, at the same place",
      {
        envs: [
          { name: "TOKEN", value: "hunter2" },
          { name: "TOKEN", value: "hunter3" },
        ],
      },
      { envs: [{ name: "A", value: "hunter2" }] },
    ],
    ["JSON", env("CREDENTIALS", '{"private":"hunter2"}'), env("CREDENTIALS", '{"private":"hunter3"}')],
    [
      "a plain JSON that is read from Secret Manager now",
      env("A", '{"private":"hunter2"}'),
      {
        envs: [{ name: "A", valueSource: { secretKeyRef: { secret: "key", version: "1" } } }],
      },
    ],
    ["looks like one", env("A", key), env("A", "hunter2")],
    ["looks like one now", env("A", "hunter2"), env("A", key)],
    ["looks like one, inside of JSON", env("A", `{"b":"${key}"}`), env("A", '{"b":"hunter2"}')],
    ["an argument", { args: ["--token", "hunter2"] }, { args: ["--token", "hunter3"] }],
    ["an argument that is new", {}, { args: ["--api-key=hunter2"] }],
    ["an argument of a shell's", { args: ["-c", "API_KEY=hunter2 python main.py"] }, { args: ["-c", "hunter2"] }],
    ["in place of a text", { a: env("TOKEN", "hunter2") }, { a: "hunter2" }],
  ])("%s", (_, before, after) => {
    const told = JSON.stringify(changedProperties(before, after));
    expect(told).not.toMatch(/hunter|sk-/);
    expect(told).toContain("[secret]");
  });

  test("what is only called alike is told", () => {
    expect(changedProperties(env("MAX_TOKENS", "1"), env("MAX_TOKENS", "2"))).toMatchObject([
      { before: "1", after: "2" },
    ]);
    expect(changedProperties({ args: ["--tokenizer=a"] }, { args: ["--tokenizer=b"] })).toMatchObject([
      { before: ["--tokenizer=a"] },
    ]);
  });
});

describe("a secret is never told, neither old nor new", () => {
  const secret = (text: string) => new Secret(JSON.stringify(text));
  const told = (before: Value, after: Value) => JSON.stringify(changedProperties({ a: before }, { a: after }));

  test("one that stays is no change", () => {
    expect(told(secret("hunter2"), secret("hunter2"))).toBe("[]");
  });

  test.each<[string, Value, Value]>([
    ["one that changes", secret("hunter2"), secret("hunter3")],
    ["a text that has become one (pulumi/pulumi#4957)", "hunter2", secret("hunter2")],
    ["one that has become a text", secret("hunter2"), "hunter2"],
    ["a map that has become one", { b: { c: "hunter2" } }, secret("hunter2")],
    ["a text in place of a map that held one", { b: secret("hunter2") }, "hunter2"],
    ["one in a list", ["hunter2"], [secret("hunter2")]],
    ["one in a list, deeper", [["hunter2"]], [[secret("hunter2")]]],
  ])("%s", (_, before, after) => {
    expect(told(before, after)).not.toContain("hunter2");
    expect(told(before, after)).toContain("[secret]");
  });

  test("a plain variable that is read from Secret Manager now", () => {
    const fromSecret = { secretKeyRef: { secret: "openai-key", version: "1" } };
    const [before, after] = [
      { name: "KEY", value: "hunter2" },
      { name: "KEY", valueSource: fromSecret },
    ];
    for (const pair of [
      [before, after],
      [after, before],
    ] as const) {
      const text = JSON.stringify(changedProperties({ envs: [pair[0]] }, { envs: [pair[1]] }));
      expect(text).not.toContain("hunter2");
      expect(text).toContain('envs[\\"KEY\\"].value"');
    }
  });
});
