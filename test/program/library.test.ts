import { beforeAll, describe, expect, it } from "vitest";
import type { DeclaredStack } from "../../preview/resources.ts";
import { declared, outcomesOf, urnsOf } from "../support/stack-previews.ts";

const withoutStack = (urn: string) => urn.split("::").slice(2).join("::");

describe("components that were moved and renamed, with aliases", () => {
  let before: DeclaredStack;
  let after: DeclaredStack;

  beforeAll(async () => {
    const outcomes = await outcomesOf(
      { before: {}, after: { "agent-worker:moved": true } },
      "test/program/fixtures/moved/index.ts",
    );
    [before, after] = [declared(outcomes.before), declared(outcomes.after)];
  }, 60_000);

  it("keep everything they declare: a grant that is made anew under another name vanishes with the old one", () => {
    const known = new Set(after.resources.flatMap(({ urn, aliases }) => [urn, ...aliases].map(withoutStack)));
    expect(urnsOf(before).filter((urn) => !known.has(urn))).toEqual([]);
  });

  it("keep every physical name, so that nothing is replaced", () => {
    const inputs = (stack: DeclaredStack) =>
      stack.resources.filter(({ custom }) => custom).map((resource) => resource.inputs);
    expect(inputs(after)).toEqual(expect.arrayContaining([...inputs(before)]));
  });
});

describe("a component that cannot be deployed", () => {
  it("ends the program with what is wrong, without a stack trace, and has declared nothing", async () => {
    const { wrong } = await outcomesOf({ wrong: {} }, "test/program/fixtures/refused/index.ts");
    if (wrong.ok) throw new Error("it was deployed");
    expect(wrong.messages.join()).toMatch(
      /AgentWorker dental cannot be deployed: 1 problem\n\n {2}memory +8Gi is more than/,
    );
    expect(JSON.stringify([wrong.messages, wrong.diagnostics, wrong.output])).not.toMatch(/\bat .*\.ts:\d+/);
  });
});
