import { untilNextBeat } from "../heartbeat-log.ts";
import { atMostSince, type Mark, mark } from "../mark.ts";
import type { Cancel, Clock, Log, Millis, Random } from "../ports.ts";
import { type Collections, type Records, StoreError } from "../store/store.ts";
import { Availability } from "./availability.ts";
import type { Claim } from "./claim.ts";
import type { OwnContainer } from "./container.ts";
import type { Holdings } from "./holdings.ts";
import type { LeaseState } from "./record.ts";
import type { Timing } from "./timing.ts";
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

/** Ours: so that several tries fit between a heartbeat that failed and the end of its campaigns' time. */
const RETRY: Millis = 5_000;

/** Tells the database, all the time, that this container lives and what it holds. Nobody who works waits for it. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  #next: Cancel | undefined;
  #line: Cancel | undefined;
  /** When this process last ran for certain. */
  #awake: Mark | undefined;
  readonly #database: Availability;
  #stopped = false;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
    this.#database = new Availability(options.log, "heartbeats", "campaigns go on until their time is up");
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

  /** One now, beside one that is under way: that was sent before what this one is to tell. @returns whether all of it was accepted */
  now(): Promise<boolean> {
    return this.#send();
  }

  #writeLine(): void {
    const { line, clock, random, timing } = this.#options;
    line();
    this.#line = clock.after(untilNextBeat(timing.interval, random), () => this.#writeLine());
  }

  async #round(): Promise<void> {
    const { clock, random, timing, onGap } = this.#options;
    const started = mark(clock);
    if (this.#awake !== undefined && atMostSince(this.#awake, clock) > timing.gap) onGap();
    const accepted = await this.#send();
    if (this.#stopped) return;
    if (atMostSince(started, clock) > timing.gap) onGap();
    this.#awake = mark(clock);
    const pause = accepted ? untilNextBeat(timing.interval, random) : RETRY * (0.8 + 0.4 * random.fraction());
    this.#next = clock.after(Math.max(0, pause - (clock.monotonic() - started.monotonic)), () => void this.#round());
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
    const failures = sent.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    for (const mistake of failures.filter((failure) => !(failure instanceof StoreError))) this.#database.tell(mistake);
    // One that was under way when the store was closed says nothing about the database.
    if (!this.#stopped) this.#database.tell(failures.find((failure) => failure instanceof StoreError));
    if (failures.length === 0) void this.#options.holdings.giveBackOwed();
    return failures.length === 0;
  }

  async #beatCampaigns(campaigns: Records, state: LeaseState): Promise<void> {
    const { holdings, clock } = this.#options;
    holdings.fenceUntrusted();
    const held = holdings.claims.filter((claim) => claim.state === "held");
    if (held.length === 0) return;
    const started = mark(clock);
    const accepted = await this.#beatAll(campaigns, held, state);
    if (accepted === held.length) for (const claim of held) claim.renew(started);
    else await this.#findLost(campaigns, held, state, started);
  }

  /** @returns how many were accepted: none, for all that is known, where the database refuses one of them */
  async #beatAll(campaigns: Records, claims: readonly Claim[], state: LeaseState): Promise<number> {
    try {
      return await campaigns.updateAll(claims.map((claim) => beat(claim, state)));
    } catch (error) {
      if (error instanceof StoreError && error.refused) return 0;
      throw error;
    }
  }

  /** The answer is a total: each is asked for alone. What gets no answer now is neither lost nor renewed. */
  async #findLost(campaigns: Records, claims: readonly Claim[], state: LeaseState, started: Mark): Promise<void> {
    const asked = await Promise.allSettled(
      claims.map(async (claim) => {
        if (await campaigns.update(beat(claim, state))) claim.renew(started);
        else if (claim.state === "held") this.#options.holdings.fence(claim, "lost");
      }),
    );
    for (const one of asked) if (one.status === "rejected") throw one.reason;
  }
}
