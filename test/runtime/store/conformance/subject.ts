import { expect } from "vitest";
import { type Records, type Store, StoreError, type Write } from "../../../../runtime/store/store.ts";

/** A store over an empty database. */
export interface Subject {
  readonly store: Store;
  /** Another container's store over the same database. */
  readonly other: Store;
  /** The server's clock. */
  readonly serverNow: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export type Fields = Omit<Parameters<Records["insert"]>[0], "id">;

let ids = 0;
/** A new id, which comes after all before it: hex, so that it may be an ObjectId. */
export const newId = () => (ids++).toString(16).padStart(24, "0");

/** What the tests do with a store. */
export class Handling {
  readonly #subject: () => Subject;

  constructor(subject: () => Subject) {
    this.#subject = subject;
  }

  get subject(): Subject {
    return this.#subject();
  }

  get campaigns(): Records {
    return this.subject.store.work.campaigns;
  }

  get containers(): Records {
    return this.subject.store.work.containers;
  }

  /** @returns the id of a new campaign */
  async campaign(fields: Fields = {}): Promise<string> {
    const id = newId();
    expect(await this.campaigns.insert({ ...fields, id })).toBe(true);
    return id;
  }

  change(write: Write): Promise<boolean> {
    return this.campaigns.update(write);
  }

  found(id: string) {
    return this.campaigns.find(id);
  }
}

export async function refused(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}
