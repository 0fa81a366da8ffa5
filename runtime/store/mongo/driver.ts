import type { Cancel } from "../../ports.ts";

/**
 * What the store needs of MongoDB's driver: what `Db` and `MongoClient` of version 6 and 7 have in common, so that a
 * worker's own client will do whatever its version.
 */
export interface DriverDatabase {
  readonly client: DriverClient;
  collection(name: string, options: object): DriverCollection;
}

export interface DriverClient {
  /** Does nothing when it is connected. */
  connect(): Promise<unknown>;
  on(event: "topologyDescriptionChanged", listener: (event: TopologyChange) => void): unknown;
  off(event: "topologyDescriptionChanged", listener: (event: TopologyChange) => void): unknown;
}

export interface DriverCollection {
  readonly collectionName: string;
  findOne(filter: object, options: object): Promise<object | null>;
  find(filter: object, options: object): { toArray(): Promise<object[]> };
  insertOne(document: object): Promise<unknown>;
  updateOne(filter: object, update: object): Promise<{ readonly matchedCount: number }>;
  bulkWrite(operations: BulkUpdate[], options: object): Promise<{ readonly matchedCount: number }>;
  indexes(): Promise<unknown>;
  createIndex(key: Record<string, 1>, options: object): Promise<unknown>;
  initializeUnorderedBulkOp(): { insert(document: object): unknown };
}

export interface BulkUpdate {
  readonly updateOne: { filter: Record<string, unknown>; update: Record<string, unknown> };
}

export interface TopologyChange {
  readonly previousDescription: Topology;
  readonly newDescription: Topology;
}

export interface Topology {
  readonly servers: ReadonlyMap<string, TopologyServer>;
}

export interface TopologyServer {
  readonly address: string;
  readonly type: string;
  readonly electionId?: { toString(): string } | null;
}

/** One way to the database: a client of ours, or somebody else's. */
export interface Connection {
  database(): Promise<DriverDatabase>;
  /** The class of the ids that this client writes: another's it refuses. */
  objectId(): Promise<ObjectIdClass>;
  onTopologyChange(call: () => void): Cancel;
  reconnect(): void;
  close(): Promise<void>;
}

export type ObjectIdClass = new (hex: string) => object;
