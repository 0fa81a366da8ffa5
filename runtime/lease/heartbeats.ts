import { untilNextBeat } from "../heartbeat-log.ts";
import type { Cancel, Clock, Log, Millis, Random } from "../ports.ts";
import type { Collections, Records } from "../store/store.ts";
import { Availability } from "./availability.ts";
import type { Claim } from "./claim.ts";
import type { OwnContainer } from "./container.ts";
import type { Holdings } from "./holdings.ts";
import { isOwned } from "./progress.ts";
import { campaignOf, type LeaseState } from "./record.ts";
import { atMostSince, type Mark, mark, type Timing } from "./timing.ts";
import { beat } from "./writes.ts";

export interface HeartbeatsOptions {
  readonly beats: Collections;
  readonly container: OwnContainer;
  readonly holdings: Holdings;
  /** The shift's heartbeat, where there is a shift. @throws StoreError */
  readonly beatShift: (shifts: Records, state: LeaseState) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timing: Timing;
  /** Writes the log line that stands for this heartbeat, whether a database hears of it or not. */
  readonly line: () => void;
  /** This process did not run for a while, so that it did not see what others did. */
  readonly onGap: () => void;
}

/** After a heartbeat that failed, the next try. facts/lease 7.2 */
const RETRY: Millis = 5_000;
/** A pause of more than this many intervals is a gap. facts/lease 7.4 */
const GAP = 1.5;
/** How many records are read at once when a heartbeat reached fewer campaigns than it was for. */
const READ_AT_ONCE = 50;

/** Tells the database, all the time, that this container lives and what it holds. Nobody who works waits for it. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  #next: Cancel | undefined;
  #line: Cancel | undefined;
  #underWay: Promise<boolean> | undefined;
  /** When this process last ran for certain. */
  #awake: Mark | undefined;
  readonly #database: Availability;
  #stopped = false;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
    this.#database = new Availability(options.log, "accept heartbeats", "campaigns go on until their time is up");
  }

  start(): void {
    this.#writeLine();
    void this.#round();
  }

  stop(): void {
    this.#stopped = true;
    this.#next?.();
    this.#line?.();
  }

  /** One now, beside the regular ones. @returns whether the database accepted all of it */
  async now(): Promise<boolean> {
    // One that is under way may have been sent before what this one is to tell.
    await this.#underWay;
    return this.#beat();
  }

  #writeLine(): void {
    const { line, clock, random, timing } = this.#options;
    line();
    this.#line = clock.after(untilNextBeat(timing.interval, random), () => this.#writeLine());
  }

  async #round(): Promise<void> {
    const { clock, random, timing, onGap } = this.#options;
    const started = mark(clock);
    if (this.#awake !== undefined && atMostSince(this.#awake, clock) > GAP * timing.interval) onGap();
    const accepted = await this.#beat();
    if (this.#stopped) return;
    if (atMostSince(started, clock) > timing.operation + GAP * timing.interval) onGap();
    this.#awake = mark(clock);
    const pause = accepted ? untilNextBeat(timing.interval, random) : RETRY * (0.8 + 0.4 * random.fraction());
    this.#next = clock.after(Math.max(0, pause - (clock.monotonic() - started.monotonic)), () => void this.#round());
  }

  /** One at a time. */
  #beat(): Promise<boolean> {
    this.#underWay ??= this.#send().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** Side by side: that one collection does not answer says nothing about the others. */
  async #send(): Promise<boolean> {
    const { beats, container, beatShift } = this.#options;
    const state: LeaseState =
      container.state === "draining" || container.state === "migrating" ? container.state : "held";
    const sent = await Promise.allSettled([
      container.beat(beats.containers),
      this.#beatCampaigns(beats.campaigns, state),
      beatShift(beats.shifts, state),
    ]);
    const failures = sent.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
    this.#database.tell(failures[0]);
    return failures.length === 0;
  }

  async #beatCampaigns(campaigns: Records, state: LeaseState): Promise<void> {
    const held = this.#options.holdings.claims.filter((claim) => claim.state === "held");
    if (held.length === 0) return;
    const started = mark(this.#options.clock);
    const accepted = await campaigns.updateAll(held.map((claim) => beat(claim, state)));
    if (accepted === held.length) for (const claim of held) claim.renew(started);
    else
      for (let at = 0; at < held.length; at += READ_AT_ONCE)
        await this.#findLost(campaigns, held.slice(at, at + READ_AT_ONCE), started);
  }

  /** The answer is a total. Whoever still has its record was reached, since nothing makes a lost record fit again. */
  async #findLost(campaigns: Records, claims: readonly Claim[], started: Mark): Promise<void> {
    await Promise.all(
      claims.map(async (claim) => {
        const stored = await campaigns.find(claim.id);
        if (stored !== undefined && isOwned(campaignOf(stored), claim)) claim.renew(started);
        else if (claim.state === "held") this.#options.holdings.fence(claim, "lost");
      }),
    );
  }
}
