import { event } from "../../domain/events.ts";
import { isEarlierAttempt } from "../identity.ts";
import type { Entry, ShiftRecord } from "../leases.ts";
import type { Clock, Log, Millis, Random } from "../ports.ts";
import type { Collections, Records, Stored } from "../store/store.ts";
import { uuid } from "./chance.ts";
import { type LeaseState, leaseOf } from "./record.ts";
import { type Holder, isSame, type Look, nobody, watched } from "./shift-holder.ts";
import { type SeenShift, shiftMove, type Watched } from "./shift-table.ts";
import type { Timing } from "./timing.ts";
import { beat, claimFree, takeOver } from "./writes.ts";

export interface ShiftClaimOptions {
  /** This container's id. */
  readonly owner: string;
  readonly work: Collections;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timing: Timing;
}

/** How often another holder is looked at. Ours: a shift that is given back waits no longer, and a look is one read. */
export const LOOK_EVERY: Millis = 2_000;

/** What this container has of a shift's record, and what it has seen of another who has it. */
export class ShiftClaim {
  /** Under which epoch the record is this container's, as far as it knows. */
  epoch: number | undefined;
  readonly #record: ShiftRecord;
  readonly #options: ShiftClaimOptions;
  /** One for this container: whatever of its claims lands, and whenever, is its own. */
  readonly #claimId: string;
  #holder: Holder | undefined;
  /** When the record was last seen. */
  #looked: Millis | undefined;
  #underWay: Promise<Entry | "watch"> | undefined;

  constructor(record: ShiftRecord, options: ShiftClaimOptions) {
    this.#record = record;
    this.#options = options;
    this.#claimId = uuid(options.random);
  }

  /** Another who has the shift, as of the last look. */
  get holder(): Holder | undefined {
    return this.#holder;
  }

  /**
   * One look at the record, and one move. Who looks while a look is under way gets its answer: of two, the later one
   * would move what the earlier one judges by.
   *
   * @throws StoreError
   */
  look(): Promise<Entry | "watch"> {
    this.#underWay ??= this.#look().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** When no claim is under way any more: one that lands would otherwise be nobody's. */
  async settled(): Promise<void> {
    await this.#underWay?.catch(() => undefined);
  }

  async #look(): Promise<Entry | "watch"> {
    const { work, timing, clock } = this.#options;
    const { id, closes } = this.#record;
    const sent = clock.monotonic();
    const stored = await work.shifts.find(id);
    const now = clock.monotonic();
    // Who could not look for long, does not know who else could not be heard.
    if (now - (this.#looked ?? now) > LOOK_EVERY + timing.gap) this.#holder = undefined;
    this.#looked = now;
    const seen = stored === undefined ? undefined : shiftOf(stored);
    // Sent before, without an answer.
    if (seen?.status === "running" && seen.lease.claimId === this.#claimId) return this.#have(seen.lease.epoch);
    const holder = this.#watch(seen, { sent, answered: now });
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
    this.epoch = epoch;
    return { enter: "run", leased: true };
  }

  /** What is known of the holder after this look. */
  #watch(seen: SeenShift | undefined, look: Look): Watched {
    const { timing, log } = this.#options;
    const before = this.#holder;
    this.#holder = seen?.status === "running" ? watched(before, seen.lease, look, timing.interval) : undefined;
    if (this.#holder === undefined) return nobody;
    const { owner, since } = this.#holder;
    if (!isSame(before, this.#holder)) {
      log("INFO", event.shiftWatched, "Another execution has the shift: it is watched.", {
        shift: this.#record.id,
        owner,
      });
    }
    return { ...this.#holder, unmovedFor: look.answered - since };
  }

  async #isGone(owner: string): Promise<boolean> {
    if (isEarlierAttempt(owner, this.#options.owner)) return true;
    const container = await this.#options.work.containers.find(owner);
    return container?.state === "stopped";
  }

  /**
   * A heartbeat of the record that is this container's.
   *
   * @returns whether it still is, or whose it is now; `nobody's` where the next look says what follows
   * @throws StoreError
   */
  async beat(shifts: Records, epoch: number, state: LeaseState): Promise<"mine" | "nobody's" | { lostTo: string }> {
    const { id } = this.#record;
    if (await shifts.update(beat({ id, claimId: this.#claimId, epoch }, state))) return "mine";
    const stored = await shifts.find(id);
    const { lease, status } = stored === undefined ? {} : shiftOf(stored);
    if (status === "running" && lease?.claimId === this.#claimId) {
      this.epoch = lease.epoch;
      return "mine";
    }
    // Only another claim under a higher epoch takes a shift away, and only while somebody works under it and goes on.
    if (status === "running" && lease?.state === "held" && lease.epoch > epoch) return { lostTo: lease.owner };
    // About to be given back, given back by another, deleted, or set back by people.
    this.epoch = undefined;
    return "nobody's";
  }

  /** @returns whether it was still this container's. @throws StoreError */
  giveBack(epoch: number, status: "completed" | "interrupted"): Promise<boolean> {
    const { id, closes } = this.#record;
    this.epoch = undefined;
    return this.#options.work.shifts.update({
      id,
      expect: { status: "running", "lease.epoch": epoch, "lease.claimId": this.#claimId },
      set: { status, "lease.state": "free", endsAt: new Date(closes) },
    });
  }
}

function shiftOf(stored: Stored): SeenShift {
  const { status, endsAt } = stored;
  return {
    status: typeof status === "string" ? status : "",
    lease: leaseOf(stored),
    endsAt: endsAt instanceof Date ? endsAt.getTime() : undefined,
  };
}
