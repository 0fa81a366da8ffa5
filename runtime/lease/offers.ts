import { event } from "../../domain/events.ts";
import type { Clock, Log, Random } from "../ports.ts";
import { pages } from "../store/pages.ts";
import { type Records, StoreError } from "../store/store.ts";
import { Refusal } from "./campaigns.ts";
import { shuffled } from "./chance.ts";
import { HeldOff } from "./held-off.ts";
import type { Orphans } from "./orphans.ts";
import { type Campaign, campaignFields, campaignOf } from "./record.ts";
import { fruitless, judge, type LastOwner, type RecoveryRules } from "./recovery.ts";
import { type RecoveryNote, settle } from "./writes.ts";

export interface OffersOptions {
  readonly campaigns: Records;
  readonly orphans: Orphans;
  readonly rules: RecoveryRules;
  /** Whether the clinic is open. Without a calendar it always is. */
  readonly open: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** How many candidates are read at once. */
const PAGE = 50;

/** A campaign that may be had, and how. */
export interface Offer {
  readonly campaign: Campaign;
  readonly lastOwner: LastOwner | undefined;
}

/** Which campaigns may be had, and which are to be ended since nobody may have them again. */
export class Offers {
  readonly #options: OffersOptions;
  /** What was said to be unreadable. */
  readonly #unreadable = new Set<string>();
  readonly #heldOff: HeldOff;

  constructor(options: OffersOptions) {
    this.#options = options;
    this.#heldOff = new HeldOff(options.clock);
  }

  /**
   * Ends by itself what is not to be resumed. What is, waits for somebody who asks for it.
   * @returns whether that was decided, so that it need not be again until its record moves
   */
  async settleOrphan(id: string): Promise<boolean> {
    const orphan = await this.orphan(id);
    if (orphan === undefined) return false;
    await this.accept(orphan);
    // Its age may end it while nobody asks for it, and what the database refused is tried again.
    return orphan.campaign.resume.maxAge === undefined && !this.#heldOff.has(id);
  }

  /** The same of what was given back. */
  async settleInterrupted(): Promise<void> {
    for await (const campaign of this.#listed("interrupted")) await this.accept({ campaign, lastOwner: "left" });
  }

  /** Somebody else was faster. */
  lost(id: string): void {
    this.#options.orphans.forget(id);
    this.#heldOff.lost(id);
  }

  taken(id: string): void {
    this.#options.orphans.forget(id);
    this.#heldOff.forget(id);
  }

  /** The database will never take it: others have their turn. */
  refused(id: string, error: StoreError): void {
    this.#heldOff.refused(id);
    this.#options.log("ERROR", event.campaignUnreadable, `The database refuses what the runtime writes into ${id}.`, {
      campaign: id,
      reason: error.message,
    });
  }

  /**
   * All that may be had, in this order: interrupted, orphaned, queued; and last those whose workers have died without
   * progress, so that two bad campaigns do not use up a shift's restarts before the good ones had their turn.
   * @throws StoreError
   */
  async *all(): AsyncGenerator<Offer> {
    const { clock } = this.#options;
    const suspects: Offer[] = [];
    for await (const offer of this.#left()) {
      if (fruitless(offer.campaign, clock.wall()) === 0) yield offer;
      else if (suspects.length < PAGE) suspects.push(offer);
    }
    for await (const campaign of this.#listed("queued")) yield { campaign, lastOwner: undefined };
    yield* suspects;
  }

  /** What somebody had, and nobody has. */
  async *#left(): AsyncGenerator<Offer> {
    const { orphans, random } = this.#options;
    for await (const campaign of this.#listed("interrupted")) yield { campaign, lastOwner: "left" };
    for (const id of shuffled(orphans.due(), random)) {
      const orphan = await this.orphan(id);
      if (orphan !== undefined) yield orphan;
    }
  }

  async *#listed(status: "interrupted" | "queued"): AsyncGenerator<Campaign> {
    const listing = { expect: { status }, fields: campaignFields, limit: PAGE };
    const { campaigns, orphans, random } = this.#options;
    for await (const page of pages(campaigns, listing)) {
      const readable = page.map(campaignOf).filter((campaign) => !this.#isUnreadable(campaign));
      // Alone in order; beside others by chance, since all of them see the same list.
      const ordered = orphans.hasPeers ? shuffled(readable, random) : readable;
      // Asked for each as its turn comes: another request of this container may have lost it meanwhile.
      for (const campaign of ordered) if (!this.#heldOff.has(campaign.id)) yield campaign;
    }
  }

  async orphan(id: string): Promise<Offer | undefined> {
    const { orphans } = this.#options;
    if (this.#heldOff.has(id)) return undefined;
    const campaign = await this.#read(id);
    if (campaign?.status !== "running" || this.#isUnreadable(campaign) || !orphans.isOrphan(campaign)) return undefined;
    return { campaign, lastOwner: orphans.lastOwner(campaign) };
  }

  /** No write would fit it, so that whoever tried would try for ever. Said once for each. */
  #isUnreadable({ id, unreadable }: Campaign): boolean {
    if (unreadable === undefined) return false;
    if (!this.#unreadable.has(id)) {
      this.#unreadable.add(id);
      this.#options.log(
        "ERROR",
        event.campaignUnreadable,
        `${id} is left alone: its ${unreadable} has another shape.`,
        {
          campaign: id,
          field: unreadable,
        },
      );
    }
    return true;
  }

  /** The same of one that is asked for by name. @throws Refusal absent, held; StoreError */
  async of(id: string): Promise<Offer> {
    const campaign = await this.#read(id);
    if (campaign === undefined) throw new Refusal("absent", `There is no campaign ${id}.`);
    if (this.#isUnreadable(campaign)) {
      throw new Refusal("absent", `${id} has a ${campaign.unreadable} that no runtime wrote: it is left alone.`);
    }
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

  /** Why one that could not be taken cannot be had. @throws Refusal held, absent; StoreError */
  async refuse(id: string): Promise<never> {
    const campaign = await this.#read(id);
    if (campaign?.status === "running") throw this.#held(campaign);
    throw new Refusal("absent", `${id} is ${campaign?.status ?? "gone"}: there is nothing to do.`);
  }

  /** @returns undefined when it is not to be worked on: what is not to be at all, is ended here */
  async accept({ campaign, lastOwner }: Offer): Promise<{ readonly note: RecoveryNote | undefined } | undefined> {
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
    try {
      if (!(await campaigns.update(settle(campaign, status, reason, note)))) return;
    } catch (error) {
      if (!(error instanceof StoreError && error.refused)) throw error;
      this.refused(campaign.id, error);
      return;
    }
    const { id, lease, resume } = campaign;
    const fields = { campaign: id, owner: lease.owner, epoch: lease.epoch, cursor: resume.cursor, reason };
    if (status === "failed")
      log("WARNING", event.orphanTerminated, `${id} has lost its owner, and was ended: ${reason}.`, fields);
    else log("ERROR", event.orphanQuarantined, `${id} was set aside for a person: ${reason}.`, fields);
  }

  async #read(id: string): Promise<Campaign | undefined> {
    const stored = await this.#options.campaigns.find(id);
    return stored === undefined ? undefined : campaignOf(stored);
  }
}
