import { event } from "../../domain/events.ts";
import type { Clock, Log, Millis } from "../ports.ts";
import { type Records, StoreError, type Write } from "../store/store.ts";
import { type Ending, type HeldState, Refusal } from "./campaigns.ts";
import type { Claim, FenceReason } from "./claim.ts";
import type { Campaign } from "./record.ts";
import { noteDeath } from "./recovery.ts";
import { giveBack } from "./writes.ts";

/** How long a worker has to say that it stopped. Ours: with a kill after it, well within the 15 s before others may start. */
const CONFIRM_WITHIN: Millis = 5_000;
/** How long nobody may listen to a claim's events. Ours: enough to open a broken stream again. */
const UNWATCHED_FOR: Millis = 10_000;
/** How many claims that are over are remembered, so that a repeated call hears the same again. */
const REMEMBERED = 1_000;

export interface HoldingsOptions {
  /** This container's id. */
  readonly owner: string;
  readonly campaigns: Records;
  readonly clock: Clock;
  readonly log: Log;
  readonly capacity: number;
  /** A worker does not confirm that it stopped. */
  readonly onUnconfirmed: () => void;
}

interface Over {
  readonly id: string;
  readonly requestId: string;
  readonly ending: Ending | undefined;
}

/**
 * The claims of this container: which there are, and how they end against the worker's will. A claim counts against the
 * capacity until nothing can act in its name any more.
 */
export class Holdings {
  draining = false;
  /** The machine is about to be moved: nothing is begun until it is back. */
  migrating = false;
  /** What could not be given back. Each is a write under an epoch of its own: however late, it harms nobody. */
  #owed: Write[] = [];
  readonly #underWay = new Set<Promise<void>>();
  /** Counts the workers: what one asked for, the next one does not get. */
  worker = 0;
  readonly #claims = new Map<string, Claim>();
  /** By claim, those that were over first before the others. */
  readonly #over = new Map<string, Over>();
  /** Of those. */
  readonly #requestsOver = new Set<string>();
  readonly #options: HoldingsOptions;

  constructor(options: HoldingsOptions) {
    this.#options = options;
  }

  get claims(): readonly Claim[] {
    return [...this.#claims.values()];
  }

  roomFor(count: number): boolean {
    return this.#claims.size + count <= this.#options.capacity;
  }

  /** Whether a record's claim is one that this process still has in hand. */
  has(claimId: string): boolean {
    return this.#claims.has(claimId);
  }

  /** Whether a claim was sent for it, and nobody knows yet whose it is. */
  isClaiming(id: string): boolean {
    for (const claim of this.#claims.values()) if (claim.id === id && claim.state === "claiming") return true;
    return false;
  }

  byRequest(requestId: string): Claim | undefined {
    for (const claim of this.#claims.values()) if (claim.requestId === requestId) return claim;
    return undefined;
  }

  requestIsOver(requestId: string): boolean {
    return this.#requestsOver.has(requestId);
  }

  /** How a claim that is over was ended by its worker, if it was. */
  endingOf(id: string, claimId: string): Ending | undefined {
    const over = this.#over.get(claimId);
    return over?.id === id ? over.ending : undefined;
  }

  /** @throws Refusal when it is none, or one that is over */
  claimOf(id: string, claimId: string): Claim {
    const claim = this.#claims.get(claimId);
    if (claim === undefined || claim.id !== id || claim.state === "claiming") throw fenced(id);
    return claim;
  }

  isOver(id: string, claimId: string): boolean {
    return this.#over.get(claimId)?.id === id;
  }

  add(claim: Claim): void {
    this.#claims.set(claim.claimId, claim);
  }

  /** The worker got its claim, or a listener left: from now on somebody has to listen. */
  expectListener(claim: Claim): void {
    claim.unlessWatched(UNWATCHED_FOR, () => {
      if (claim.state === "held") this.fence(claim, "unwatched");
    });
  }

  /** Nothing may be done in its name any more. It is given back only when nothing can. */
  fence(claim: Claim, reason: FenceReason): void {
    const { log } = this.#options;
    if (claim.state === "over" || claim.state === "fenced") return;
    if (claim.state !== "held") {
      // Nobody was told of it, and it may be ours all the same; or its end was sent, and nobody acts any more.
      if (claim.state === "claiming") void this.returnUnused(claim);
      else this.over(claim);
      return;
    }
    log("WARNING", event.campaignFenced, `${claim.id} may not go on here: ${fenceText[reason]}.`, {
      campaign: claim.id,
      epoch: claim.epoch,
      reason,
    });
    claim.fence(reason, fenced(claim.id));
    if (claim.watched) claim.unlessOver(CONFIRM_WITHIN, () => this.#confirm(claim));
    else this.#whenToldTimeIsUp(claim);
  }

  /** All work has to stop, whatever it is at. */
  revoke(): void {
    for (const claim of this.claims) if (claim.state === "held") this.fence(claim, "worker");
  }

  /** Of a machine that stood still, the timers have not heard that the time is up. */
  fenceUntrusted(): void {
    for (const claim of this.claims) if (claim.state === "held" && !claim.trusted) this.fence(claim, "trust");
  }

  /**
   * Nothing acts for it any more.
   * @param counts whether that counts against the campaign
   */
  stopped(claim: Claim, counts = false): void {
    if (claim.state === "held") this.fence(claim, "worker");
    // Its end was sent, and nobody asks any more whether it landed: whoever watches the record will see.
    if (claim.state === "ending") this.over(claim);
    if (claim.state !== "fenced") return;
    this.over(claim);
    if (claim.fencedFor !== "lost") void this.#giveBack([this.#backFrom(claim, claim.fencedFor ?? "worker", counts)]);
  }

  over(claim: Claim, ending?: Ending): void {
    claim.dispose();
    this.#claims.delete(claim.claimId);
    const { id, requestId, claimId } = claim;
    this.#over.set(claimId, { id, requestId, ending });
    this.#requestsOver.add(requestId);
    const [oldest] = this.#over;
    if (this.#over.size <= REMEMBERED || oldest === undefined) return;
    this.#over.delete(oldest[0]);
    this.#requestsOver.delete(oldest[1].requestId);
  }

  /** It never became anybody's, and cannot any more. */
  discard(claim: Claim): void {
    claim.dispose();
    this.#claims.delete(claim.claimId);
  }

  /** It was granted too late for whoever asked: it is again what it was. */
  async returnUnused(claim: Claim): Promise<void> {
    if (claim.state !== "over") this.over(claim);
    await this.#giveBack([unused(claim)]);
  }

  /**
   * Nothing of the worker is alive any more: all that it had goes back.
   * @param counts whether the death counts against its campaigns
   * @returns when the database knows, or has failed
   */
  async workerDead(counts: boolean): Promise<void> {
    this.worker++;
    const reason = counts ? "worker died" : "worker stopped";
    const back = this.claims.flatMap((claim) => {
      // What nobody was told of may be ours all the same.
      if (claim.state === "claiming") return [unused(claim)];
      const had = claim.state === "held" || (claim.state === "fenced" && claim.fencedFor !== "lost");
      return had ? [this.#backFrom(claim, reason, counts)] : [];
    });
    for (const claim of this.claims) this.over(claim);
    await this.#giveBack([...this.#owed.splice(0), ...back]);
  }

  #backFrom(claim: Claim, reason: string, counts: boolean): Write {
    const note = counts
      ? noteDeath(asOfNow(claim, this.#options.owner), reason, this.#options.clock.wall())
      : undefined;
    return giveBack(claim, reason, "interrupted", note);
  }

  /** The database answers: what it did not take before, it gets now. */
  async giveBackOwed(): Promise<void> {
    await this.#giveBack(this.#owed.splice(0));
  }

  list(): readonly HeldState[] {
    return this.claims.flatMap(({ id, claimId, epoch, cursor, state, notAfter }) =>
      state === "over" ? [] : [{ id, claimId, epoch, cursor, state, notAfter }],
    );
  }

  /** A worker that listens has to answer; one that went away does not act after what it was told. */
  #confirm(claim: Claim): void {
    if (claim.state !== "fenced") return;
    if (claim.watched) this.#options.onUnconfirmed();
    else this.#whenToldTimeIsUp(claim);
  }

  #whenToldTimeIsUp(claim: Claim): void {
    if (claim.state !== "fenced") return;
    const left = claim.promisedFor;
    if (left <= 0) this.stopped(claim);
    else claim.unlessOver(left, () => this.#whenToldTimeIsUp(claim));
  }

  /** When nothing is on its way back any more. */
  async givenBack(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Nobody who works waits for it: a worker has more than one campaign to stop for. */
  #giveBack(writes: readonly Write[]): Promise<void> {
    const sent = this.#sendBack(writes);
    this.#underWay.add(sent);
    return sent.finally(() => this.#underWay.delete(sent));
  }

  /** Without an answer the records stay as they are, and whoever watches them takes them over. */
  async #sendBack(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return;
    const { campaigns, log } = this.#options;
    try {
      const changed = await campaigns.updateAll(writes);
      log(
        "INFO",
        event.campaignEnded,
        `${changed} of ${writes.length} campaigns were given back; the others had gone already.`,
        {
          campaigns: writes.map(({ id }) => id),
          changed,
        },
      );
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (!error.refused) this.#owed.push(...writes);
      log(
        "WARNING",
        event.databaseUnavailable,
        "Campaigns could not be given back: with the next heartbeat, or they are taken over.",
        {
          campaigns: writes.map(({ id }) => id),
          operation: error.operation,
        },
      );
    }
  }
}

/** A claim of which nobody was told: the campaign is again what it was. */
function unused(claim: Claim): Write {
  return giveBack(claim, "unused", claim.campaign.status === "queued" ? "queued" : "interrupted");
}

const fenceText: Readonly<Record<FenceReason, string>> = {
  lost: "somebody else has it",
  trust: "no heartbeat of it was accepted for too long",
  unwatched: "its worker stopped listening",
  refused: "the database refuses what is written into it",
  worker: "its worker stopped",
};

export function fenced(id: string): Refusal {
  return new Refusal("fenced", `The claim on ${id} is lost or over. Stop acting for it, and say so (stopped).`);
}

function asOfNow({ campaign, cursor, epoch }: Claim, owner: string): Campaign {
  const { lease, resume } = campaign;
  return { ...campaign, lease: { ...lease, owner, epoch }, resume: { ...resume, cursor } };
}
