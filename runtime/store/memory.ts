import type { Cancel, Millis } from "../ports.ts";
import { collectionsOf, type Kind, kinds } from "./kinds.ts";
import { copied, type Document, matches, Refused, shown, written } from "./memory/document.ts";
import type { Link } from "./memory/link.ts";
import {
  type Collections,
  type Listing,
  type Records,
  type Store,
  type Stored,
  StoreError,
  type Write,
} from "./store.ts";

type Insert = Parameters<Records["insert"]>[0];

/** One request to the server: plain data, so that it may be kept, sent again, or land late. */
export type Request = { readonly kind: Kind } & (
  | { readonly call: "find"; readonly id: string }
  | { readonly call: "list"; readonly listing: Listing }
  | { readonly call: "insert"; readonly record: Insert }
  | { readonly call: "update"; readonly write: Write }
  | { readonly call: "update all"; readonly writes: readonly Write[] }
);

/** What `perform` gives where nobody is answered: the write of a server that no majority hears. */
export const unanswered = Symbol("unanswered");

/**
 * A database in memory that does what MongoDB does, one request at a time. Several containers' stores may be over one.
 */
export class MemoryServer {
  readonly #now: () => Millis;
  readonly #records: Readonly<Record<Kind, Map<string, Document>>> = {
    campaigns: new Map(),
    shifts: new Map(),
    containers: new Map(),
  };
  readonly #listeners = new Set<() => void>();

  /** @param now the server's own wall clock, which may differ from every container's */
  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** Everything that a client may ask comes through here. @throws Refused */
  perform(request: Request): unknown {
    const records = this.#records[request.kind];
    switch (request.call) {
      case "find":
        return stored(request.id, records.get(request.id));
      case "list":
        return list(records, request.listing);
      case "insert":
        return insert(records, request.record);
      case "update":
        return this.#update(records, request.write);
      case "update all":
        return this.#updateAll(records, request.writes);
    }
  }

  /** For tests: all records of a kind as they are, in the order of ids. */
  all(kind: Kind): readonly Stored[] {
    return list(this.#records[kind], { expect: {}, limit: Number.POSITIVE_INFINITY });
  }

  /** Another server that has the same, and goes its own way. */
  copy(): MemoryServer {
    const other = new MemoryServer(this.#now);
    // A write makes a new document: none is ever changed.
    for (const kind of kinds) for (const [id, document] of this.#records[kind]) other.#records[kind].set(id, document);
    return other;
  }

  /** Another server answers from now on. */
  changeTopology(): void {
    for (const call of [...this.#listeners]) call();
  }

  listen(call: () => void): Cancel {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  #update(records: Map<string, Document>, write: Write): boolean {
    const before = records.get(write.id);
    if (before === undefined || !matches(before, write.expect, write)) return false;
    records.set(write.id, written(before, write, new Date(this.#now())));
    return true;
  }

  /** In no order: one that is refused stops none. */
  #updateAll(records: Map<string, Document>, writes: readonly Write[]): number {
    let changed = 0;
    let refusal: Refused | undefined;
    for (const write of writes) {
      try {
        if (this.#update(records, write)) changed += 1;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refusal = error;
      }
    }
    if (refusal !== undefined) throw refusal;
    return changed;
  }
}

/**
 * One container's store over a server in memory. A request or answer that its link loses is never answered: `bounded`
 * gives up on it.
 */
export function memoryStore(server: MemoryServer, link?: Link): Store {
  return new MemoryStore(server, link);
}

class MemoryStore implements Store {
  readonly work: Collections;
  readonly beats: Collections;
  readonly #server: MemoryServer;
  readonly #link: Link | undefined;
  /** Fails whatever is under way over the connections that it belongs to. */
  #connections = new Set<() => void>();
  #closed = false;

  constructor(server: MemoryServer, link: Link | undefined) {
    this.#server = server;
    this.#link = link;
    const records = (kind: Kind): Records => ({
      find: (id) => this.#ask({ kind, call: "find", id }),
      list: (listing) => this.#ask({ kind, call: "list", listing }),
      insert: (record) => this.#ask({ kind, call: "insert", record }),
      update: (write) => this.#ask({ kind, call: "update", write }),
      updateAll: (writes) => this.#ask({ kind, call: "update all", writes }),
    });
    this.work = collectionsOf(records);
    this.beats = collectionsOf(records);
  }

  async prepare(): Promise<void> {
    for (const kind of kinds) await this.#ask({ kind, call: "list", listing: { expect: {}, fields: [], limit: 1 } });
  }

  onTopologyChange(call: () => void): Cancel {
    return this.#server.listen(call);
  }

  async reconnect(): Promise<void> {
    const broken = [...this.#connections];
    this.#connections.clear();
    for (const fail of broken) fail();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.reconnect();
  }

  async #ask<T>(given: Request): Promise<T> {
    const operation = `${given.call} ${given.kind}`;
    if (this.#closed) throw new StoreError(operation, new Error("the store is closed"));
    // The caller may change its objects while the request is under way.
    const request = copied(given);
    try {
      return copied(await (this.#link === undefined ? this.#perform(request) : this.#send(request, this.#link)));
    } catch (error) {
      throw new StoreError(operation, error, error instanceof Refused);
    }
  }

  async #perform<T>(request: Request): Promise<T> {
    return this.#server.perform(request) as T;
  }

  #send<T>(request: Request, link: Link): Promise<T> {
    const { request: there, reply: back, again, broken } = link.fate(`${request.call} ${request.kind}`);
    return new Promise<T>((resolve, reject) => {
      const fail = () => {
        this.#connections.delete(fail);
        reject(new Error("the connection broke"));
      };
      this.#connections.add(fail);
      const arrive = (answer: (settle: () => void) => void) => {
        let settle: () => void;
        try {
          const result = this.#server.perform(request);
          if (result === unanswered) return;
          settle = () => resolve(result as T);
        } catch (error) {
          settle = () => reject(error);
        }
        answer(() => {
          this.#connections.delete(fail);
          settle();
        });
      };
      if (broken !== undefined) link.after(broken, fail);
      if (there === "lost") return;
      pass(link, there, () => arrive((settle) => back !== "lost" && pass(link, back, settle)));
      if (again !== undefined) link.after(there + again, () => arrive(() => {}));
    });
  }
}

/** What takes no time needs no timer. */
function pass(link: Link, delay: Millis, call: () => void): void {
  if (delay === 0) call();
  else link.after(delay, call);
}

function stored(id: string, document: Document | undefined): Stored | undefined {
  return document === undefined ? undefined : { ...document, id };
}

function list(
  records: ReadonlyMap<string, Document>,
  { expect, fields, after, limit }: Omit<Listing, "fields"> & { fields?: readonly string[] },
) {
  return [...records]
    .filter(([id, document]) => (after === undefined || id > after) && matches(document, expect))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([id, document]) => ({ ...(fields === undefined ? document : shown(document, fields)), id }));
}

function insert(records: Map<string, Document>, { id, ...fields }: Insert): boolean {
  if (records.has(id)) return false;
  records.set(id, fields);
  return true;
}
