import { expect, test } from "vitest";
import { changeOf } from "../../../scripts/replica-set/changes.ts";

const ns = { coll: "campaigns" };
const documentKey = { _id: "spring" };

test("a history has what was inserted and updated, and the ticks between", () => {
  const set = { status: "running" };
  expect(changeOf({ operationType: "insert", ns, documentKey, fullDocument: set })).toEqual({
    ...{ kind: "inserted", campaign: "spring", fields: set },
  });
  const updateDescription = { updatedFields: set, removedFields: ["resume.dialing"] };
  expect(changeOf({ operationType: "update", ns, documentKey, updateDescription })).toEqual({
    ...{ kind: "updated", campaign: "spring", set, unset: ["resume.dialing"] },
  });
  expect(changeOf({ operationType: "insert", ns: { coll: "ticks" }, documentKey: { _id: 7 } })).toEqual({
    ...{ kind: "tick", tick: 7 },
  });
  for (const operationType of ["update", "replace", "delete"])
    expect(changeOf({ operationType, ns: { coll: "containers" }, documentKey })).toBeUndefined();
});

test.each(["replace", "delete"])(
  "a campaign on which somebody did a %s has no history: that is no proof",
  (operationType) => {
    expect(() => changeOf({ operationType, ns, documentKey })).toThrow(
      `spring: ${operationType}, which nobody here may do`,
    );
  },
);

test.each(["drop", "rename"])("nor have campaigns of which the collection has gone by a %s", (operationType) => {
  expect(() => changeOf({ operationType, ns })).toThrow(`the campaigns: ${operationType}`);
});

test.each(["dropDatabase", "invalidate"])("nor after a %s", (operationType) => {
  expect(() => changeOf({ operationType })).toThrow(`the campaigns: ${operationType}`);
});
