import { ObjectId } from "mongodb";
import { expect, test } from "vitest";
import { objectIds } from "../../../../runtime/store/mongo/ids.ts";

test("an ObjectId has one spelling: in a second one its campaign could be claimed twice", () => {
  const ids = objectIds(ObjectId);
  const id = "64ab00000000000000000cde";
  expect(ids.read(ids.written(id))).toBe(id);
  expect(ids.written(id.toUpperCase())).toBeUndefined();
  expect(ids.read(new ObjectId(id.toUpperCase()))).toBe(id);
});
