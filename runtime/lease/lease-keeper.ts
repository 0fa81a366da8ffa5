import { event } from "../../domain/events.ts";
import type { Entry, Leases, Leaving, ShiftRecord, StillCampaign } from "../leases.ts";
import { tellMistake } from "../mistake.ts";
import type { Clock, Log, Millis, Random } from "../ports.ts";
import { bounded } from "../store/bounded.ts";
import { type Store, StoreError } from "../store/store.ts";
import { pause, within } from "../waiting.ts";
import { Acquisition } from "./acquisition.ts";
import { CampaignKeeper } from "./campaign-keeper.ts";
import type { Campaigns } from "./campaigns.ts";
import { OwnContainer } from "./container.ts";
import { Heartbeats } from "./heartbeats.ts";
import { Holdings } from "./holdings.ts";
import { Offers } from "./offers.ts";
import { Orphans } from "./orphans.ts";
import { Progress } from "./progress.ts";
import type { RecoveryRules } from "./recovery.ts";
import { ShiftLease } from "./shift-lease.ts";
import { Sweep } from "./sweep.ts";
import type { Timing } from "./timing.ts";

export interface LeaseKeeperOptions {
  readonly containerId: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timing: Timing;
  readonly capacity: number;
  readonly rules: RecoveryRules;
  /** Whether the clinic is open. Without a calendar it always is. */
  readonly open: () => boolean;
  /** Writes the log line of a heartbeat. */
  readonly line: (campaigns: number) => void;
}

/** How many of others' campaigns are shown to people. */
const SHOWN = 20;
/** How long a container that ends waits for the database: what its ten seconds leave after the kill (supervisor/budget). */
const LAST_WORDS: Millis = 2_000;
/** How long until the indexes are seen to again. Ours: without them all works, but slowly. */
const INDEXES_AGAIN: Millis = 600_000;

/** All leases of one container, put together. */
export class LeaseKeeper implements Leases {
  readonly campaigns: Campaigns;
  readonly #options: LeaseKeeperOptions;
  readonly #store: Store;
  readonly #container: OwnContainer;
  readonly #holdings: Holdings;
  readonly #orphans: Orphans;
  readonly #heartbeats: Heartbeats;
  readonly #sweep: Sweep;
  #shift: ShiftLease | undefined;
  readonly #over = new AbortController();
  #started = false;
  #sweeping = false;
  #onShiftLost = () => {};
  #onUnconfirmed = () => {};

  constructor(options: LeaseKeeperOptions) {
    const { containerId: owner, clock, random, log, timing, capacity, rules, open } = options;
    const ports = { clock, random, log, timing };
    const store = bounded(options.store, clock, timing.operation);
    const { campaigns } = store.work;
    const container = new OwnContainer(owner, clock);
    const holdings = new Holdings({
      owner,
      campaigns,
      clock,
      log,
      capacity,
      onUnconfirmed: () => this.#onUnconfirmed(),
    });
    const orphans = new Orphans({
      me: owner,
      ...ports,
      ownHeartbeatAge: () => container.heartbeatAge,
      isInHand: (claimId) => holdings.has(claimId),
    });
    const offers = new Offers({ campaigns, orphans, rules, open, ...ports });
    const acquisition = new Acquisition({ owner, campaigns, holdings, offers, ...ports });
    const progress = new Progress({ campaigns, holdings, offers, clock, log, heartbeat: () => this.#heartbeats.now() });
    this.#options = options;
    this.#store = store;
    this.#container = container;
    this.#holdings = holdings;
    this.#orphans = orphans;
    this.campaigns = new CampaignKeeper({ acquisition, progress, holdings });
    this.#sweep = new Sweep({ work: store.work, orphans, offers, ...ports });
    this.#heartbeats = new Heartbeats({
      beats: store.beats,
      container,
      holdings,
      ...ports,
      beatShift: async (shifts, state) => this.#shift?.beat(shifts, state),
      line: () => options.line(holdings.claims.length),
      onGap: () => orphans.startAnew(),
    });
  }

  get shiftLeased(): boolean {
    return this.#shift?.leased ?? false;
  }

  still(): readonly StillCampaign[] {
    return this.#orphans.still(SHOWN);
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#store.onTopologyChange(() => this.#orphans.startAnew());
    this.#heartbeats.start();
    void this.#seeToIndexes(this.#over.signal);
  }

  enterShift(record: ShiftRecord, signal: AbortSignal): Promise<Entry> {
    this.start();
    const { containerId: owner, clock, random, log, timing } = this.#options;
    const { work } = this.#store;
    const shift = new ShiftLease(record, {
      owner,
      work,
      clock,
      random,
      log,
      timing,
      onLost: () => this.#onShiftLost(),
    });
    this.#shift = shift;
    return shift.enter(signal);
  }

  workerStarted(): void {
    this.start();
    if (!this.#sweeping) this.#sweep.start();
    this.#sweeping = true;
  }

  onShiftLost(call: () => void): void {
    this.#onShiftLost = call;
  }

  onUnconfirmed(call: () => void): void {
    this.#onUnconfirmed = call;
  }

  drain(why: "draining" | "closing"): void {
    this.#container.state = "draining";
    this.#holdings.draining = true;
    this.#sweep.stop();
    for (const claim of this.#holdings.claims) if (claim.state === "held") claim.tell(why);
    this.#heartbeatNow();
  }

  async workerDead(cause: "crashed" | "killed"): Promise<void> {
    await within(this.#options.clock, LAST_WORDS, this.#holdings.workerDead(cause === "crashed"));
  }

  /** Inside a worker's process: its work is told to stop at once, and has five seconds. */
  revoke(): void {
    this.#holdings.revoke();
  }

  /** When nothing is on its way back to the database any more, after 2 s at the latest. */
  async givenBack(): Promise<void> {
    await within(this.#options.clock, LAST_WORDS, this.#holdings.givenBack());
  }

  migrating(): void {
    if (this.#container.state === "running") this.#container.state = "migrating";
    this.#holdings.migrating = true;
    this.#heartbeatNow();
  }

  resumed(): void {
    if (this.#container.state === "migrating") this.#container.state = "running";
    this.#holdings.migrating = false;
    this.#orphans.startAnew();
    this.#holdings.fenceUntrusted();
    for (const claim of this.#holdings.claims) claim.moved();
    void this.#reconnect();
  }

  async finish(leaving: Leaving | undefined): Promise<void> {
    this.#over.abort();
    this.#sweep.stop();
    this.#heartbeats.stop();
    if (leaving !== undefined && this.#started) await within(this.#options.clock, LAST_WORDS, this.#lastWords(leaving));
    await within(this.#options.clock, LAST_WORDS / 4, this.#close());
  }

  async #lastWords(leaving: Leaving): Promise<void> {
    const { containers } = this.#store.work;
    const said = await Promise.allSettled([
      this.#holdings.workerDead(false),
      this.#holdings.givenBack(),
      this.#shift?.leave(leaving),
      this.#container.stop(containers),
    ]);
    for (const result of said) {
      if (result.status === "rejected")
        this.#failed("The database was not told that this container ends.", result.reason);
    }
  }

  /**
   * On the way: nobody waits for it. An index that takes longer than the connection waits for an answer is made all the
   * same, and found the next time.
   */
  async #seeToIndexes(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#options;
    for (; !signal.aborted; await pause(clock, INDEXES_AGAIN, signal)) {
      try {
        await store.prepare();
        return;
      } catch (error) {
        const message = "The indexes could not be seen to, and are again in ten minutes: without them sweeps are slow.";
        this.#failed(message, error);
      }
    }
  }

  async #reconnect(): Promise<void> {
    if (!this.#started) return;
    try {
      await this.#store.reconnect();
    } catch (error) {
      this.#failed("The database's connections of before the move could not be dropped.", error);
    }
    this.#heartbeatNow();
  }

  /** What cannot be closed ends with the process. */
  async #close(): Promise<void> {
    try {
      await this.#store.close();
    } catch (error) {
      this.#failed("The database's connections could not be closed.", error);
    }
  }

  #failed(message: string, error: unknown): void {
    const { log } = this.#options;
    if (error instanceof StoreError) log("WARNING", event.databaseUnavailable, message, { reason: error.message });
    else tellMistake(log, "leases", error);
  }

  #heartbeatNow(): void {
    if (this.#started) void this.#heartbeats.now();
  }
}
