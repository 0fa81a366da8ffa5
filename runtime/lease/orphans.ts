import { event } from "../../domain/events.ts";
import { isEarlierAttempt } from "../identity.ts";
import type { StillCampaign } from "../leases.ts";
import type { Clock, Log, Millis } from "../ports.ts";
import { Observations, sameVersion, versionOf } from "./observations.ts";
import type { Campaign, Lease } from "./record.ts";
import type { LastOwner } from "./recovery.ts";
import type { Timing } from "./timing.ts";

export interface OrphansOptions {
  /** This container's id. */
  readonly me: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: Timing;
  /** How long ago the last accepted heartbeat of this container was sent; `undefined` before the first. */
  readonly ownHeartbeatAge: () => Millis | undefined;
  /** Whether this process has that claim in hand. */
  readonly isInHand: (claimId: string) => boolean;
}

/** A container, as it was listed. */
export interface SeenContainer {
  readonly id: string;
  readonly hbSeq: number;
  /** `stopped`: it has said itself that nothing of it is alive. */
  readonly state: "working" | "draining" | "stopped";
}

/** So many dead containers at once are rather a fault of the observer or of the database. Ours. */
const MASS = 3;

/**
 * Who has no owner any more, as far as this process has seen it. A time of the database or of a wall clock never
 * decides; and a process that may itself be cut off does not judge others.
 */
export class Orphans {
  readonly campaigns = new Observations();
  readonly containers = new Observations();
  readonly #options: OrphansOptions;
  /** Containers that have said themselves that nothing of them is alive. */
  #stopped: ReadonlySet<string> = new Set();
  /** Containers that were told to end. */
  #draining: ReadonlySet<string> = new Set();
  /** Running campaigns of containers that are gone for certain. */
  readonly #left = new Set<string>();
  #heldSince: Millis | undefined;

  constructor(options: OrphansOptions) {
    this.#options = options;
  }

  /** Whether other containers are about, as far as this one has seen. */
  get hasPeers(): boolean {
    return [...this.containers.keys()].some((id) => id !== this.#options.me);
  }

  seeContainers(seen: readonly SeenContainer[], at: Millis): void {
    this.containers.beginSweep();
    for (const { id, hbSeq, state } of seen)
      if (state !== "stopped") this.containers.see(id, { epoch: 0, hbSeq, claim: 0 }, at);
    this.containers.endSweep();
    const those = (state: SeenContainer["state"]) =>
      new Set(seen.filter((one) => one.state === state).map(({ id }) => id));
    this.#stopped = those("stopped");
    this.#draining = those("draining");
  }

  /** A new look at all campaigns that somebody has. What is not seen in it is forgotten by `endCampaigns`. */
  beginCampaigns(): void {
    this.campaigns.beginSweep();
  }

  endCampaigns(): void {
    this.campaigns.endSweep();
    for (const id of this.#left) if (this.campaigns.version(id) === undefined) this.#left.delete(id);
  }

  seeCampaign(id: string, lease: Lease, at: Millis): void {
    // Without a lease somebody may be at work who knows none.
    if (lease.claimId === "" || this.#options.isInHand(lease.claimId)) return;
    this.campaigns.see(id, versionOf(lease), at);
    if (this.#isGone(lease.owner)) this.#left.add(id);
    else this.#left.delete(id);
  }

  /** Campaigns to be taken over, those first that are certain. */
  due(): readonly string[] {
    const { clock, timing } = this.#options;
    const now = clock.monotonic();
    const certain = [...this.#left];
    if (!this.#mayJudge(now)) return certain;
    return [...certain, ...this.campaigns.unmoved(timing.observe, now).filter((id) => !this.#left.has(id))];
  }

  /** Whether its owner is gone, by the record as it has just been read. */
  isOrphan({ id, lease }: Campaign): boolean {
    const { clock, timing, isInHand } = this.#options;
    if (lease.claimId === "" || isInHand(lease.claimId)) return false;
    if (this.#isGone(lease.owner)) return true;
    const now = clock.monotonic();
    const seen = this.campaigns.version(id);
    const version = versionOf(lease);
    if (seen === undefined || !sameVersion(seen, version)) {
      this.campaigns.see(id, version, now);
      return false;
    }
    return (this.campaigns.unmovedFor(id, now) ?? 0) >= timing.observe && this.#mayJudge(now);
  }

  /** A container that still moves only lost the campaign, one that has stopped drained: neither is the campaign's fault. */
  lastOwner({ lease }: Campaign): LastOwner {
    const { me, clock, timing } = this.#options;
    if (this.#stopped.has(lease.owner) || this.#draining.has(lease.owner)) return "left";
    // Its task ended before anybody could see it not move: the container died, and perhaps of this campaign.
    if (isEarlierAttempt(lease.owner, me)) return "attempt died";
    const unmoved = this.containers.unmovedFor(lease.owner, clock.monotonic());
    return unmoved !== undefined && unmoved < timing.observe ? "left" : "died";
  }

  forget(id: string): void {
    this.campaigns.forget(id);
    this.#left.delete(id);
  }

  /** Nothing was seen for a while, or by way of another server: what did not move then says nothing. */
  startAnew(): void {
    const now = this.#options.clock.monotonic();
    this.campaigns.startAnew(now);
    this.containers.startAnew(now);
  }

  /** For people: what of others has been seen not to move, the longest first. */
  still(most: number): readonly StillCampaign[] {
    const { clock, timing } = this.#options;
    const now = clock.monotonic();
    return this.campaigns.stillest(most, now).map(({ key: id, unmoved }) => ({
      id,
      unmovedSeconds: Math.round(unmoved / 1000),
      dueInSeconds: Math.max(0, Math.round((timing.observe - unmoved) / 1000)),
    }));
  }

  /** For people who ask who has it. */
  unmovedSeconds(id: string): number | undefined {
    const unmoved = this.campaigns.unmovedFor(id, this.#options.clock.monotonic());
    return unmoved === undefined ? undefined : Math.round(unmoved / 1000);
  }

  /** Whether a container is gone for certain, without waiting. */
  #isGone(owner: string): boolean {
    return this.#stopped.has(owner) || isEarlierAttempt(owner, this.#options.me);
  }

  #mayJudge(now: Millis): boolean {
    const { timing, ownHeartbeatAge } = this.#options;
    const age = ownHeartbeatAge();
    return age !== undefined && age <= timing.gap && !this.#manyLookDead(now);
  }

  /** More than half of those that lived a moment ago, and three at least: all of them are given one more chance. */
  #manyLookDead(now: Millis): boolean {
    const { timing, me, log } = this.#options;
    const others = [...this.containers.keys()].filter((id) => id !== me);
    const live = others.filter(
      (id) => (this.containers.movedBefore(id, now) ?? Number.POSITIVE_INFINITY) <= 2 * timing.observe,
    );
    const still = live.filter((id) => (this.containers.unmovedFor(id, now) ?? 0) >= timing.observe);
    if (still.length < MASS || still.length * 2 <= live.length + 1) return false;
    if (this.#heldSince === undefined || now - this.#heldSince > 2 * timing.observe) {
      this.#heldSince = now;
      log("ERROR", event.takeoverHeld, "Many containers look dead at once: nothing is taken over for a while.", {
        dead: still.length,
        alive: live.length + 1 - still.length,
        seconds: Math.round(timing.observe / 1000),
      });
    }
    return now - this.#heldSince < timing.observe;
  }
}
