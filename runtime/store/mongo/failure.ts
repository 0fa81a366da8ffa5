import { messageOf } from "../../message.ts";
import { StoreError } from "../store.ts";

/** What the driver's errors have beyond a message. */
export interface DriverError {
  readonly code?: unknown;
  readonly codeName?: unknown;
  readonly keyPattern?: unknown;
  readonly writeErrors?: unknown;
  readonly result?: { getWriteConcernError?(): unknown };
}

/** A field below one that holds null, or another value without fields. https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const PATH_NOT_VIABLE = 28;
const DUPLICATE_KEY = 11_000;

/** What a person can do about a server's refusal, by its code. */
const remedies: Readonly<Record<number, string>> = {
  13: "its user needs the role readWrite on this database",
  18: "its user or password is wrong",
  8000: "its user or password is wrong, or the user may not do this",
  26: "there is no such collection",
  64: "no majority acknowledged it in time",
  91: "the server is shutting down",
  189: "the primary stepped down",
};

/**
 * The error of an operation, without the words of the server: those repeat values of the record, of the command or of
 * the key that exists already.
 */
export function failure(operation: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError(operation, new Error(told(error)), isRefusal(error));
}

/**
 * What a server says of one record's shape, or of a write's: BadValue, FailedToParse, TypeMismatch, PathNotViable,
 * ConflictingUpdateOperators, DollarPrefixedFieldName, DocumentValidationFailure, not a number to increment.
 */
const REFUSALS: readonly unknown[] = [2, 9, 14, PATH_NOT_VIABLE, 40, 52, 121, 16_837];

/** Whether it did not happen and will not, rather than that nobody knows. */
function isRefusal(error: unknown): boolean {
  return REFUSALS.includes((error as DriverError).code);
}

function told(error: unknown): string {
  const { code, codeName } = error as DriverError;
  if (typeof code !== "number") return messageOf(error);
  const name = typeof codeName === "string" ? `${codeName}, code ${code}` : `code ${code}`;
  const remedy = remedies[code];
  return `the database refused it (${name})${remedy === undefined ? "" : `: ${remedy}`}`;
}

/** Whether a record with this id was there already. Another unique index that refuses is an error. */
export function isDuplicateId(error: unknown): boolean {
  const { code, keyPattern } = error as DriverError;
  const keys = typeof keyPattern === "object" && keyPattern !== null ? Object.keys(keyPattern) : ["_id"];
  return code === DUPLICATE_KEY && keys.length === 1 && keys[0] === "_id";
}

export function isPathNotViable(error: unknown): boolean {
  return (error as DriverError).code === PATH_NOT_VIABLE;
}

/**
 * Of a bulk write of which only some writes failed, and only for a path: which ones, and how many were done.
 *
 * @returns undefined when anything else went wrong
 */
export function unviable(
  error: unknown,
): { readonly indexes: readonly number[]; readonly matched: number } | undefined {
  const { writeErrors, result } = error as DriverError;
  if (!Array.isArray(writeErrors) || writeErrors.length === 0) return undefined;
  if (result?.getWriteConcernError?.() !== undefined || !writeErrors.every(isPathNotViable)) return undefined;
  const { matchedCount } = error as { matchedCount?: unknown };
  if (typeof matchedCount !== "number") return undefined;
  return { indexes: writeErrors.map(({ index }: { index: number }) => index), matched: matchedCount };
}
