import { expect, test } from "vitest";
import { newContainerId, placeOf } from "../../runtime/identity.ts";
import { nodeRandom } from "../../runtime/system.ts";

const place = { execution: "dental-worker-x7k2p", task: 0, attempt: 2 };

test("a container's id says where it stood", () => {
  const id = newContainerId(place, { bytes: (count) => new Uint8Array(count).fill(10), fraction: () => 0 });
  expect(id).toBe(`dental-worker-x7k2p/0/2/${"0a".repeat(16)}`);
  expect(placeOf(id)).toEqual(place);
});

test("two runs of the same attempt are two owners", () => {
  expect(newContainerId(place, nodeRandom)).not.toBe(newContainerId(place, nodeRandom));
});

test("local runs are never taken for attempts of one execution, which may take over from each other", () => {
  expect(placeOf(newContainerId(undefined, nodeRandom))).toBeUndefined();
});

test.each([
  "",
  "x",
  "dental/0/1",
  `dental/0/1/${"0".repeat(31)}`,
  `dental/zero/1/${"0".repeat(32)}`,
  `a/b/0/1/${"0".repeat(32)}`,
])("an owner that no runtime wrote has no place: %j", (id) => expect(placeOf(id)).toBeUndefined());
