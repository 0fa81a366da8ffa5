/** What a change stream tells, as far as campaigns and ticks matter. Pure. */
import type { Change, Fields } from "./history.ts";

/** An event of a change stream. */
export interface Streamed {
  readonly operationType: string;
  readonly ns?: { readonly coll?: string };
  readonly documentKey?: { readonly _id: unknown };
  readonly fullDocument?: Fields | null;
  readonly updateDescription?: {
    readonly updatedFields?: Fields;
    readonly removedFields?: readonly string[];
  };
}

/**
 * @returns undefined for what is of another collection
 * @throws Error where a campaign was replaced or deleted, or all of them: nobody here may, and no history tells what was lost
 */
export function changeOf({
  operationType,
  ns,
  documentKey,
  fullDocument,
  updateDescription,
}: Streamed): Change | undefined {
  const coll = ns?.coll;
  const id = documentKey?._id;
  if (coll === "ticks" && operationType === "insert") return { kind: "tick", tick: Number(id) };
  // Without a collection: the whole database was dropped.
  if (coll !== undefined && coll !== "campaigns") return undefined;
  const campaign = String(id);
  if (operationType === "insert") return { kind: "inserted", campaign, fields: fullDocument ?? {} };
  if (operationType === "update") {
    const { updatedFields = {}, removedFields = [] } = updateDescription ?? {};
    return { kind: "updated", campaign, set: updatedFields, unset: removedFields };
  }
  throw new Error(`${id === undefined ? "the campaigns" : campaign}: ${operationType}, which nobody here may do`);
}
