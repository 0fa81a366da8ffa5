import { inspect } from "node:util";
import { expect, test } from "vitest";
import { failure, isDuplicateId, unviable } from "../../../../runtime/store/mongo/failure.ts";
import { StoreError } from "../../../../runtime/store/store.ts";

/** A bulk write of which some writes failed with these codes, as the driver throws it. */
const bulk = (codes: readonly number[], majority: unknown = undefined) =>
  Object.assign(new Error("what the server said"), {
    code: codes[0],
    writeErrors: codes.map((code, index) => ({ code, index: index + 5 })),
    matchedCount: 7,
    result: { getWriteConcernError: () => majority },
  });

test("only writes below null are tried again, by their places, and the others counted as done", () => {
  expect(unviable(bulk([28, 28]))).toEqual({ indexes: [5, 6], matched: 7 });
});

test("a bulk write that no majority acknowledged is not counted as done because one of its writes met null", () => {
  expect(unviable(bulk([28], { code: 64 }))).toBeUndefined();
});

test.for([
  ["another refusal among them", bulk([28, 14])],
  ["no refusal at all", bulk([])],
  ["a broken connection", new Error("connection closed")],
  ["nothing", undefined],
] as const)("with %s nothing is tried again", ([, error]) => {
  expect(unviable(error ?? {})).toBeUndefined();
});

test("a record is there already only when its id is", () => {
  expect(isDuplicateId({ code: 11_000, keyPattern: { _id: 1 } })).toBe(true);
  // An older server does not say which index it was; without one of the owner's it is that of the ids.
  expect(isDuplicateId({ code: 11_000 })).toBe(true);
  expect(isDuplicateId({ code: 11_000, keyPattern: { phone: 1 } })).toBe(false);
  expect(isDuplicateId({ code: 64, keyPattern: { _id: 1 } })).toBe(false);
});

test("an error has the server's reason by its name and ours in words, and no word of the server", () => {
  const said = Object.assign(new Error("not authorized to execute { find: { phone: 'a number' } }"), {
    code: 13,
    codeName: "Unauthorized",
  });
  const error = failure("find campaigns", said);
  expect(error).toBeInstanceOf(StoreError);
  expect(error.message).toBe(
    "find campaigns: the database refused it (Unauthorized, code 13): its user needs the role readWrite on this database",
  );
  expect(inspect(error, { depth: 9 })).not.toContain("a number");
});

test("an error that is none of a server keeps its words, once", () => {
  const inner = failure("find campaigns", new Error("connect ECONNREFUSED 127.0.0.1:1"));
  expect(inner.message).toBe("find campaigns: connect ECONNREFUSED 127.0.0.1:1");
  expect(failure("prepare", inner)).toBe(inner);
});
