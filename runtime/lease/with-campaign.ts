import type { Clock, Millis, Random } from "../ports.ts";
import { StoreError } from "../store/store.ts";
import { pause } from "../waiting.ts";
import { type Campaigns, type Held, type Outcome, Refusal } from "./campaigns.ts";
import { uuid } from "./chance.ts";
import type { OpenEffect } from "./record.ts";

/** A campaign, for as long as the work on it lasts. */
export interface CampaignLease {
  readonly id: string;
  /** The next step to do, from 0. It moves with `step`. */
  readonly cursor: number;
  /** Whether somebody else had it before. */
  readonly resumed: boolean;
  /** An effect that an earlier owner began and nobody resolved: look it up, and `step` with what was found. */
  readonly ambiguous: OpenEffect | undefined;
  /** Aborts when the lease is lost: then nothing may be done for the campaign any more, and the work has 5 s to end. */
  readonly signal: AbortSignal;
  /** Aborts when no new effects may be begun, since the container ends. */
  readonly draining: AbortSignal;
  /** Belongs into the filter of every write of the work's own, so that a write that comes too late finds nothing. */
  readonly fence: { readonly epoch: number; readonly claimId: string };
  /**
   * Before each outside effect.
   * @param effect what kind of effect, for people: never whom it concerns
   * @returns the effect's idempotency key
   * @throws Refusal `ambiguous`, `draining` or `fenced`. While the database does not answer, it waits for as long as the
   *   lease lasts; StoreError when the database refuses this very record
   */
  begin(effect: string): Promise<string>;
  /** After it, or for a step without an effect. @throws Refusal, StoreError as `begin` */
  step(outcome?: Outcome): Promise<void>;
}

export interface WorkPorts {
  readonly clock: Clock;
  readonly random: Random;
}

/** Between two tries of the same call. */
const AGAIN_AFTER: Millis = 1_000;
/** Where no lease says for how long: the caller has to hear in the end. */
const TRIES = 3;

/**
 * Does the work on a claim, and ends the claim as the work ends: completed when it returns, released when it returns
 * while the container drains (nobody knows whether it was done, or only left), given back when it throws. That counts
 * as a death, so that a campaign nobody can do is set aside in the end, unless the campaign had no part in it: the
 * database was away, the lease lost, or the container drains.
 *
 * @returns what the work returns
 * @throws what the work throws; Refusal `fenced` when the lease was lost meanwhile; StoreError when nobody knows
 *   whether the campaign was completed
 */
export async function onClaim<T>(
  campaigns: Campaigns,
  held: Held,
  { clock }: WorkPorts,
  work: (lease: CampaignLease) => Promise<T>,
): Promise<T> {
  const { id, claimId } = held;
  const lost = new AbortController();
  const draining = new AbortController();
  const unwatch = campaigns.watch(id, claimId, (event) => {
    if (event === "fenced") lost.abort(new Refusal("fenced", `The lease of ${id} is lost.`));
    if (event === "draining" || event === "closing") draining.abort();
  });
  try {
    const result = await work(leaseOn(campaigns, clock, held, { signal: lost.signal, draining: draining.signal }));
    lost.signal.throwIfAborted();
    const ending = draining.signal.aborted ? "release" : "complete";
    await persistently(clock, () => campaigns.end(id, { claimId, ending }), { signal: lost.signal, tries: TRIES });
    return result;
  } catch (error) {
    const blameless = lost.signal.aborted || draining.signal.aborted || isFromOutside(error);
    await campaigns.stopped(id, claimId, blameless ? "stopped" : "crashed");
    throw error;
  } finally {
    unwatch();
  }
}

/** What any campaign may meet, whoever works on it. */
function isFromOutside(error: unknown): boolean {
  return error instanceof StoreError || (error instanceof Refusal && ["fenced", "draining"].includes(error.code));
}

/**
 * How a process asks for campaigns. A request that got no answer may have its claim all the same, which takes a place:
 * the next one for the same asks again in its name.
 */
export class Requests {
  readonly #campaigns: Campaigns;
  readonly #ports: WorkPorts;
  readonly #unanswered = new Map<string, string[]>();

  constructor(campaigns: Campaigns, ports: WorkPorts) {
    this.#campaigns = campaigns;
    this.#ports = ports;
  }

  /** The claim of one campaign. @throws Refusal when it cannot be had; StoreError when the database does not answer */
  claim(id: string): Promise<Held> {
    return this.#ask(`claim ${id}`, (requestId) => this.#campaigns.claim(id, requestId));
  }

  /** The same of the next one there is. @returns undefined when there is none, or no room, or the container drains */
  async next(): Promise<Held | undefined> {
    try {
      return await this.#ask("next", (requestId) => this.#campaigns.next(requestId));
    } catch (error) {
      if (error instanceof Refusal && error.code === "draining") return undefined;
      throw error;
    }
  }

  async #ask<T>(what: string, call: (requestId: string) => Promise<T>): Promise<T> {
    const { clock, random } = this.#ports;
    // Taken out: two that asked in one name would have one claim, and work on it side by side.
    const requestId = this.#unanswered.get(what)?.pop() ?? uuid(random);
    try {
      return await persistently(clock, () => call(requestId), { tries: TRIES });
    } catch (error) {
      if (error instanceof StoreError) this.#unanswered.set(what, [...(this.#unanswered.get(what) ?? []), requestId]);
      // Its claim came too late, and is over: nobody works on it.
      else if (error instanceof Refusal && error.code === "fenced") return this.#ask(what, call);
      throw error;
    }
  }
}

function leaseOn(
  campaigns: Campaigns,
  clock: Clock,
  held: Held,
  { signal, draining }: { signal: AbortSignal; draining: AbortSignal },
): CampaignLease {
  const { id, claimId, epoch, resumed, ambiguous } = held;
  let { cursor } = held;
  return {
    id,
    resumed,
    ambiguous,
    signal,
    draining,
    fence: { epoch, claimId },
    get cursor() {
      return cursor;
    },
    async begin(effect) {
      signal.throwIfAborted();
      const call = { claimId, cursor, effect };
      const { attemptId } = await persistently(clock, () => campaigns.begin(id, call), { signal });
      signal.throwIfAborted();
      return attemptId;
    },
    async step(outcome = "done") {
      const call = { claimId, cursor, outcome };
      ({ cursor } = await persistently(clock, () => campaigns.step(id, call), { signal }));
    },
  };
}

/** The work of a process, while it lasts. */
export class Works {
  readonly #running = new Set<Promise<unknown>>();

  get idle(): boolean {
    return this.#running.size === 0;
  }

  add<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    const done = () => void this.#running.delete(work);
    work.then(done, done);
    return work;
  }
}

/** Without an answer the same call finds out what became of it. As long as there is hope, and no more tries than that. */
async function persistently<T>(
  clock: Clock,
  call: () => Promise<T>,
  { signal, tries = Number.POSITIVE_INFINITY }: { signal?: AbortSignal; tries?: number },
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StoreError) || tried >= tries || signal?.aborted) throw error;
    }
    await pause(clock, AGAIN_AFTER, signal);
  }
}
