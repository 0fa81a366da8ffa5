import { messageOf } from "../message.ts";
import type { Cancel } from "../ports.ts";

/** What a field may hold: nothing that one version of a driver or of BSON writes and another does not read. */
export type Plain = string | number | boolean | Date | null | readonly Plain[] | { readonly [field: string]: Plain };

/** A record as it was read: dotted paths of writes and lists name its fields. */
export interface Stored {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Equality on each path. `null` also holds where the path is absent; a list means one of its values. */
export type Expectation = Readonly<Record<string, Plain>>;

/**
 * One conditional write on one record, in the operators that every MongoDB-compatible database has: the record is
 * changed as a whole if all that is expected holds, and not at all otherwise. Where a path leads through null or
 * nothing, the sub-documents are made; where it leads through a list or a value, the database refuses the write.
 */
export interface Write {
  readonly id: string;
  readonly expect: Expectation;
  readonly set?: Readonly<Record<string, Plain>>;
  readonly increment?: readonly string[];
  /** Fields that get the time of the server's clock. */
  readonly now?: readonly string[];
  readonly unset?: readonly string[];
}

export interface Listing {
  readonly expect: Expectation;
  /** Only these, and `id`. */
  readonly fields: readonly string[];
  /** Only records whose id comes after this one: lists are in the order of ids. */
  readonly after?: string;
  readonly limit: number;
}

/**
 * The records of one kind. Every write is acknowledged by a majority, every read sees what a majority has (of the
 * primary). Every method throws `StoreError` when it got no answer, or none that says what happened: a write then may
 * have happened, may not have, and may still happen later.
 */
export interface Records {
  /** Of a campaign only what the runtime writes itself: the rest is somebody else's, and may tell of a patient. */
  find(id: string): Promise<Stored | undefined>;
  list(listing: Listing): Promise<readonly Stored[]>;
  /** Inserts a record that is not there. @returns false when there is one with this id */
  insert(record: { readonly id: string } & Readonly<Record<string, Plain>>): Promise<boolean>;
  /** @returns whether all that was expected held, and so the record was changed */
  update(write: Write): Promise<boolean>;
  /** Many in one go, in no order. @returns how many were changed, which does not say which */
  updateAll(writes: readonly Write[]): Promise<number>;
}

export interface Collections {
  readonly campaigns: Records;
  readonly shifts: Records;
  readonly containers: Records;
}

export interface Store {
  readonly work: Collections;
  /** The same over connections of its own, which no work can starve. */
  readonly beats: Collections;
  /** Creates the indexes that are missing. @throws StoreError when the database refuses, or has others in their place */
  prepare(): Promise<void>;
  /** Calls whenever another server began to answer: what was seen before may have been rolled back. */
  onTopologyChange(call: () => void): Cancel;
  /** Drops connections that a migration of the machine has broken. */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

/** An operation without an answer, or with one that tells nothing. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** What was done to which kind of record, for a log line: never a value of a record. */
  readonly operation: string;
  /** Whether the server said no because of this very record: it did not happen, and will not. */
  readonly refused: boolean;
  /** Whether we broke its connection ourselves (`reconnect`): that says nothing about the database. */
  dropped = false;

  constructor(operation: string, cause: unknown, refused = false) {
    super(`${operation}: ${messageOf(cause)}`, { cause });
    this.operation = operation;
    this.refused = refused;
  }
}
