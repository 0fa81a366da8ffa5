import { expect, test } from "vitest";
import { configurationOf, encryptedFindings } from "../../../domain/settings/configuration.ts";

const values = {
  "gcp:project": "ortho-ai-485203",
  "gcp:disableGlobalProjectWarning": "true",
  "aws:region": "us-east-1",
  "agent-worker:environment": "prod",
  "agent-worker:workers": '{"dental":{"cpu":2}}',
  "agent-worker:rounds": "{}",
  "agent-worker:wrokers": '{"dental":{}}',
};

test("the project's keys lose their namespace, structured ones are parsed, other people's are left out", () => {
  expect(configurationOf(values, "agent-worker")).toEqual({
    "gcp:project": "ortho-ai-485203",
    environment: "prod",
    workers: { dental: { cpu: 2 } },
    // Misspelled: the schema says so, rather than nobody.
    wrokers: { dental: {} },
  });
});

test("an empty section, the default that Pulumi.yaml has to declare, is one that was left out", () => {
  expect(configurationOf(values, "agent-worker")).not.toHaveProperty("rounds");
});

test("what is not JSON stays a text, for the schema to refuse", () => {
  expect(configurationOf({ "agent-worker:workers": "dental" }, "agent-worker")).toEqual({ workers: "dental" });
});

test.each(["agentworker:rounds", "agent-workers:rounds", "agent_worker:rounds"])(
  "a section under a misspelt namespace (%s) is noticed: the next deployment would delete what it declares",
  (key) => {
    expect(configurationOf({ [key]: '{"name":"careflow"}' }, "agent-worker")).toHaveProperty([key]);
  },
);

test("a key that every object has is kept, for the schema to refuse", () => {
  const configuration = configurationOf({ "agent-worker:__proto__": '{"x":1}' }, "agent-worker");
  expect(Object.keys(configuration)).toEqual(["__proto__"]);
});

test("an encrypted value is refused where it would be deployed in plain, and allowed in the channels", () => {
  const keys = ["agent-worker:alerts", "agent-worker:workers", "aws:secretKey"];
  expect(encryptedFindings(keys, "agent-worker")).toEqual([
    expect.objectContaining({ path: "workers", remedy: expect.stringContaining("Secret Manager") }),
  ]);
});
