import { event } from "../../domain/contract.ts";
import type { Clock, Log, Random } from "../ports.ts";
import { pages } from "../store/pages.ts";
import { type Records, StoreError, type Write } from "../store/store.ts";
import { type Held, Refusal } from "./campaigns.ts";
import { Claim } from "./claim.ts";
import { fenced, type Holdings } from "./holdings.ts";
import type { Orphans } from "./orphans.ts";
import { isOwned } from "./progress.ts";
import { type Campaign, campaignFields, campaignOf } from "./record.ts";
import { judge, type LastOwner, noted, type RecoveryRules } from "./recovery.ts";
import { mark, type Timing } from "./timing.ts";
import { uuid } from "./uuid.ts";
import { claimFree, type Ownership, type RecoveryNote, settle, takeOver } from "./writes.ts";

export interface AcquisitionOptions {
  /** This container's id. */
  readonly owner: string;
  readonly campaigns: Records;
  readonly holdings: Holdings;
  readonly orphans: Orphans;
  readonly rules: RecoveryRules;
  /** Whether the clinic is open. Without a calendar it always is. */
  readonly open: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timing: Timing;
}

/** How many candidates are read at once. */
const PAGE = 50;

/** A campaign that may be had, and how. */
interface Offer {
  readonly campaign: Campaign;
  readonly lastOwner: LastOwner | undefined;
}

/** How campaigns come into this container's hands. */
export class Acquisition {
  readonly #options: AcquisitionOptions;
  /** By request: a repeated call joins the first. */
  readonly #underWay = new Map<string, Promise<Held | undefined>>();
  readonly #writes = new WeakMap<Claim, Write>();
  /** What was said to be unreadable. */
  readonly #unreadable = new Set<string>();

  constructor(options: AcquisitionOptions) {
    this.#options = options;
  }

  async claim(id: string, requestId: string): Promise<Held> {
    const held = await this.#once(requestId, async () => {
      if (!this.#mayTake(requestId)) throw new Refusal("capacity", "This container has as many campaigns as it may.");
      const campaign = await this.#read(id);
      if (campaign === undefined) throw new Refusal("absent", `There is no campaign ${id}.`);
      if (this.#isUnreadable(campaign)) {
        throw new Refusal("absent", `${id} has a ${campaign.unreadable} that no runtime wrote: it is left alone.`);
      }
      return (await this.#take(await this.#offer(campaign), requestId)) ?? this.#refuse(id);
    });
    if (held === undefined || held.id !== id) throw fenced(id);
    return held;
  }

  next(requestId: string): Promise<Held | undefined> {
    return this.#once(requestId, async () => {
      if (!this.#mayTake(requestId)) return undefined;
      for await (const offer of this.#offers()) {
        const held = await this.#take(offer, requestId);
        if (held !== undefined) return held;
      }
      return undefined;
    });
  }

  /**
   * Ends by itself what is not to be resumed. What is, waits for somebody who asks for it.
   * @returns whether that was decided, so that it need not be again until its record moves
   */
  async settleOrphan(id: string): Promise<boolean> {
    const orphan = await this.#orphan(id);
    if (orphan !== undefined) await this.#accept(orphan);
    return orphan !== undefined;
  }

  /** The same of what was given back. */
  async settleInterrupted(): Promise<void> {
    for await (const campaign of this.#listed("interrupted")) await this.#accept({ campaign, lastOwner: "left" });
  }

  /** A repeated request gets its claim again, one under way its answer, and one whose claim is over nothing new. */
  async #once(requestId: string, take: () => Promise<Held | undefined>): Promise<Held | undefined> {
    const underWay = this.#underWay.get(requestId);
    if (underWay !== undefined) return underWay;
    const { holdings } = this.#options;
    const start = async () => {
      const known = holdings.byRequest(requestId);
      if (known?.state === "claiming") return (await this.#send(known)) ?? take();
      if (known?.state === "held" && known.trusted) return this.#answer(known);
      if (known !== undefined || holdings.requestIsOver(requestId)) throw fenced(known?.id ?? "this request");
      if (holdings.draining) throw new Refusal("draining", "This container is ending: it takes no more campaigns.");
      return take();
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

  async *#offers(): AsyncGenerator<Offer> {
    for await (const campaign of this.#listed("interrupted")) yield { campaign, lastOwner: "left" };
    const { orphans, random } = this.#options;
    for (const id of shuffled(orphans.due(), random)) {
      const orphan = await this.#orphan(id);
      if (orphan !== undefined) yield orphan;
    }
    for await (const campaign of this.#listed("queued")) yield { campaign, lastOwner: undefined };
  }

  async *#listed(status: "interrupted" | "queued"): AsyncGenerator<Campaign> {
    const listing = { expect: { status }, fields: campaignFields, limit: PAGE };
    for await (const page of pages(this.#options.campaigns, listing)) {
      yield* page.map(campaignOf).filter((campaign) => !this.#isUnreadable(campaign));
    }
  }

  async #orphan(id: string): Promise<Offer | undefined> {
    const { orphans } = this.#options;
    const campaign = await this.#read(id);
    if (campaign?.status !== "running" || this.#isUnreadable(campaign) || !orphans.isOrphan(campaign)) return undefined;
    return { campaign, lastOwner: orphans.lastOwner(campaign) };
  }

  /** No write would fit it, so that whoever tried would try for ever. Said once for each. */
  #isUnreadable({ id, unreadable }: Campaign): boolean {
    if (unreadable === undefined) return false;
    if (!this.#unreadable.has(id)) {
      this.#unreadable.add(id);
      this.#options.log("ERROR", event.campaignUnreadable, "A campaign's record has another shape: it is left alone.", {
        campaign: id,
        field: unreadable,
      });
    }
    return true;
  }

  async #offer(campaign: Campaign): Promise<Offer> {
    const { orphans } = this.#options;
    switch (campaign.status) {
      case "queued":
        return { campaign, lastOwner: undefined };
      case "interrupted":
        return { campaign, lastOwner: "left" };
      case "running":
        if (orphans.isOrphan(campaign)) return { campaign, lastOwner: orphans.lastOwner(campaign) };
        throw this.#held(campaign);
      default:
        throw new Refusal(
          "absent",
          `${campaign.id} is ${campaign.status || "without a status"}: there is nothing to do.`,
          {
            status: campaign.status,
          },
        );
    }
  }

  #held({ id, lease }: Campaign): Refusal {
    const { orphans, clock } = this.#options;
    const age =
      lease.hbAt === undefined ? undefined : Math.max(0, Math.round((clock.wall() - lease.hbAt.getTime()) / 1000));
    return new Refusal("held", `${id} has an owner.`, {
      owner: lease.owner,
      heartbeatAgeSeconds: age,
      unmovedSeconds: orphans.unmovedSeconds(id),
    });
  }

  async #refuse(id: string): Promise<never> {
    const campaign = await this.#read(id);
    if (campaign?.status === "running") throw this.#held(campaign);
    throw new Refusal("absent", `${id} is ${campaign?.status ?? "gone"}: there is nothing to do.`);
  }

  /** @returns undefined when it is not to be worked on: what is not to be at all, is ended here */
  async #accept({ campaign, lastOwner }: Offer): Promise<{ readonly note: RecoveryNote | undefined } | undefined> {
    if (lastOwner === undefined) return { note: undefined };
    const { rules, open, clock } = this.#options;
    const verdict = judge(campaign, lastOwner, rules, { now: clock.wall(), open: open() });
    switch (verdict.verdict) {
      case "resume":
        return verdict;
      case "wait":
        return undefined;
      case "terminate":
        await this.#settle(campaign, "failed", verdict);
        return undefined;
      case "quarantine":
        await this.#settle(campaign, "quarantined", verdict);
        return undefined;
    }
  }

  async #settle(
    campaign: Campaign,
    status: "failed" | "quarantined",
    { reason, note }: { readonly reason: string; readonly note: RecoveryNote | undefined },
  ): Promise<void> {
    const { campaigns, orphans, log } = this.#options;
    orphans.forget(campaign.id);
    if (!(await campaigns.update(settle(campaign, status, reason, note)))) return;
    const { id, lease, resume } = campaign;
    const fields = { campaign: id, owner: lease.owner, epoch: lease.epoch, cursor: resume.cursor, reason };
    if (status === "failed") log("WARNING", event.orphanTerminated, "A campaign without its owner was ended.", fields);
    else log("ERROR", event.orphanQuarantined, "A campaign was set aside for a person: whoever has it dies.", fields);
  }

  /** @returns undefined when somebody else was faster, or when it is not to be worked on */
  async #take(offer: Offer, requestId: string): Promise<Held | undefined> {
    const accepted = await this.#accept(offer);
    if (accepted === undefined) return undefined;
    const { owner, holdings, clock, random, timing } = this.#options;
    const { note } = accepted;
    const campaign = note === undefined ? offer.campaign : noted(offer.campaign, note, clock.wall());
    const next: Ownership = { id: campaign.id, claimId: uuid(random), epoch: campaign.lease.epoch + 1 };
    const claim = new Claim(
      campaign,
      { ...next, requestId },
      { clock, timing, started: mark(clock), onTrustOut: () => holdings.fence(claim, "trust") },
    );
    holdings.add(claim);
    const takesOver = campaign.status === "running";
    this.#writes.set(claim, takesOver ? takeOver(campaign, owner, next, note) : claimFree(campaign, owner, next));
    return this.#send(claim);
  }

  /**
   * Sends a claim until it is known whose the campaign is. The same claim each time: sent twice, it is one claim.
   *
   * @throws StoreError while that is not known. The claim stays, and with it its place, until the caller asks again.
   */
  async #send(claim: Claim): Promise<Held | undefined> {
    const { campaigns, holdings } = this.#options;
    const write = this.#writes.get(claim);
    if (write === undefined) throw new Error("a claim was sent that was never written");
    let answered = true;
    try {
      if (await campaigns.update(write)) return await this.#granted(claim);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      answered = false;
    }
    const now = await this.#read(claim.id);
    if (now !== undefined && isOwned(now, claim)) return this.#granted(claim);
    // A record that refused it once fits none of the times it was sent: neither heartbeats nor epochs run backwards.
    const mayLand = !answered && now !== undefined && now.lease.epoch < claim.epoch && claim.state === "claiming";
    if (mayLand) throw new StoreError("claim", "no answer, and it may still come");
    this.#writes.delete(claim);
    this.#options.orphans.forget(claim.id);
    holdings.discard(claim);
    return undefined;
  }

  async #granted(claim: Claim): Promise<Held> {
    const { holdings, log, orphans } = this.#options;
    this.#writes.delete(claim);
    orphans.forget(claim.id);
    if (claim.state !== "claiming" || !claim.trusted || holdings.draining) {
      await holdings.returnUnused(claim);
      throw holdings.draining ? new Refusal("draining", "This container is ending.") : fenced(claim.id);
    }
    claim.state = "held";
    const { id: campaign, epoch, cursor } = claim;
    const { status, lease } = claim.campaign;
    if (status === "running") {
      log("WARNING", event.orphanRecovered, "A campaign was taken over from an owner that no longer moved.", {
        campaign,
        epoch,
        cursor,
        from: lease.owner,
      });
    } else log("INFO", event.campaignClaimed, "A campaign was claimed.", { campaign, epoch, cursor });
    return this.#answer(claim);
  }

  #answer(claim: Claim): Held {
    this.#options.holdings.answered(claim);
    return claim.held();
  }

  async #read(id: string): Promise<Campaign | undefined> {
    const stored = await this.#options.campaigns.find(id);
    return stored === undefined ? undefined : campaignOf(stored);
  }
}

/** Containers that find the same orphans at the same moment do not all begin with the same one. facts/lease 7.4 */
function shuffled<T>(all: readonly T[], random: Random): readonly T[] {
  const drawn = all.map((one) => ({ one, at: random.fraction() }));
  return drawn.sort((a, b) => a.at - b.at).map(({ one }) => one);
}
