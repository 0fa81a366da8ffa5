import type { Cancel } from "../../ports.ts";
import type { Connection, DriverDatabase, ObjectIdClass } from "./driver.ts";
import { isObjectId } from "./ids.ts";
import { PrimaryWatch } from "./topology.ts";

/** A client that the worker has, and keeps: its timeouts, its pools and its end are the worker's. */
export class ForeignConnection implements Connection {
  readonly #database: DriverDatabase;
  readonly #watch = new PrimaryWatch();
  #objectId: ObjectIdClass | undefined;
  #closed = false;

  constructor(database: DriverDatabase) {
    this.#database = database;
    database.client.on("topologyDescriptionChanged", this.#watch.see);
  }

  async database(): Promise<DriverDatabase> {
    if (this.#closed) throw new Error("the store is closed");
    return this.#database;
  }

  async objectId(): Promise<ObjectIdClass> {
    this.#objectId ??= await this.#learnObjectId();
    return this.#objectId;
  }

  onTopologyChange(call: () => void): Cancel {
    return this.#watch.listen(call);
  }

  reconnect(): void {
    // Its driver finds out by its own timeouts. Others are using these connections.
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#database.client.off("topologyDescriptionChanged", this.#watch.see);
  }

  /**
   * The driver refuses an ObjectId of any other copy of itself, and has no public way to its class. But a bulk write
   * gives each document that lacks one an `_id` at once; this one is never sent.
   */
  async #learnObjectId(): Promise<ObjectIdClass> {
    await this.#database.client.connect();
    const document: { _id?: unknown } = {};
    this.#database.collection("agent_ids", {}).initializeUnorderedBulkOp().insert(document);
    if (!isObjectId(document._id)) {
      throw new Error(
        "this MongoClient makes ids of its own (pkFactory): use one without for campaigns with ObjectIds",
      );
    }
    return document._id.constructor as ObjectIdClass;
  }
}
