import type { Db, MongoClient, MongoClientOptions } from "mongodb";
import { OPERATION_TIMEOUT } from "../../../domain/heartbeat.ts";
import { messageOf } from "../../message.ts";
import type { DatabaseSettings } from "../../settings.ts";
import type { Connection, DriverDatabase, ObjectIdClass } from "./driver.ts";
import { PrimaryWatch } from "./topology.ts";

/**
 * The driver's own limits. They are the second line: what counts is our timer (`bounded`), since a write to a server
 * that is stopped took the driver three of these in a row to give up (7.9.0, measured in November 2026).
 */
export const clientOptions: MongoClientOptions = {
  appName: "agent-runtime",
  // A write that is sent again by itself may land after we gave it up. The core repeats what may be repeated.
  retryWrites: false,
  connectTimeoutMS: 5_000,
  serverSelectionTimeoutMS: 5_000,
  // As long as the runtime waits for an answer.
  socketTimeoutMS: OPERATION_TIMEOUT * 1000,
  minPoolSize: 1,
  maxConnecting: 2,
};

/**
 * A client of ours. The driver is loaded when the first operation needs it, and it connects then: the start of the
 * worker waits for neither.
 */
export class OwnConnection implements Connection {
  readonly #settings: DatabaseSettings;
  readonly #maxPoolSize: number;
  readonly #watch = new PrimaryWatch();
  #opened: Promise<{ readonly client: MongoClient; readonly database: Db }> | undefined;
  #closed = false;

  /** @param maxPoolSize connections at most */
  constructor(settings: DatabaseSettings, maxPoolSize: number) {
    this.#settings = settings;
    this.#maxPoolSize = maxPoolSize;
  }

  async database(): Promise<DriverDatabase> {
    if (this.#closed) throw new Error("the store is closed");
    this.#opened ??= this.#open();
    const opening = this.#opened;
    try {
      return (await opening).database;
    } catch (error) {
      if (this.#opened === opening) this.#opened = undefined;
      throw error;
    }
  }

  async objectId(): Promise<ObjectIdClass> {
    return (await import("mongodb")).ObjectId;
  }

  onTopologyChange(call: () => void) {
    return this.#watch.listen(call);
  }

  /** What is under way fails; the next operation connects anew. */
  reconnect(): void {
    void this.#drop();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop();
  }

  /**
   * A client that did not connect is thrown away: its every later operation would fail with "Topology is closed"
   * (driver 7.9.0), and a container that starts before its database would have no lease all day.
   */
  async #open(): Promise<{ client: MongoClient; database: Db }> {
    const client = await this.#made();
    try {
      await client.connect();
      return { client, database: client.db(this.#settings.database) };
    } catch (error) {
      client.off("topologyDescriptionChanged", this.#watch.see);
      await client.close();
      throw error;
    }
  }

  async #made(): Promise<MongoClient> {
    const { MongoClient } = await import("mongodb");
    try {
      const client = new MongoClient(this.#settings.uri, { ...clientOptions, maxPoolSize: this.#maxPoolSize });
      client.on("topologyDescriptionChanged", this.#watch.see);
      return client;
    } catch (error) {
      throw new Error(withoutSecrets(this.#settings.uri, error));
    }
  }

  async #drop(): Promise<void> {
    const old = this.#opened;
    this.#opened = undefined;
    try {
      const client = (await old)?.client;
      client?.off("topologyDescriptionChanged", this.#watch.see);
      await client?.close();
    } catch {
      // It is the broken connections that are dropped: how that goes tells nobody anything. One that never opened has
      // told the operations.
    }
  }
}

/** The driver's words about a URI it cannot read, unless they repeat any part that may be secret: credentials, and what options are set to. */
function withoutSecrets(uri: string, error: unknown): string {
  const said = messageOf(error);
  const [, credentials = ""] = /^[^:]+:\/\/([^/?]*)@/.exec(uri) ?? [];
  const [, query = ""] = uri.split(/\?(.*)/s);
  const values = query.split("&").flatMap((option) => option.split(/[=,:]/).slice(1));
  const secrets = [uri, credentials, ...credentials.split(":"), ...values.filter((value) => !PLAIN.test(value))];
  return secrets.flatMap((part) => [part, decoded(part)]).some((part) => part !== "" && said.includes(part))
    ? "MONGODB_URI cannot be read (its value is a secret and not shown)"
    : `MONGODB_URI cannot be used: ${said}`;
}

/** What an option may say without being a secret. */
const PLAIN = /^(true|false|\d{1,6})$/i;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Wrongly escaped: then nobody can have decoded it.
    return part;
  }
}
