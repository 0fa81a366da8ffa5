import type { Cancel, Millis } from "../ports.ts";
import type { OpenEffect } from "./record.ts";

/** A campaign in this container's hands. */
export interface Held {
  readonly id: string;
  readonly claimId: string;
  readonly epoch: number;
  /** The next step to do, from 0. */
  readonly cursor: number;
  /** Whether somebody else had it before. */
  readonly resumed: boolean;
  /** An effect that an earlier owner began, and nobody has resolved: `step` it before `begin`. */
  readonly ambiguous: OpenEffect | undefined;
  /** Until when it may act, on the monotonic clock. */
  readonly notAfter: Millis;
}

/** Why a call was not done. Nothing was changed by it. */
export type RefusalCode =
  /** The claim is lost or over: nothing may be done in its name any more. */
  | "fenced"
  /** Somebody else has the campaign. */
  | "held"
  /** An effect of an earlier owner is open: whether it happened, the worker has to find out. */
  | "ambiguous"
  /** No new effects: the shift or the container is ending. */
  | "draining"
  /** Another step is next. */
  | "cursor"
  /** An effect was begun and not resolved. */
  | "open_effect"
  /** No campaign with this id, or none that may be worked on. */
  | "absent"
  /** This container already has as many campaigns as it may. */
  | "capacity";

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  /** What helps the caller to go on: the owner and its age, the cursor, the open effect. */
  readonly details: Readonly<Record<string, string | number | boolean | undefined>>;

  constructor(code: RefusalCode, message: string, details: Refusal["details"] = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export type CampaignEvent =
  /** A heartbeat was accepted: `notAfter` has moved. */
  | "renewed"
  /** No new effects; finish what runs. */
  | "draining"
  /** Stop at once, then say `stopped`. */
  | "fenced"
  /** The container ends. */
  | "closing";

/** Called with the claim's `notAfter` (monotonic, as in `Held`) as it is then. */
export type CampaignListener = (event: CampaignEvent, notAfter: Millis) => void;

export type Outcome = "done" | "absent" | "unknown";
export type Ending = "complete" | "fail" | "release";

/**
 * The campaigns of one container. Every call may be repeated; each throws `Refusal` when it must not be done, and
 * `StoreError` when the database did not answer: then the same call, repeated, finds out.
 */
export interface Campaigns {
  /** The same `requestId` gets the same claim. @throws Refusal held, absent, capacity, draining; fenced when that claim is over */
  claim(id: string, requestId: string): Promise<Held>;
  /** The next one to work on: interrupted, orphaned, queued, and last those whose workers died of them. @returns undefined when there is none, or no capacity */
  next(requestId: string): Promise<Held | undefined>;
  /**
   * Before each outside effect.
   * @param effect what kind of effect, for people: never whom it concerns
   * @returns the attempt's idempotency key; the same one when repeated
   */
  begin(
    id: string,
    call: { claimId: string; cursor: number; effect: string },
  ): Promise<{ attemptId: string; notAfter: Millis }>;
  /** @returns the next cursor */
  step(
    id: string,
    call: { claimId: string; cursor: number; outcome: Outcome },
  ): Promise<{ cursor: number; notAfter: Millis }>;
  /** After it the claim is over, whatever the answer. @param call.reason of fail and release: a word for people, nothing about patients */
  end(id: string, call: { claimId: string; ending: Ending; reason?: string | undefined }): Promise<void>;
  /**
   * The worker says that nothing acts for a claim any more: one that was fenced, or one that it gives up.
   * @param how `crashed` counts against the campaign
   */
  stopped(id: string, claimId: string, how?: "stopped" | "crashed"): Promise<void>;
  /**
   * What happens to a claim; the first event at once (`renewed`, or `draining`, `fenced` where that is so). The claim of
   * a worker behind the socket lives as long as somebody watches it: unwatched for 10 s it is fenced.
   */
  watch(id: string, claimId: string, listener: CampaignListener): Cancel;
  /** For people and probes. */
  list(): readonly HeldState[];
}

export interface HeldState {
  readonly id: string;
  readonly claimId: string;
  readonly epoch: number;
  readonly cursor: number;
  readonly state: "claiming" | "held" | "ending" | "fenced";
  /** Monotonic, as in `Held`. */
  readonly notAfter: Millis;
}
