import { event } from "../../domain/events.ts";
import type { Clock, Log, Millis } from "../ports.ts";
import { type Records, StoreError, type Write } from "../store/store.ts";
import { type Ending, type Outcome, Refusal } from "./campaigns.ts";
import type { Claim } from "./claim.ts";
import { fenced, type Holdings } from "./holdings.ts";
import type { Offers } from "./offers.ts";
import { type Campaign, campaignOf, isMine, isOwned, type OpenEffect } from "./record.ts";
import { begin, end, step, touch } from "./writes.ts";

export interface ProgressOptions {
  readonly campaigns: Records;
  readonly holdings: Holdings;
  readonly offers: Offers;
  readonly clock: Clock;
  readonly log: Log;
  /** A heartbeat now, with which a claim is verified, or found to be lost. */
  readonly heartbeat: () => Promise<unknown>;
}

/** What an owner does with its campaign: an effect is written down before it happens, a step after. */
export class Progress {
  readonly #options: ProgressOptions;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  async begin(claim: Claim, cursor: number, effect: string): Promise<{ attemptId: string; notAfter: Millis }> {
    await this.#mayAct(claim);
    if (this.#options.holdings.draining) {
      throw new Refusal("draining", "No new effects: this container is ending. Release the campaign.");
    }
    if (this.#options.holdings.migrating) throw new StoreError("begin", "the machine is about to be moved");
    this.#isNext(claim, cursor);
    this.#notAmbiguous(claim);
    const attempt = attemptId(claim);
    if (claim.open?.attemptId !== attempt) await this.#recordEffect(claim, cursor, attempt, effect);
    await this.#mayAct(claim);
    return { attemptId: attempt, notAfter: claim.promise() };
  }

  async step(claim: Claim, cursor: number, outcome: Outcome): Promise<{ cursor: number; notAfter: Millis }> {
    await this.#mayAct(claim);
    const { lastStep } = claim;
    const repeated = lastStep?.cursor === cursor && lastStep.outcome === outcome;
    if (!repeated || outcome === "absent") {
      this.#isNext(claim, cursor);
      if (claim.unsure) await this.#readOpenEffect(claim);
      // Nothing is open: it was taken back before, or never begun.
      if (outcome !== "absent" || claim.open !== undefined) await this.#recordStep(claim, cursor, outcome);
    }
    await this.#mayAct(claim);
    return { cursor: claim.cursor, notAfter: claim.promise() };
  }

  /** The claim is dead before its end is sent: the end may land although nobody answers. */
  async end(claim: Claim, ending: Ending, reason: string): Promise<void> {
    if (claim.state === "ending") {
      if (claim.ending !== ending) throw fenced(claim.id);
    } else {
      await this.#mayAct(claim);
      if (claim.unsure) await this.#readOpenEffect(claim);
      if (claim.open !== undefined) throw openEffect(claim.open);
      await this.#mayAct(claim);
      claim.endBy(ending);
    }
    await this.#recordEnd(claim, ending, reason);
    this.#options.holdings.over(claim, ending);
    this.#options.log("INFO", event.campaignEnded, `${claim.id} was ${endings[ending]}, at step ${claim.cursor}.`, {
      campaign: claim.id,
      epoch: claim.epoch,
      ending,
    });
  }

  async #recordEnd(claim: Claim, ending: Ending, reason: string): Promise<void> {
    const write = end(claim, ending, reason);
    const now = await this.#landed(claim, write, (as) => isMine(as, claim) && as.status === write.set?.status);
    if (now === "landed") return;
    // Released without an answer, and somebody has it since: that is what was wanted.
    if (ending === "release" && claim.unanswered && now !== undefined && now.lease.epoch > claim.epoch) return;
    const { open } = (await this.#current(claim, now)).resume;
    // It would have fitted a record without one.
    if (open?.claimId !== claim.claimId) throw older("end");
    // A `begin` that landed late. Its attempt was taken back, or nobody was ever given it, and nobody is any more.
    await this.#landed(
      claim,
      step(claim, claim.cursor, "absent", open.attemptId),
      (as) => as.resume.open === undefined,
    );
    await this.#recordEnd(claim, ending, reason);
  }

  async #recordEffect(claim: Claim, cursor: number, attempt: string, effect: string): Promise<void> {
    const replaces = claim.open?.attemptId;
    const write = begin(claim, cursor, { attemptId: attempt, effect, at: this.#options.clock.wall(), replaces });
    // Until it is known that it landed, the record may have it, or still get it.
    claim.unsure = true;
    const now = await this.#landed(claim, write, (as) => isOwned(as, claim) && as.resume.open?.attemptId === attempt);
    if (now === "landed") {
      const { epoch, claimId } = claim;
      claim.open = { cursor, epoch, claimId, attemptId: attempt, effect };
      claim.unsure = false;
      return;
    }
    await this.#adopt(claim, now);
    this.#isNext(claim, cursor);
    this.#notAmbiguous(claim);
    if (claim.open?.attemptId === replaces) throw new StoreError("begin", "the record changed in between");
    // An attempt of before, taken back, whose write landed late: this one takes its place.
    await this.#recordEffect(claim, cursor, attempt, effect);
  }

  async #recordStep(claim: Claim, cursor: number, outcome: Outcome): Promise<void> {
    const { open, ambiguous } = claim;
    // Before it is sent, since it may land late: another attempt is begun under another name, whatever becomes of this.
    if (outcome === "absent") claim.takenBack++;
    const now = await this.#landed(
      claim,
      step(claim, cursor, outcome, open?.attemptId),
      (as) =>
        isOwned(as, claim) &&
        (outcome === "absent" ? as.resume.open?.attemptId !== open?.attemptId : as.resume.cursor === cursor + 1),
    );
    if (now !== "landed") {
      await this.#adopt(claim, now);
      this.#isNext(claim, cursor);
      throw new StoreError("step", "the record changed in between");
    }
    claim.lastStep = { cursor, outcome };
    claim.open = undefined;
    if (outcome !== "absent") {
      claim.cursor = cursor + 1;
      // No write for the step before fits any more.
      claim.unsure = false;
    }
    if (ambiguous !== undefined && outcome !== "unknown") {
      this.#options.log(
        "INFO",
        event.effectResolved,
        `Step ${cursor} of ${claim.id}, begun by an earlier owner, was looked up: ${outcome}.`,
        {
          campaign: claim.id,
          epoch: claim.epoch,
          cursor,
          attempt: ambiguous.attemptId,
          outcome,
        },
      );
    }
    if (outcome === "unknown") {
      this.#options.log(
        "WARNING",
        event.effectAmbiguous,
        `Whether step ${cursor} of ${claim.id} happened nobody knows. It is not repeated.`,
        {
          campaign: claim.id,
          epoch: claim.epoch,
          cursor,
          attempt: open?.attemptId,
        },
      );
    }
  }

  /**
   * Sends a write, and finds out whether it landed.
   *
   * @returns `landed`, or the record as it is where the write did not fit it
   * @throws StoreError while that is not known, and while a write without an answer may still land; Refusal fenced when
   *   the database refuses it
   */
  async #landed(
    claim: Claim,
    write: Write,
    landed: (as: Campaign) => boolean,
  ): Promise<"landed" | Campaign | undefined> {
    const { campaigns } = this.#options;
    let unanswered: StoreError | undefined;
    try {
      if (await campaigns.update(write)) return "landed";
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.refused) return this.#refused(claim, error);
      unanswered = error;
      if (claim.state === "ending") claim.unanswered = true;
    }
    const stored = await campaigns.find(write.id);
    const now = stored === undefined ? undefined : campaignOf(stored);
    if (now !== undefined && landed(now)) return "landed";
    if (unanswered !== undefined && now !== undefined && isOwned(now, claim)) throw unanswered;
    return now;
  }

  /** No repetition will help. This container leaves it alone for a while; whoever has it next hears the same. */
  #refused(claim: Claim, error: StoreError): never {
    const { holdings, offers } = this.#options;
    offers.refused(claim.id, error);
    holdings.fence(claim, "refused");
    throw fenced(claim.id);
  }

  /** Asked before each write, and again before each answer. */
  async #mayAct(claim: Claim): Promise<void> {
    const { holdings, heartbeat } = this.#options;
    if (claim.state === "held" && !claim.verified && claim.trusted) {
      await heartbeat();
      if (claim.state === "held" && !claim.verified && claim.trusted) {
        throw new StoreError("heartbeat", "not accepted yet, after a move of the machine");
      }
    }
    if (claim.state === "held" && !claim.trusted) holdings.fence(claim, "trust");
    if (claim.state !== "held") throw fenced(claim.id);
  }

  #isNext(claim: Claim, cursor: number): void {
    if (cursor === claim.cursor) return;
    throw new Refusal("cursor", `The next step of ${claim.id} is ${claim.cursor}, not ${cursor}.`, {
      cursor: claim.cursor,
    });
  }

  #notAmbiguous({ id, ambiguous: open }: Claim): void {
    if (open === undefined) return;
    throw new Refusal(
      "ambiguous",
      `An earlier owner of ${id} began the effect of step ${open.cursor} (${open.attemptId}), and nobody knows whether it happened. ` +
        "Look it up, and step with done, absent or unknown.",
      { cursor: open.cursor, attemptId: open.attemptId, effect: open.effect, epoch: open.epoch },
    );
  }

  /** Goes on from what the record says. @throws as `#current` */
  async #adopt(claim: Claim, now: Campaign | undefined): Promise<void> {
    const { resume } = await this.#current(claim, now);
    claim.cursor = resume.cursor;
    claim.open = resume.open;
  }

  /**
   * The record, unless it was read as it was before an answer that this claim had: a new primary shows that for a moment.
   *
   * @throws StoreError when it was; Refusal fenced when the campaign is another's
   */
  async #current(claim: Claim, now: Campaign | undefined): Promise<Campaign> {
    if (now !== undefined && isOwned(now, claim) && now.resume.cursor >= claim.cursor) return now;
    const { campaigns, holdings } = this.#options;
    if (await campaigns.update(touch(claim))) throw older("find");
    holdings.fence(claim, "lost");
    throw fenced(claim.id);
  }

  async #readOpenEffect(claim: Claim): Promise<void> {
    const stored = await this.#options.campaigns.find(claim.id);
    await this.#adopt(claim, stored === undefined ? undefined : campaignOf(stored));
  }
}

function older(operation: string): StoreError {
  return new StoreError(operation, "what was read is older than what was answered before");
}

const endings: Readonly<Record<Ending, string>> = { complete: "completed", fail: "failed", release: "released" };

/** The same for the same attempt, so that whoever repeats it, repeats nothing; another one after it was taken back. */
function attemptId({ id, cursor, epoch, takenBack, claimId }: Claim): string {
  // The claim's own part: a campaign that is made anew under its old id begins with the same numbers.
  return [id, cursor, epoch, takenBack, claimId.slice(0, 8)].join("-");
}

function openEffect({ cursor, attemptId }: OpenEffect): Refusal {
  return new Refusal("open_effect", `The effect of step ${cursor} (${attemptId}) is open: step it first.`, {
    cursor,
    attemptId,
  });
}
