import { event } from "../../domain/contract.ts";
import { isEarlierAttempt } from "../identity.ts";
import type { Entry, Leaving, ShiftRecord } from "../leases.ts";
import type { Clock, Fields, Log, Millis, Random } from "../ports.ts";
import { type Collections, type Records, type Stored, StoreError } from "../store/store.ts";
import { uuid } from "./chance.ts";
import { type LeaseState, leaseOf } from "./record.ts";
import { type Holder, nobody, watched } from "./shift-holder.ts";
import { type SeenShift, shiftMove, type Watched } from "./shift-table.ts";
import { atMostSince, type Mark, mark, type Timing } from "./timing.ts";
import { pause, within } from "./waiting.ts";
import { beat, claimFree, takeOver } from "./writes.ts";

export interface ShiftLeaseOptions {
  /** This container's id. */
  readonly owner: string;
  readonly work: Collections;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timing: Timing;
  /** Called once, when the shift turns out to be another's while this container works. */
  readonly onLost: () => void;
}

/** How often another holder is looked at. facts/lease 7.9 */
const LOOK_EVERY: Millis = 2_000;
/** How long a start waits for the first answer of the database. facts/lease 7.9 */
const ANSWER_WITHIN: Millis = 5_000;
/** How long one that watches waits for an answer: a database that elects a new primary is back by then (domain/heartbeat). */
const NEXT_ANSWER_WITHIN: Millis = 30_000;
/** More intervals than this without a look are a gap, as for campaigns. facts/lease 7.4 */
const GAP = 1.5;
/** After so many observations without a decision it works without a lease. facts/lease 7.9 */
const DECIDE_WITHIN = 2;

type Look = Entry | "watch" | "failed";

/**
 * Who works in a shift. Availability first: two workers are cheap, since LiveKit gives a room to one of them, and none
 * is dear. So no clock ever stops a holder, and a start that cannot find out works all the same.
 */
export class ShiftLease {
  readonly #record: ShiftRecord;
  readonly #options: ShiftLeaseOptions;
  /** One for this container: whatever of its claims lands, and whenever, is its own. */
  readonly #claimId: string;
  #epoch: number | undefined;
  #working = false;
  #lost = false;
  #holder: Holder | undefined;
  /** When the record was last seen. */
  #looked: Millis | undefined;
  #looksClosely = false;
  /** Before the last accepted heartbeat was sent. */
  #accepted: Mark | undefined;
  /** Whether it was said that heartbeats are not accepted. */
  #quiet = false;

  constructor(record: ShiftRecord, options: ShiftLeaseOptions) {
    this.#record = record;
    this.#options = options;
    this.#claimId = uuid(options.random);
  }

  get leased(): boolean {
    return this.#epoch !== undefined;
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
    if (this.#epoch === undefined) {
      // One that drains needs none any more.
      if (state === "held") await this.#tryAgain();
      return;
    }
    const started = mark(this.#options.clock);
    try {
      await this.#beatAs(shifts, this.#epoch, state);
      this.#heard(started);
    } catch (error) {
      this.#unheard();
      throw error;
    }
  }

  async #beatAs(shifts: Records, epoch: number, state: LeaseState): Promise<void> {
    const { id } = this.#record;
    if (await shifts.update(beat({ id, claimId: this.#claimId, epoch }, state))) return;
    const stored = await shifts.find(id);
    if (!this.#working) return;
    const seen = stored === undefined ? undefined : shiftOf(stored);
    const { lease, status } = seen ?? {};
    if (status === "running" && lease?.claimId === this.#claimId) return;
    // Only another claim under a higher epoch takes a shift away, and only while somebody works under it and goes on.
    if (status === "running" && lease?.state === "held" && lease.epoch > epoch) {
      this.#lose(lease.owner);
      return;
    }
    // About to be given back, given back by another, deleted or set back by people: the table says what follows.
    this.#epoch = undefined;
    await this.#tryAgain();
  }

  /** @throws StoreError */
  async leave(leaving: Leaving): Promise<void> {
    const { work, log } = this.#options;
    this.#working = false;
    const { id, closes } = this.#record;
    const epoch = this.#epoch;
    if (epoch === undefined || this.#lost) return;
    this.#epoch = undefined;
    const left = await work.shifts.update({
      id,
      expect: { status: "running", "lease.epoch": epoch, "lease.claimId": this.#claimId },
      set: {
        status: leaving === "completed" ? "completed" : "interrupted",
        "lease.state": "free",
        endsAt: new Date(closes),
      },
    });
    if (left) log("INFO", event.shiftEnded, `The shift was ${leaving}.`, { shift: id, epoch });
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
    this.#accepted = started;
    if (this.#quiet && this.leased) this.#available();
    this.#quiet = false;
  }

  #entered(entry: Entry): Entry {
    const { log } = this.#options;
    const shift = this.#record.id;
    this.#working = entry.enter === "run";
    if (entry.enter === "run") return entry;
    if (entry.why === "duplicate") {
      const owner = this.#holder?.owner;
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
    const look = await this.#look();
    if (typeof look !== "object" || !this.#working || this.#lost) return;
    if (look.enter === "run") this.#available();
    else if (look.why === "completed") this.#lose(undefined);
    else if (!this.#looksClosely) void this.#lookClosely(this.#holder);
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
      if (this.#holder === undefined || this.#holder.epoch !== holder?.epoch) break;
      // One that says that it drains has come too, and is no reason to leave.
      if (typeof look === "object" && this.#holder.hbSeq !== holder.hbSeq) {
        this.#lose(this.#holder.owner);
        break;
      }
    }
    this.#looksClosely = false;
  }

  async #tryLook(): Promise<Look> {
    try {
      return await this.#look();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return "failed";
    }
  }

  /** One look at the record, and one move. @throws StoreError */
  async #look(): Promise<Entry | "watch"> {
    const { work, timing, clock } = this.#options;
    const { id, closes } = this.#record;
    const stored = await work.shifts.find(id);
    const now = clock.monotonic();
    // Who could not look for long, does not know who else could not be heard.
    if (now - (this.#looked ?? now) > GAP * timing.interval) this.#holder = undefined;
    this.#looked = now;
    const seen = stored === undefined ? undefined : shiftOf(stored);
    // Sent before, without an answer.
    if (seen?.status === "running" && seen.lease.claimId === this.#claimId) return this.#have(seen.lease.epoch);
    const holder = this.#watch(seen);
    const holderGone = seen?.status === "running" && (await this.#isGone(seen.lease.owner));
    const move = shiftMove({ seen, watched: holder, holderGone, closes, observe: timing.observe });
    switch (move) {
      case "create":
        return this.#create();
      case "claim":
      case "take over":
        return seen === undefined ? "watch" : this.#take(seen, move);
      case "leave: completed":
        return { enter: "leave", why: "completed" };
      case "leave: duplicate":
        return { enter: "leave", why: "duplicate" };
      case "watch":
        return "watch";
    }
  }

  async #create(): Promise<Entry | "watch"> {
    const { work, clock, owner, log } = this.#options;
    const at = new Date(clock.wall());
    const lease = { owner, claimId: this.#claimId, epoch: 1, hbSeq: 0, hbAt: at, acqAt: at, state: "held" };
    const { id, closes } = this.#record;
    if (!(await work.shifts.insert({ id, status: "running", lease, endsAt: new Date(closes) }))) return "watch";
    log("INFO", event.shiftClaimed, "The shift is this container's.", { shift: id, epoch: 1 });
    return this.#have(1);
  }

  async #take(seen: SeenShift, move: "claim" | "take over"): Promise<Entry | "watch"> {
    const { work, owner, log } = this.#options;
    const { id } = this.#record;
    const next = { id, claimId: this.#claimId, epoch: seen.lease.epoch + 1 };
    const write = move === "claim" ? claimFree(seen, owner, next) : takeOver(seen, owner, next);
    // Somebody was faster, or the holder moved: the next look says.
    if (!(await work.shifts.update(write))) return "watch";
    const fields = { shift: id, epoch: next.epoch, from: seen.lease.owner };
    if (move === "claim") log("INFO", event.shiftClaimed, "The shift is this container's.", fields);
    else log("WARNING", event.shiftTakenOver, "The shift was taken over from a holder that is gone.", fields);
    return this.#have(next.epoch);
  }

  #have(epoch: number): Entry {
    this.#epoch = epoch;
    this.#accepted = mark(this.#options.clock);
    return { enter: "run", leased: true };
  }

  /** What is known of the holder after this look. */
  #watch(seen: SeenShift | undefined): Watched {
    const { clock, timing, log } = this.#options;
    const now = clock.monotonic();
    const before = this.#holder;
    this.#holder = seen?.status === "running" ? watched(before, seen.lease, now, timing.interval) : undefined;
    if (this.#holder === undefined) return nobody;
    const { owner, epoch, since } = this.#holder;
    if (before?.epoch !== epoch) {
      log("INFO", event.shiftWatched, "Another execution has the shift: it is watched.", {
        shift: this.#record.id,
        owner,
      });
    }
    return { ...this.#holder, unmovedFor: now - since };
  }

  async #isGone(owner: string): Promise<boolean> {
    if (isEarlierAttempt(owner, this.#options.owner)) return true;
    const container = await this.#options.work.containers.find(owner);
    return container?.state === "stopped";
  }
}

const never = new AbortController().signal;

function shiftOf(stored: Stored): SeenShift {
  const { status, endsAt } = stored;
  return {
    status: typeof status === "string" ? status : "",
    lease: leaseOf(stored),
    endsAt: endsAt instanceof Date ? endsAt.getTime() : undefined,
  };
}
