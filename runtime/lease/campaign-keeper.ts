import type { Cancel, Millis } from "../ports.ts";
import type { Acquisition } from "./acquisition.ts";
import type { CampaignListener, Campaigns, Ending, Held, HeldState, Outcome } from "./campaigns.ts";
import { fenced, type Holdings } from "./holdings.ts";
import type { Progress } from "./progress.ts";

/** What a worker may ask of its container. */
export class CampaignKeeper implements Campaigns {
  readonly #acquisition: Acquisition;
  readonly #progress: Progress;
  readonly #holdings: Holdings;

  constructor(parts: { acquisition: Acquisition; progress: Progress; holdings: Holdings }) {
    this.#acquisition = parts.acquisition;
    this.#progress = parts.progress;
    this.#holdings = parts.holdings;
  }

  claim(id: string, requestId: string): Promise<Held> {
    return this.#acquisition.claim(id, requestId);
  }

  next(requestId: string): Promise<Held | undefined> {
    return this.#acquisition.next(requestId);
  }

  async begin(
    id: string,
    call: { claimId: string; cursor: number; effect: string },
  ): Promise<{ attemptId: string; notAfter: Millis }> {
    const claim = this.#holdings.claimOf(id, call.claimId);
    return claim.inTurn(() => this.#progress.begin(claim, call.cursor, call.effect));
  }

  async step(
    id: string,
    call: { claimId: string; cursor: number; outcome: Outcome },
  ): Promise<{ cursor: number; notAfter: Millis }> {
    const claim = this.#holdings.claimOf(id, call.claimId);
    return claim.inTurn(() => this.#progress.step(claim, call.cursor, call.outcome));
  }

  async end(
    id: string,
    { claimId, ending, reason }: { claimId: string; ending: Ending; reason?: string | undefined },
  ): Promise<void> {
    if (this.#holdings.endingOf(id, claimId) === ending) return;
    const claim = this.#holdings.claimOf(id, claimId);
    await claim.inTurn(async () => {
      // The call before this one may have been the same.
      if (this.#holdings.endingOf(id, claimId) === ending) return;
      await this.#progress.end(claim, ending, reason ?? ending);
    });
  }

  async stopped(id: string, claimId: string, how: "stopped" | "crashed" = "stopped"): Promise<void> {
    if (this.#holdings.isOver(id, claimId)) return;
    this.#holdings.stopped(this.#holdings.claimOf(id, claimId), how === "crashed");
  }

  watch(id: string, claimId: string, listener: CampaignListener): Cancel {
    if (this.#holdings.isOver(id, claimId)) throw fenced(id);
    const claim = this.#holdings.claimOf(id, claimId);
    const stop = claim.listen(listener);
    claim.tellAlone(listener, claim.state !== "held" ? "fenced" : this.#holdings.draining ? "draining" : "renewed");
    return () => {
      stop();
      this.#holdings.expectListener(claim);
    };
  }

  list(): readonly HeldState[] {
    return this.#holdings.list();
  }
}
