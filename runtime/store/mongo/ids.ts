import type { ObjectIdClass } from "./driver.ts";

/** How the ids of one kind of record stand in the database. */
export interface Ids {
  /** @returns undefined where no record can have this id */
  written(id: string): unknown;
  /** @returns undefined for an id of another type */
  read(value: unknown): string | undefined;
  /** Comes before every id of this type, and after every one of lesser types: a comparison with it finds only this type. */
  readonly least: unknown;
}

export const stringIds: Ids = {
  written: (id) => id,
  read: (value) => (typeof value === "string" ? value : undefined),
  least: "",
};

/** As every driver writes it. In capitals it would be a second id of the same record, and two claims of one campaign. */
const HEX = /^[0-9a-f]{24}$/;

export function objectIds(ObjectId: ObjectIdClass): Ids {
  return {
    written: (id) => (HEX.test(id) ? new ObjectId(id) : undefined),
    read: (value) => (isObjectId(value) ? String(value) : undefined),
    least: new ObjectId("0".repeat(24)),
  };
}

/** Of any version of the driver: each has a class of its own. */
export function isObjectId(value: unknown): value is object {
  return typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === "ObjectId";
}
