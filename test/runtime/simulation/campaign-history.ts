import type { Held } from "../../../runtime/lease/campaigns.ts";
import type { Campaign } from "../../../runtime/lease/record.ts";
import { campaignOf } from "../../../runtime/lease/record.ts";
import { matches } from "../../../runtime/store/memory/document.ts";
import type { Request } from "../../../runtime/store/memory.ts";
import type { Write } from "../../../runtime/store/store.ts";
import type { Observed } from "./observed.ts";
import { endedBefore, type Party } from "./party.ts";
import type { ReplicaSet } from "./replica-set.ts";
import type { Story } from "./story.ts";

/** An outside effect, as it happened: a call. */
export interface Effect {
  readonly campaign: string;
  readonly cursor: number;
  readonly epoch: number;
  readonly claimId: string;
  readonly attemptId: string;
}

export interface CampaignHistoryParts {
  readonly database: ReplicaSet;
  readonly story: Story;
  readonly observed: Observed;
  readonly containerOf: (id: string) => Party | undefined;
}

/** So many deaths in a row without progress are none too many: the default of AGENT_RECOVERY_LIMIT. */
const LIMIT = 3;
/** What nobody leaves any more. */
const over = new Set(["completed", "failed", "quarantined"]);
/** Why the runtime gives a campaign back whose worker did not: something of that worker would still act for it. */
const reasonsOfTheDead = new Set(["worker died", "worker stopped"]);

/**
 * Everything that happened to the campaigns of a world, and what of it must not happen:
 *
 * I1 one owner an epoch; I2 epochs that only grow; I3 no write of an owner that has lost; I4 each step once, by the call
 * that was made for it, none that was acknowledged is lost, and nothing more once a campaign is over; I5 no takeover from one that may still act, nor of one that was not watched for long
 * enough (Observed); I6 no effect of one that may not act, none twice, and none that is not written down; I7 nothing given back while something of the
 * worker lives; I9 a death is counted only where somebody died, and a campaign is set aside only after more deaths in a row
 * without progress than the limit; I10 nothing is resumed that is to end with its owner. That all is resolved in the end (I8) the simulation
 * looks at itself.
 */
export class CampaignHistory {
  takeovers = 0;
  readonly effects: Effect[] = [];
  readonly #parts: CampaignHistoryParts;
  /** By campaign and epoch. */
  readonly #claims = new Map<string, string>();
  /** How many deaths in a row each campaign has seen without progress. */
  readonly #fruitless = new Map<string, number>();

  constructor(parts: CampaignHistoryParts) {
    this.#parts = parts;
  }

  check(holds: boolean, violation: () => string): void {
    this.#parts.story.check(holds, violation);
  }

  record(id: string): Campaign {
    const stored = this.#parts.database.find("campaigns", id);
    if (stored === undefined) throw new Error(`no campaign ${id}`);
    return campaignOf(stored);
  }

  /** The worker acts, now. */
  act(effect: Effect): void {
    const { campaign: id, cursor, epoch, claimId, attemptId } = effect;
    const { status, lease, resume } = this.record(id);
    this.#parts.story.tell("", `a call: ${attemptId}`);
    this.check(
      status === "running" && lease.epoch === epoch && lease.claimId === claimId,
      () =>
        `I6 a call of ${id}, step ${cursor}, under epoch ${epoch}, and the record is ${status} under ${lease.epoch}`,
    );
    this.check(resume.open?.attemptId === attemptId, () => `I6 the call ${attemptId} is not written down`);
    this.check(!this.#called(id, cursor), () => `I6 two calls of ${id}, step ${cursor}`);
    this.effects.push(effect);
  }

  happened(attemptId: string): boolean {
    return this.effects.some((effect) => effect.attemptId === attemptId);
  }

  /** A worker has a campaign, and nobody else moves it: it goes on where that is, unless it has lost it already. */
  given({ id, claimId, cursor }: Pick<Held, "id" | "claimId" | "cursor">): void {
    const { status, lease, resume } = this.record(id);
    const its = status === "running" && lease.claimId === claimId;
    this.check(
      !its || resume.cursor === cursor,
      () => `I4 ${id} is given to a worker at step ${cursor}, and is at ${resume.cursor}`,
    );
  }

  /** A worker was told that the campaign is at this step. */
  acknowledged(id: string, cursor: number): void {
    const { resume } = this.record(id);
    this.check(resume.cursor >= cursor, () => `I4 step ${cursor} of ${id} was acknowledged, and is lost`);
  }

  /** People took its lease away, since nobody has it: epochs begin anew. */
  setBack(id: string): void {
    for (const key of this.#claims.keys()) if (key.startsWith(`${id} `)) this.#claims.delete(key);
    this.#parts.observed.moved(id);
  }

  witness(by: string, request: Request, perform: () => unknown): unknown {
    const writes = request.call === "update" ? [request.write] : request.call === "update all" ? request.writes : [];
    const before = writes.map((write) => ({ write, was: this.#parts.database.find("campaigns", write.id) }));
    const result = perform();
    for (const { write, was } of before) {
      const is = this.#parts.database.find("campaigns", write.id);
      // A write makes a new document of it, and what does not fit leaves it as it is.
      if (was === undefined || is === undefined) continue;
      // Of two of one record in one go it is the one that fitted.
      if (isSame(was, is) || !matches(was, write.expect, write)) this.#missed(by, write);
      else this.#changed(by, write, campaignOf(was), campaignOf(is));
    }
    return result;
  }

  #missed(by: string, { id, set = {} }: Write): void {
    const claimId = set["lease.claimId"];
    const container = this.#parts.containerOf(by);
    if (typeof claimId !== "string" || container === undefined) return;
    // Its own claim that arrives twice fits once.
    if ([...this.#claims.values()].includes(claimId)) return;
    this.#parts.observed.missed(container, id, claimId);
  }

  #changed(by: string, write: Write, was: Campaign, is: Campaign): void {
    const { id } = is;
    const { story, containerOf, observed } = this.#parts;
    const container = containerOf(by);
    const name = container?.name ?? by;
    const claimed = is.lease.claimId !== was.lease.claimId;
    const settled = is.lease.epoch !== was.lease.epoch && !claimed;
    const deed = claimed ? `claims ${id}` : settled ? `ends ${id}, which nobody has` : deedOf(write, was);
    const change = was.status === is.status ? "" : `: ${was.status} to ${is.status}`;
    if (!isHeartbeat(write)) story.tell(name, `  ${deed}${change}, epoch ${is.lease.epoch}`);
    this.check(!over.has(was.status), () => `I4 ${name} ${deed}, which is ${was.status}`);
    if (claimed) this.#owned(is);
    this.check(is.lease.epoch >= was.lease.epoch, () => `I2 the epoch of ${id} went back`);
    if (claimed || settled)
      this.check(is.lease.epoch === was.lease.epoch + 1, () => `I2 ${id} changed hands without an epoch of its own`);
    else {
      const owns = was.status === "running" && was.lease.owner === by;
      this.check(owns, () => `I3 ${name} ${deed}, and has it not`);
    }
    const resumed = claimed && was.status !== "queued";
    this.check(
      !resumed || is.resume.policy !== "terminate",
      () => `I10 ${name} ${deed}, which is to end with its owner`,
    );
    const steps = is.resume.cursor - was.resume.cursor;
    if (steps > 0) this.#fruitless.set(id, 0);
    this.check(steps === 0 || steps === 1, () => `I4 ${id} from ${was.resume.cursor} to ${is.resume.cursor}`);
    this.check(
      steps === 0 || this.#called(id, was.resume.cursor),
      () => `I4 step ${was.resume.cursor} of ${id} is closed, and nobody made its call`,
    );
    const { open } = is.resume;
    const begun = open !== undefined && open.attemptId !== was.resume.open?.attemptId;
    this.check(
      !begun || (open.claimId === is.lease.claimId && open.epoch === is.lease.epoch),
      () => `I3 ${open?.attemptId} is begun for a claim that ${id} has not`,
    );
    const wiped = was.resume.open !== undefined && is.resume.open === undefined && steps === 0;
    this.check(
      !wiped || !this.happened(was.resume.open?.attemptId ?? ""),
      () => `I4 the call ${was.resume.open?.attemptId} has happened, and is taken back`,
    );
    if (claimed && container !== undefined) observed.won(container, id);
    if ((claimed || settled) && was.status === "running") this.#takenOver(container, was, is);
    const left = was.status === "running" && is.status !== "running" && !settled;
    if (left) this.#left(container, was, is, String(write.set?.["lease.endReason"]));
    const sent = container?.sent.get(claimed ? is.lease.claimId : `${id} ${is.lease.epoch}`);
    if (is.recovery.count > was.recovery.count || is.recovery.lastAt?.getTime() !== was.recovery.lastAt?.getTime()) {
      const died = left ? container?.hasLostWorker === true : observed.looksDead(container, was.lease.owner, sent);
      this.check(died, () => `I9 ${name} counts a death of ${was.lease.owner}, which has not died`);
      this.#fruitless.set(id, this.#deathsOf(id) + 1);
    }
    const most = endedBefore(was.lease.owner, container?.id ?? "") ? LIMIT - 1 : LIMIT;
    this.check(
      is.status !== "quarantined" || this.#deathsOf(id) > most,
      () => `I9 ${id} is set aside after ${this.#deathsOf(id)} deaths without progress`,
    );
    if (is.lease.hbSeq !== was.lease.hbSeq || is.lease.epoch !== was.lease.epoch) observed.moved(id);
  }

  #owned({ id, lease }: Campaign): void {
    const key = `${id} ${lease.epoch}`;
    const other = this.#claims.get(key);
    this.check(other === undefined || other === lease.claimId, () => `I1 two owners of ${key}`);
    this.#claims.set(key, lease.claimId);
  }

  #takenOver(taker: Party | undefined, was: Campaign, is: Campaign): void {
    this.takeovers++;
    const { id, lease } = was;
    const { containerOf, observed } = this.#parts;
    const owner = containerOf(lease.owner);
    this.check(
      owner?.mayAct(lease.claimId) !== true,
      () => `I5 ${id} is taken from ${owner?.name}, which may still act`,
    );
    if (taker !== undefined) observed.takenOver(taker, was, is);
  }

  #left(by: Party | undefined, { id, lease }: Campaign, is: Campaign, reason: string): void {
    this.check(
      by?.mayAct(lease.claimId) !== true,
      () => `I7 ${id} is ${is.status}, and ${by?.name} may still act for it`,
    );
    this.check(
      !reasonsOfTheDead.has(reason) || by?.hasLivingWorkerOf(lease.claimId) !== true,
      () => `I7 ${id} is given back (${reason}), and something of that worker lives`,
    );
  }

  #deathsOf(id: string): number {
    return this.#fruitless.get(id) ?? 0;
  }

  #called(id: string, cursor: number): boolean {
    return this.effects.some((effect) => effect.campaign === id && effect.cursor === cursor);
  }
}

function isHeartbeat({ set = {}, unset = [] }: Write): boolean {
  return unset.length === 0 && Object.keys(set).every((field) => field === "lease.state");
}

/** What an owner's write does, in words. */
function deedOf({ set = {}, unset = [] }: Write, { id, resume }: Campaign): string {
  const step = `step ${resume.cursor} of ${id}`;
  if (set["resume.dialing"] !== undefined) return `writes down its call for ${step}`;
  if (set["resume.cursor"] !== undefined) return `closes ${step}`;
  if (unset.includes("resume.dialing")) return `takes back the call for ${step}`;
  if (set.status === "completed" || set.status === "failed") return `ends ${id}`;
  return set.status === undefined ? `renews ${id}` : `gives ${id} back (${set["lease.endReason"]})`;
}

function isSame(a: object, b: object): boolean {
  const [first, second] = [Object.entries(a), Object.entries(b)];
  return first.length === second.length && first.every(([_, value], at) => value === second[at]?.[1]);
}
