import { expect, test } from "vitest";
import { labelFindings, labelsFor } from "../../domain/labels.ts";

test("a resource has the stack's labels, and says what it is", () => {
  expect(labelsFor({ owner: "voice-platform" }, "prod", "worker")).toEqual({
    owner: "voice-platform",
    environment: "prod",
    component: "worker",
    "managed-by": "agent-worker",
  });
});

test("a label that would be overwritten is a finding, another is none", () => {
  expect(labelFindings({ component: "x", "managed-by": "me", owner: "x" }).map(({ path }) => path)).toEqual([
    "labels.component",
    "labels.managed-by",
  ]);
});
