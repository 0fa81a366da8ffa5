import type { Cancel, Clock, Log, Millis, Random } from "../ports.ts";
import { pagesAhead } from "../store/pages.ts";
import type { Collections } from "../store/store.ts";
import { Availability } from "./availability.ts";
import { containerFields, containerOf } from "./container.ts";
import type { Offers } from "./offers.ts";
import type { Orphans } from "./orphans.ts";
import { leaseOf } from "./record.ts";
import type { Timing } from "./timing.ts";

export interface SweepOptions {
  readonly work: Collections;
  readonly orphans: Orphans;
  readonly offers: Pick<Offers, "settleOrphan" | "settleInterrupted">;
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
  readonly log: Log;
}

/** Ours: containers that start together do not sweep together. */
const FIRST_WITHIN: Millis = 5_000;
const PAGE = 500;
/** The longest pause between two sweeps, in intervals: with the observation it makes the 171 s of docs/runtime.md. */
export const LONGEST_PAUSE = 1.5;
const SHORTEST_PAUSE = 1;
/** What decides, and nothing more: a sweep may read 100,000 of them. */
const leaseFields = ["lease.owner", "lease.claimId", "lease.epoch", "lease.hbSeq"] as const;

/** Looks, again and again, at every campaign that somebody has. */
export class Sweep {
  readonly #options: SweepOptions;
  #next: Cancel | undefined;
  #stopped = false;
  /** Orphans that are to be resumed by whoever asks: they are not read again by each sweep. */
  #judged = new Set<string>();

  readonly #database: Availability;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#database = new Availability(options.log, "a look at the running campaigns", "no orphan is found");
  }

  start(): void {
    if (this.#stopped) return;
    const { clock, random } = this.#options;
    this.#next = clock.after(FIRST_WITHIN * random.fraction(), () => void this.#run());
  }

  stop(): void {
    this.#stopped = true;
    this.#next?.();
  }

  async #run(): Promise<void> {
    const { clock, random, timing } = this.#options;
    if (this.#stopped) return;
    try {
      await this.#look();
      await this.#settle();
      this.#database.tell(undefined);
    } catch (error) {
      this.#database.tell(error);
    }
    if (this.#stopped) return;
    const pause = timing.interval * (SHORTEST_PAUSE + (LONGEST_PAUSE - SHORTEST_PAUSE) * random.fraction());
    this.#next = clock.after(Math.min(pause, this.#untilDue() ?? pause), () => void this.#run());
  }

  /** One look at all containers and all running campaigns. @throws StoreError */
  async #look(): Promise<void> {
    try {
      await this.#lookAtAll();
    } catch (error) {
      // What was not seen while reading failed may have moved.
      this.#options.orphans.startAnew();
      throw error;
    }
  }

  async #lookAtAll(): Promise<void> {
    const { work, orphans, clock } = this.#options;
    const containers = [];
    for await (const page of pagesAhead(work.containers, { expect: {}, fields: containerFields, limit: PAGE })) {
      containers.push(...page);
    }
    orphans.seeContainers(containers.map(containerOf), clock.monotonic());
    orphans.beginCampaigns();
    const running = { expect: { status: "running" }, fields: leaseFields, limit: PAGE };
    for await (const page of pagesAhead(work.campaigns, running)) {
      const at = clock.monotonic();
      for (const stored of page) orphans.seeCampaign(stored.id, leaseOf(stored), at);
    }
    orphans.endCampaigns();
  }

  async #settle(): Promise<void> {
    const { orphans, offers } = this.#options;
    const judged = new Set<string>();
    for (const id of orphans.due()) {
      if (this.#stopped) return;
      const { epoch, hbSeq, claim } = orphans.campaigns.version(id) ?? { epoch: 0, hbSeq: 0, claim: 0 };
      const as = `${id} ${epoch} ${hbSeq} ${claim}`;
      if (this.#judged.has(as) || (await offers.settleOrphan(id))) judged.add(as);
    }
    this.#judged = judged;
    if (this.#stopped) return;
    await offers.settleInterrupted();
  }

  /** The next one becomes due then, to the moment. */
  #untilDue(): Millis | undefined {
    const { orphans, timing, clock } = this.#options;
    const now = clock.monotonic();
    // One that is overdue waits for somebody who asks for it.
    const due = orphans.campaigns.nextDue(timing.observe, now);
    return due === undefined ? undefined : due - now;
  }
}
