/** Resources of a preview as the rules read them. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SECRET, UNKNOWN } from "../../policies/value.ts";
import { policyConfiguration, readable } from "../../preview/policies.ts";
import { type DeclaredResource, UNKNOWN as NOT_KNOWN, type Properties, Secret } from "../../preview/resources.ts";
import { StackFileError } from "../../preview/stack/config-values.ts";
import { declaredResource } from "../support/declared-stack.ts";

const resource = (name: string, inputs: Properties = {}, changes: Partial<DeclaredResource> = {}) =>
  declaredResource("gcp:a/b:B", name, inputs, changes);

test("a secret is there and not read, and one that is not known yet is not known", () => {
  const inputs = {
    a: new Secret("hunter2"),
    b: [new Secret(undefined), NOT_KNOWN, { c: "x", d: null, e: 1, f: false }],
  };
  const [read] = readable([resource("one", inputs)]);
  expect(read?.inputs).toEqual({ a: SECRET, b: [UNKNOWN, UNKNOWN, { c: "x", d: null, e: 1, f: false }] });
});

test("what a value comes from can be followed, and what is not of this stack is left out", () => {
  const first = resource("first", { accountId: "dental" });
  const [, second] = readable([
    first,
    resource("second", {}, { protect: true, propertyDependencies: { member: [first.urn, "urn:of:nobody"], role: [] } }),
  ]);
  expect(second?.protect).toBe(true);
  expect(second?.propertyDependencies.member?.map(({ inputs }) => inputs)).toEqual([{ accountId: "dental" }]);
  expect(second?.propertyDependencies.role).toEqual([]);
});

test("a stack without a file of its own sets nothing, and a file that cannot be read is not taken for none", async () => {
  const project = await mkdtemp(join(tmpdir(), "policies-"));
  try {
    expect((await policyConfiguration(project, "prod")).size).toBe(0);
    await mkdir(join(project, "policies/stacks/prod.json"), { recursive: true });
    await expect(policyConfiguration(project, "prod")).rejects.toThrow(StackFileError);
    await writeFile(join(project, "policies/stacks/staging.json"), "{");
    await expect(policyConfiguration(project, "staging")).rejects.toThrow(/^policies\/stacks\/staging\.json/);
  } finally {
    await rm(project, { recursive: true });
  }
});
