import { event } from "../../domain/events.ts";
import { mark } from "../mark.ts";
import type { Clock, Log, Random } from "../ports.ts";
import { type Records, StoreError } from "../store/store.ts";
import { type Held, Refusal } from "./campaigns.ts";
import { uuid } from "./chance.ts";
import { Claim } from "./claim.ts";
import { fenced, type Holdings } from "./holdings.ts";
import type { Offer, Offers } from "./offers.ts";
import { type Campaign, campaignOf } from "./record.ts";
import { noted } from "./recovery.ts";
import type { Timing } from "./timing.ts";
import { claimFree, type Ownership, takeOver, touch } from "./writes.ts";

export interface AcquisitionOptions {
  /** This container's id. */
  readonly owner: string;
  readonly campaigns: Records;
  readonly holdings: Holdings;
  readonly offers: Offers;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timing: Timing;
}

/** Whether it has not moved, and nobody else has it, since it was seen. */
function isAsSeen({ lease, resume }: Campaign, { lease: seen, resume: from }: Campaign): boolean {
  const same = lease.epoch === seen.epoch && lease.hbSeq === seen.hbSeq && lease.claimId === seen.claimId;
  return same && resume.cursor === from.cursor;
}

/** How campaigns come into this container's hands. */
export class Acquisition {
  readonly #options: AcquisitionOptions;
  /** By request: a repeated call joins the first. */
  readonly #underWay = new Map<string, Promise<Held | undefined>>();
  /** Campaigns that requests for the next one are taking. */
  readonly #taking = new Set<string>();
  /** For each such request, what others have taken since it began to look. */
  readonly #looking = new Set<Set<string>>();

  constructor(options: AcquisitionOptions) {
    this.#options = options;
  }

  async claim(id: string, requestId: string): Promise<Held> {
    const held = await this.#once(requestId, async (worker) => {
      if (!this.#mayTake(requestId)) throw new Refusal("capacity", "This container has as many campaigns as it may.");
      const { offers } = this.#options;
      return (await this.#take(await offers.of(id), requestId, worker)) ?? offers.refuse(id);
    });
    if (held === undefined || held.id !== id) throw fenced(id);
    return held;
  }

  next(requestId: string): Promise<Held | undefined> {
    return this.#once(requestId, async (worker) => {
      if (!this.#mayTake(requestId)) return undefined;
      for await (const offer of this.#untouched()) {
        const held = await this.#take(offer, requestId, worker);
        if (held !== undefined) return held;
      }
      return undefined;
    });
  }

  /** A repeated request gets its claim again, one under way its answer, and one whose claim is over nothing new. */
  async #once(requestId: string, take: (worker: number) => Promise<Held | undefined>): Promise<Held | undefined> {
    const underWay = this.#underWay.get(requestId);
    if (underWay !== undefined) return underWay;
    const { holdings } = this.#options;
    // Whoever asks now: a worker that dies meanwhile has nothing of it, and the next one neither.
    const { worker } = holdings;
    const start = async () => {
      const known = holdings.byRequest(requestId);
      if (known?.state === "claiming") return (await this.#send(known)) ?? take(worker);
      if (known?.state === "held" && known.trusted) return this.#answer(known);
      if (known !== undefined || holdings.requestIsOver(requestId)) {
        throw new Refusal(
          "fenced",
          "The claim of this requestId is lost or over. Stop acting for it, and ask with a new one.",
        );
      }
      if (holdings.draining) throw new Refusal("draining", "This container is ending: it takes no more campaigns.");
      return take(worker);
    };
    // Under way before it starts: whether there is room is counted with it.
    const answer = Promise.resolve()
      .then(start)
      .finally(() => this.#underWay.delete(requestId));
    this.#underWay.set(requestId, answer);
    return answer;
  }

  /** Requests that came before and have not chosen yet count too. */
  #mayTake(requestId: string): boolean {
    const { holdings } = this.#options;
    const requests = [...this.#underWay.keys()];
    const before = requests.slice(0, requests.indexOf(requestId));
    return holdings.roomFor(before.filter((request) => holdings.byRequest(request) === undefined).length + 1);
  }

  /**
   * All requests of a container see the same list: what one of them takes, the others leave to it, also in an older list;
   * and what one has claimed without an answer, until it asks again.
   */
  async *#untouched(): AsyncGenerator<Offer> {
    const touched = new Set(this.#taking);
    this.#looking.add(touched);
    try {
      for await (const offer of this.#options.offers.all()) {
        const { id } = offer.campaign;
        if (touched.has(id) || this.#options.holdings.isClaiming(id)) continue;
        for (const others of this.#looking) others.add(id);
        this.#taking.add(id);
        try {
          yield offer;
        } finally {
          this.#taking.delete(id);
        }
      }
    } finally {
      this.#looking.delete(touched);
    }
  }

  /** @returns undefined when somebody else was faster, or when it is not to be worked on */
  async #take(offer: Offer, requestId: string, worker: number): Promise<Held | undefined> {
    const accepted = await this.#options.offers.accept(offer);
    if (accepted === undefined) return undefined;
    const { owner, holdings, clock, random, timing } = this.#options;
    const { note } = accepted;
    const campaign = note === undefined ? offer.campaign : noted(offer.campaign, note, clock.wall());
    const next: Ownership = { id: campaign.id, claimId: uuid(random), epoch: campaign.lease.epoch + 1 };
    const takesOver = campaign.status === "running";
    const write = takesOver ? takeOver(campaign, owner, next, note) : claimFree(campaign, owner, next);
    const claim = new Claim(
      campaign,
      { ...next, requestId, write, worker },
      {
        clock,
        timing,
        started: mark(clock),
        onTrustOut: () => holdings.fence(claim, "trust"),
        onUnheard: () => holdings.expectListener(claim),
      },
    );
    holdings.add(claim);
    return this.#send(claim);
  }

  /**
   * Sends a claim until it is known whose the campaign is. The same claim each time: sent twice, it is one claim.
   *
   * @throws StoreError while that is not known. The claim stays, and with it its place, until the caller asks again.
   */
  async #send(claim: Claim): Promise<Held | undefined> {
    const { holdings, offers } = this.#options;
    try {
      if (await this.#landed(claim)) return await this.#granted(claim);
      offers.lost(claim.id);
    } catch (error) {
      if (!(error instanceof StoreError && error.refused)) throw error;
      offers.refused(claim.id, error);
    }
    holdings.discard(claim);
    return undefined;
  }

  /** @throws StoreError when the database refuses it, and while it is not known */
  async #landed(claim: Claim): Promise<boolean> {
    const { campaigns } = this.#options;
    let answered = true;
    try {
      if (await campaigns.update(claim.write)) return true;
    } catch (error) {
      if (!(error instanceof StoreError) || error.refused) throw error;
      answered = false;
    }
    // One that was sent before, without an answer, may have landed.
    if (await campaigns.update(touch(claim))) return true;
    // A record that it did not fit once it never fits: neither heartbeats nor epochs run backwards.
    if (answered || claim.state !== "claiming" || !(await this.#mayStillLand(claim))) return false;
    throw new StoreError("claim", "no answer, and it may still come");
  }

  async #granted(claim: Claim): Promise<Held> {
    const { holdings, log, offers } = this.#options;
    offers.taken(claim.id);
    const inTime = claim.state === "claiming" && claim.trusted && claim.worker === holdings.worker;
    if (!inTime || holdings.draining) {
      await holdings.returnUnused(claim);
      throw holdings.draining ? new Refusal("draining", "This container is ending.") : fenced(claim.id);
    }
    claim.state = "held";
    const { id: campaign, epoch, cursor } = claim;
    const { status, lease } = claim.campaign;
    if (status === "running") {
      log(
        "WARNING",
        event.orphanRecovered,
        `${campaign} was taken over at step ${cursor}: its owner no longer moved.`,
        {
          campaign,
          epoch,
          cursor,
          from: lease.owner,
        },
      );
    } else
      log("INFO", event.campaignClaimed, `${campaign} was claimed, at step ${cursor}.`, { campaign, epoch, cursor });
    return this.#answer(claim);
  }

  #answer(claim: Claim): Held {
    this.#options.holdings.expectListener(claim);
    return claim.held();
  }

  async #mayStillLand({ id, campaign }: Claim): Promise<boolean> {
    const stored = await this.#options.campaigns.find(id);
    const now = stored === undefined ? undefined : campaignOf(stored);
    return now !== undefined && now.status === campaign.status && isAsSeen(now, campaign);
  }
}
