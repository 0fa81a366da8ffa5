/** Campaigns that wait, for as long as there is to be work. */
import { setTimeout as pause } from "node:timers/promises";
import type { Collection } from "mongodb";
import type { CampaignDocument } from "./world.ts";

const LOOK_EVERY_MS = 300;

export class Load {
  readonly ids: string[] = [];
  readonly #collection: Collection<CampaignDocument>;
  readonly #name: string;
  readonly #waiting: number;
  #stopped = false;
  #loop: Promise<void> | undefined;

  /**
   * @param name begins the campaigns' ids
   * @param waiting how many are queued at least
   */
  constructor(collection: Collection<CampaignDocument>, name: string, waiting: number) {
    this.#collection = collection;
    this.#name = name;
    this.#waiting = waiting;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#fill().catch(() => {
        // While there is no primary nothing new can wait.
      });
      await pause(LOOK_EVERY_MS);
    }
  }

  async #fill(): Promise<void> {
    const queued = await this.#collection.countDocuments({ status: "queued" });
    const ids = Array.from({ length: this.#waiting - queued }, (_, at) => `${this.#name}-${this.ids.length + at}`);
    if (ids.length === 0) return;
    // Before it is known whether they are there: what was perhaps inserted is not given out twice.
    this.ids.push(...ids);
    const documents = ids.map((_id) => ({ _id, status: "queued" }));
    await this.#collection.insertMany(documents, { writeConcern: { w: "majority" } });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  /** How many are not completed. Those that were never inserted do not count. */
  async unfinished(): Promise<number> {
    return await this.#collection.countDocuments({ _id: { $in: this.ids }, status: { $ne: "completed" } });
  }
}
