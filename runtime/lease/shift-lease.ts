import { event } from "../../domain/contract.ts";
import type { Entry, Leaving, ShiftRecord } from "../leases.ts";
import type { Clock, Log, Millis, Random } from "../ports.ts";
import { type Collections, type Records, type Stored, StoreError } from "../store/store.ts";
import { isEarlierAttempt } from "./orphans.ts";
import { type LeaseState, leaseOf } from "./record.ts";
import { type SeenShift, shiftMove, type Watched } from "./shift-table.ts";
import type { Timing } from "./timing.ts";
import { uuid } from "./uuid.ts";
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
    let answered = false;
    const left = () => (answered ? DECIDE_WITHIN * timing.observe : ANSWER_WITHIN) - (clock.monotonic() - began);
    while (!signal.aborted) {
      const look = left() > 0 ? await within(clock, left(), this.#tryLook()) : undefined;
      if (signal.aborted) break;
      if (look === undefined) return this.#undecided(clock.monotonic() - began);
      if (typeof look === "object") return this.#entered(look);
      if (look === "watch") answered = true;
      await pause(clock, Math.min(LOOK_EVERY, left()), signal);
    }
    return { enter: "leave", why: "duplicate" };
  }

  /** With each heartbeat. @throws StoreError: the shift goes on, and the next one tries again */
  async beat(shifts: Records, state: LeaseState): Promise<void> {
    if (!this.#working || this.#lost) return;
    if (this.#epoch === undefined) {
      if (state === "held") await this.#tryAgain();
      return;
    }
    const epoch = this.#epoch;
    const { id } = this.#record;
    if (await shifts.update(beat({ id, claimId: this.#claimId, epoch }, state))) return;
    const stored = await shifts.find(id);
    const lease = stored === undefined ? undefined : leaseOf(stored);
    // Only another claim under a higher epoch takes a shift away. A record that people deleted is made again.
    if (lease === undefined) this.#epoch = undefined;
    else if (lease.epoch > epoch && lease.claimId !== this.#claimId) this.#lose(lease.owner);
  }

  /** @throws StoreError */
  async leave(leaving: Leaving): Promise<void> {
    const { work, log } = this.#options;
    this.#working = false;
    const { id, closes } = this.#record;
    if (this.#epoch === undefined || this.#lost) return;
    const left = await work.shifts.update({
      id,
      expect: { status: "running", "lease.epoch": this.#epoch, "lease.claimId": this.#claimId },
      set: {
        status: leaving === "completed" ? "completed" : "interrupted",
        "lease.state": "free",
        endsAt: new Date(closes),
      },
    });
    if (left) log("INFO", event.shiftEnded, `The shift was ${leaving}.`, { shift: id, epoch: this.#epoch });
    this.#epoch = undefined;
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
    this.#options.log(
      "WARNING",
      event.leaseUnavailable,
      "Whose shift it is cannot be found out: this worker runs without a lease.",
      {
        shift: this.#record.id,
        seconds: Math.round(waited / 1000),
      },
    );
    return this.#entered({ enter: "run", leased: false });
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

  /** Working without a lease: where the table says that another works, this one drains. */
  async #tryAgain(): Promise<void> {
    const look = await this.#look();
    if (typeof look !== "object") return;
    if (look.enter === "leave") this.#lose(this.#holder?.owner);
    else this.#options.log("NOTICE", event.leaseAvailable, "The shift has its lease now.", { shift: this.#record.id });
  }

  async #tryLook(): Promise<Look> {
    try {
      return await this.#look();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return "failed";
    }
  }

  /** @throws StoreError */
  async #look(): Promise<Entry | "watch"> {
    try {
      return await this.#lookOnce();
    } catch (error) {
      // What the holder did while nobody could look is not known.
      this.#holder = undefined;
      throw error;
    }
  }

  /** One look at the record, and one move. @throws StoreError */
  async #lookOnce(): Promise<Entry | "watch"> {
    const { work, timing } = this.#options;
    const { id, closes } = this.#record;
    const stored = await work.shifts.find(id);
    const seen = stored === undefined ? undefined : shiftOf(stored);
    // Sent before, without an answer.
    if (seen?.status === "running" && seen.lease.claimId === this.#claimId) return this.#have(seen.lease.epoch);
    const watched = this.#watch(seen);
    const holderGone = seen?.status === "running" && (await this.#isGone(seen.lease.owner));
    const move = shiftMove({ seen, watched, holderGone, closes, observe: timing.observe });
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
    return { enter: "run", leased: true };
  }

  /** What is known of the holder after this look. */
  #watch(seen: SeenShift | undefined): Watched {
    const { clock, timing, log } = this.#options;
    const now = clock.monotonic();
    if (seen?.status !== "running") this.#holder = undefined;
    else if (this.#holder === undefined || this.#holder.epoch !== seen.lease.epoch) {
      const { owner, epoch, hbSeq } = seen.lease;
      this.#holder = { owner, epoch, hbSeq, since: now, advances: 0, counted: now };
      log("INFO", event.shiftWatched, "Another execution has the shift: it is watched.", {
        shift: this.#record.id,
        owner,
      });
    } else if (this.#holder.hbSeq !== seen.lease.hbSeq) {
      const { advances, counted } = this.#holder;
      const another = advances === 0 || now - counted >= timing.interval / 2;
      this.#holder = {
        ...this.#holder,
        hbSeq: seen.lease.hbSeq,
        since: now,
        advances: another ? advances + 1 : advances,
        counted: another ? now : counted,
      };
    }
    return {
      advances: this.#holder?.advances ?? 0,
      unmovedFor: this.#holder === undefined ? 0 : now - this.#holder.since,
    };
  }

  async #isGone(owner: string): Promise<boolean> {
    if (isEarlierAttempt(owner, this.#options.owner)) return true;
    const container = await this.#options.work.containers.find(owner);
    return container?.state === "stopped";
  }
}

/** The one who has the shift, as this container watches it. */
interface Holder {
  readonly owner: string;
  readonly epoch: number;
  readonly hbSeq: number;
  /** When it was first seen so. */
  readonly since: Millis;
  readonly advances: number;
  /** When the last advance was counted. */
  readonly counted: Millis;
}

function shiftOf(stored: Stored): SeenShift {
  const { status, endsAt } = stored;
  return {
    status: status === "running" || status === "completed" ? status : "interrupted",
    lease: leaseOf(stored),
    endsAt: endsAt instanceof Date ? endsAt.getTime() : undefined,
  };
}
