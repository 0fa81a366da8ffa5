import type { Mark } from "../mark.ts";
import type { Cancel, Clock, Millis } from "../ports.ts";
import type { Write } from "../store/store.ts";
import { patiently } from "../waiting.ts";
import type { CampaignEvent, CampaignListener, Ending, Held, HeldState, Outcome } from "./campaigns.ts";
import type { Campaign, OpenEffect } from "./record.ts";
import { type Timing, trustLeft } from "./timing.ts";

/**
 * `claiming` until the database has said whose it is; `ending` from before its end is sent, since the end may land
 * although nobody answered; `fenced` until the worker says that it stopped, or can act no more.
 */
type ClaimState = HeldState["state"] | "over";

/** Why a claim may not act any more. */
export type FenceReason =
  /** Somebody else has the campaign. */
  | "lost"
  /** No heartbeat was accepted for too long: somebody else may have it. */
  | "trust"
  /** Nobody has listened to its events for too long. */
  | "unwatched"
  /** The database will never take what is written into it. */
  | "refused"
  /** The worker is dead. */
  | "worker";

export interface ClaimOptions {
  readonly clock: Clock;
  readonly timing: Timing;
  /** Before the claim was sent: what is trusted begins there, whenever the answer came. */
  readonly started: Mark;
  readonly onTrustOut: () => void;
  /** A listener could not hear, and is none any more. */
  readonly onUnheard: () => void;
}

/** One claim of this container, as this process knows it. What was ever fenced or ended never comes back. */
export class Claim {
  readonly id: string;
  readonly claimId: string;
  readonly epoch: number;
  readonly requestId: string;
  readonly resumed: boolean;
  /** What makes it this container's: the same each time that it is sent. */
  readonly write: Write;
  /** Which of the container's workers asked for it. */
  readonly worker: number;
  state: ClaimState = "claiming";
  cursor: number;
  open: OpenEffect | undefined;
  /** As it was when it was claimed. */
  readonly campaign: Campaign;
  /** A `begin` without an answer: the record may have an effect that this process does not know of. */
  unsure = false;
  /** The last step, for a worker that did not get its answer. */
  lastStep: { readonly cursor: number; readonly outcome: Outcome } | undefined;
  /** Effects that were taken back: the next one gets another key. */
  takenBack = 0;
  fencedFor: FenceReason | undefined;
  ending: Ending | undefined;
  /** Its end got no answer, and may have landed. */
  unanswered = false;

  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #onTrustOut: () => void;
  readonly #onUnheard: () => void;
  readonly #listeners = new Set<CampaignListener>();
  #unwatched: Cancel | undefined;
  #pending: Cancel | undefined;
  #anchor: Mark;
  /** When the machine was moved, until a heartbeat that was sent after it was accepted. */
  #movedAt: Millis | undefined;
  #promised: Millis = Number.NEGATIVE_INFINITY;
  #trustTimer: Cancel | undefined;
  /** One call at a time: a repeated call waits for the first, and then finds it done. */
  #queue = Promise.resolve();
  readonly #waiting = new Set<(answer: Error) => void>();
  #fenced: Error | undefined;

  constructor(
    campaign: Campaign,
    of: Pick<Claim, "claimId" | "epoch" | "requestId" | "write" | "worker">,
    { clock, timing, started, onTrustOut, onUnheard }: ClaimOptions,
  ) {
    this.id = campaign.id;
    this.campaign = campaign;
    this.claimId = of.claimId;
    this.epoch = of.epoch;
    this.requestId = of.requestId;
    this.write = of.write;
    this.worker = of.worker;
    this.resumed = campaign.status !== "queued";
    this.cursor = campaign.resume.cursor;
    this.open = campaign.resume.open;
    this.#clock = clock;
    this.#timing = timing;
    this.#onTrustOut = onTrustOut;
    this.#onUnheard = onUnheard;
    this.#anchor = started;
    this.#watchTrust();
  }

  /** Whether its owner may act. Asked before each write, and again before each answer. */
  get trusted(): boolean {
    return this.trustLeft > 0;
  }

  get trustLeft(): Millis {
    return trustLeft(this.#anchor, this.#timing, this.#clock);
  }

  /** Until when it may act, on the monotonic clock. */
  get notAfter(): Millis {
    return this.#clock.monotonic() + this.trustLeft;
  }

  /** `notAfter`, for the worker: after the latest one that it was ever told, it does not act any more. */
  promise(): Millis {
    const { notAfter } = this;
    this.#promised = Math.max(this.#promised, notAfter);
    return notAfter;
  }

  /** How long a worker may still act that knows only what it was told. */
  get promisedFor(): Millis {
    return Math.max(0, this.#promised - this.#clock.monotonic());
  }

  /** The machine was moved: until the database says so again, nothing says that the claim still holds. */
  moved(): void {
    this.#movedAt = this.#clock.monotonic();
  }

  get verified(): boolean {
    return this.#movedAt === undefined;
  }

  held(): Held {
    const { id, claimId, epoch, cursor, resumed, ambiguous } = this;
    return { id, claimId, epoch, cursor, resumed, ambiguous, notAfter: this.promise() };
  }

  /**
   * An effect that an earlier claim began, and nobody has resolved. By the claim, not by its epoch: where people take a
   * lease away, epochs begin anew.
   */
  get ambiguous(): OpenEffect | undefined {
    return this.open?.claimId === this.claimId ? undefined : this.open;
  }

  /**
   * A heartbeat was accepted.
   * @param started before it was sent: it may have been accepted at any time after
   */
  renew(started: Mark): void {
    if (this.state !== "held") return;
    // Trust that ran out is final. By a clock that was set, or by a machine that stood still, the timer has not heard of it.
    if (!this.trusted) this.#onTrustOut();
    else {
      // Answers may overtake each other.
      if (started.monotonic > this.#anchor.monotonic) this.#anchor = started;
      // One that was sent before the machine was moved says nothing about now.
      if (this.#movedAt !== undefined && started.monotonic >= this.#movedAt) this.#movedAt = undefined;
      this.tell("renewed");
    }
  }

  /**
   * In the order in which they came.
   *
   * A fence answers all that wait, and all that come after it: a worker that waited for a database to come back could not
   * say that it stopped, and would be killed with every call that it has.
   */
  inTurn<T>(call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#fenced !== undefined) return reject(this.#fenced);
      this.#waiting.add(reject);
      const done = () => void this.#waiting.delete(reject);
      this.#queue = this.#queue.then(call).then(resolve, reject).then(done);
    });
  }

  /** @param answer what calls are answered with */
  fence(reason: FenceReason, answer: Error): void {
    this.state = "fenced";
    this.fencedFor = reason;
    this.#fenced = answer;
    for (const reject of this.#waiting) reject(answer);
    this.tell("fenced");
  }

  listen(listener: CampaignListener): Cancel {
    this.#unwatched?.();
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls when nobody has listened for `time` from now on. */
  unlessWatched(time: Millis, call: () => void): void {
    this.#unwatched?.();
    if (!this.watched && this.state !== "over") this.#unwatched = patiently(this.#clock, time, call);
  }

  /** Calls after `time`, unless the claim is over by then: what is over keeps no process alive. */
  unlessOver(time: Millis, call: () => void): void {
    this.#pending?.();
    this.#pending = patiently(this.#clock, time, call);
  }

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  tell(event: CampaignEvent): void {
    for (const listener of this.#listeners) this.tellAlone(listener, event);
  }

  /** One that cannot hear is no listener: the others, and the claim, go on. */
  tellAlone(listener: CampaignListener, event: CampaignEvent): void {
    try {
      listener(event, this.state === "held" ? this.promise() : Math.min(this.notAfter, this.#clock.monotonic()));
    } catch {
      this.#listeners.delete(listener);
      this.#onUnheard();
    }
  }

  /** From here on it is dead: its end may land although nobody answers. */
  endBy(ending: Ending): void {
    this.state = "ending";
    this.ending = ending;
  }

  dispose(): void {
    this.state = "over";
    this.#trustTimer?.();
    this.#unwatched?.();
    this.#pending?.();
    this.#listeners.clear();
  }

  #watchTrust(): void {
    const left = this.trustLeft;
    if (left > 0) this.#trustTimer = this.#clock.after(left, () => this.#watchTrust());
    else if (this.state !== "over" && this.state !== "fenced") this.#onTrustOut();
  }
}
