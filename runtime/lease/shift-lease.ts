import { event } from "../../domain/events.ts";
import type { Entry, Leaving, ShiftRecord } from "../leases.ts";
import { atMostSince, type Mark, mark } from "../mark.ts";
import type { Fields, Millis } from "../ports.ts";
import { type Records, StoreError } from "../store/store.ts";
import { pause, within } from "../waiting.ts";
import type { LeaseState } from "./record.ts";
import { LOOK_EVERY, ShiftClaim, type ShiftClaimOptions } from "./shift-claim.ts";
import { type Holder, isSame } from "./shift-holder.ts";

export interface ShiftLeaseOptions extends ShiftClaimOptions {
  /** Called once, when the shift turns out to be another's while this container works. */
  readonly onLost: () => void;
}

/** How long a start waits for the first answer of the database. Ours: callers wait with it. */
const ANSWER_WITHIN: Millis = 5_000;
/** How long one that watches waits for an answer: a database that elects a new primary is back by then (domain/heartbeat). */
const NEXT_ANSWER_WITHIN: Millis = 30_000;
/** After so many observations without a decision it works without a lease. Ours: a living holder shows in one. */
const DECIDE_WITHIN = 2;

type Look = Entry | "watch" | "failed";

/**
 * Who works in a shift. Availability first: two workers are cheap, since LiveKit gives a room to one of them, and none
 * is dear. So no clock ever stops a holder, and a start that cannot find out works all the same.
 */
export class ShiftLease {
  readonly #record: ShiftRecord;
  readonly #options: ShiftLeaseOptions;
  readonly #claim: ShiftClaim;
  #working = false;
  #lost = false;
  #looksClosely = false;
  /** Before the last accepted heartbeat was sent. */
  #accepted: Mark | undefined;
  /** Whether it was said that heartbeats are not accepted. */
  #quiet = false;

  constructor(record: ShiftRecord, options: ShiftLeaseOptions) {
    this.#record = record;
    this.#options = options;
    this.#claim = new ShiftClaim(record, options);
  }

  /** Whether the record is this container's, as far as it knows now. */
  get leased(): boolean {
    return !this.#lost && this.#claim.epoch !== undefined;
  }

  /** Decides whether this container works, for as long as that takes. Told to stop, it leaves. */
  async enter(signal: AbortSignal): Promise<Entry> {
    const { clock, timing } = this.#options;
    const began = clock.monotonic();
    let answer = began;
    let patience = ANSWER_WITHIN;
    const left = () => {
      const now = clock.monotonic();
      return Math.min(DECIDE_WITHIN * timing.observe - (now - began), patience - (now - answer));
    };
    while (!signal.aborted) {
      const look = left() > 0 ? await within(clock, left(), this.#tryLook()) : undefined;
      if (signal.aborted) break;
      if (look === undefined) return this.#undecided(clock.monotonic() - began);
      if (typeof look === "object") return this.#entered(look);
      if (look === "watch") {
        answer = clock.monotonic();
        patience = NEXT_ANSWER_WITHIN;
      }
      await pause(clock, Math.min(LOOK_EVERY, left()), signal);
    }
    return { enter: "leave", why: "duplicate" };
  }

  /** With each heartbeat. @throws StoreError: the shift goes on, and the next one tries again */
  async beat(shifts: Records, state: LeaseState): Promise<void> {
    if (!this.#working || this.#lost) return;
    const { epoch } = this.#claim;
    if (epoch === undefined) {
      // One that drains needs none any more.
      if (state === "held") await this.#tryAgain();
      return;
    }
    const started = mark(this.#options.clock);
    try {
      const whose = await this.#claim.beat(shifts, epoch, state);
      if (!this.#working) return;
      if (typeof whose === "object") this.#lose(whose.lostTo);
      else if (whose === "nobody's") await this.#tryAgain();
      this.#heard(started);
    } catch (error) {
      this.#unheard();
      throw error;
    }
  }

  /** @throws StoreError */
  async leave(leaving: Leaving): Promise<void> {
    this.#working = false;
    await this.#claim.settled();
    const { epoch } = this.#claim;
    if (epoch === undefined || this.#lost) return;
    const left = await this.#claim.giveBack(epoch, leaving === "completed" ? "completed" : "interrupted");
    const fields = { shift: this.#record.id, epoch };
    if (left) this.#options.log("INFO", event.shiftEnded, `The shift was ${leaving}.`, fields);
  }

  /** The trust of a campaign would have run out: a shift goes on, and says so once. */
  #unheard(): void {
    const { clock, timing } = this.#options;
    if (this.#quiet || this.#accepted === undefined || atMostSince(this.#accepted, clock) < timing.trust) return;
    this.#quiet = true;
    this.#unavailable("No heartbeat of the shift was accepted for long: this worker goes on, and another may start.", {
      seconds: Math.round(atMostSince(this.#accepted, clock) / 1000),
    });
  }

  #heard(started: Mark): void {
    if (this.#quiet && this.#claim.epoch !== undefined) this.#available();
    this.#accepted = started;
    this.#quiet = false;
  }

  #entered(entry: Entry): Entry {
    const { log, clock } = this.#options;
    const shift = this.#record.id;
    this.#working = entry.enter === "run";
    if (entry.enter === "run") {
      if (entry.leased) this.#accepted = mark(clock);
      return entry;
    }
    if (entry.why === "duplicate") {
      const owner = this.#claim.holder?.owner;
      log("NOTICE", event.duplicateExecution, "Another execution has this shift, and lives: this one leaves.", {
        shift,
        owner,
      });
    } else log("NOTICE", event.shiftClosed, "This shift was completed: nothing is left to do.", { shift });
    return entry;
  }

  #undecided(waited: Millis): Entry {
    this.#unavailable("Whose shift it is cannot be found out: this worker runs without a lease.", {
      seconds: Math.round(waited / 1000),
    });
    return this.#entered({ enter: "run", leased: false });
  }

  #unavailable(message: string, fields: Fields): void {
    this.#options.log("WARNING", event.leaseUnavailable, message, { shift: this.#record.id, ...fields });
  }

  #available(): void {
    this.#accepted = mark(this.#options.clock);
    this.#quiet = false;
    this.#options.log("NOTICE", event.leaseAvailable, "The shift has its lease now.", { shift: this.#record.id });
  }

  #lose(owner: string | undefined): void {
    const { log, onLost } = this.#options;
    this.#lost = true;
    log("WARNING", event.shiftLost, "Another execution has the shift: this worker drains, and leaves.", {
      shift: this.#record.id,
      owner,
    });
    onLost();
  }

  /**
   * Working without a lease: where the table says that another works, this one drains. But heartbeats are far apart,
   * and the two that were seen may be a dead one's last: it drains only when one more comes while it looks closely.
   */
  async #tryAgain(): Promise<void> {
    if (this.#looksClosely) return;
    const look = await this.#claim.look();
    if (typeof look !== "object" || !this.#working || this.#lost) return;
    if (look.enter === "run") this.#available();
    else if (look.why === "completed") this.#lose(undefined);
    else void this.#lookClosely(this.#claim.holder);
  }

  async #lookClosely(holder: Holder | undefined): Promise<void> {
    const { clock, timing } = this.#options;
    const until = clock.monotonic() + 2 * timing.interval;
    this.#looksClosely = true;
    while (clock.monotonic() < until) {
      await pause(clock, LOOK_EVERY, never);
      const look = await this.#tryLook();
      if (!this.#working || this.#lost) break;
      if (typeof look === "object" && look.enter === "run") {
        this.#available();
        break;
      }
      const now = this.#claim.holder;
      if (now === undefined || holder === undefined || !isSame(holder, now)) break;
      // One that says that it drains has come too, and is no reason to leave.
      if (typeof look === "object" && now.hbSeq !== holder.hbSeq) {
        this.#lose(now.owner);
        break;
      }
    }
    this.#looksClosely = false;
  }

  async #tryLook(): Promise<Look> {
    try {
      return await this.#claim.look();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return "failed";
    }
  }
}

const never = new AbortController().signal;
