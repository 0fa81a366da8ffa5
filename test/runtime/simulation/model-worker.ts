import { type Held, type Outcome, Refusal } from "../../../runtime/lease/campaigns.ts";
import type { Millis, Random } from "../../../runtime/ports.ts";
import { StoreError } from "../../../runtime/store/store.ts";
import type { Container } from "../lease/containers.ts";
import type { History } from "./history.ts";

/** How long a campaign is. */
export const STEPS = 3;

/** Of every worker's behaviour: how often it is slow, and how often it does not do what it is told. */
export interface Manners {
  /** The longest that it takes between one thing and the next. */
  slowness(): Millis;
  /** How often it does not confirm that it stopped. */
  deaf(): number;
}

/**
 * A worker as the socket's contract wants it: it writes an effect down, acts only while it may, and repeats a call
 * that got no answer. Dead, it does nothing, whatever it was about to do.
 */
export class ModelWorker {
  alive = true;
  /** It takes no new campaigns. */
  leaving = false;
  readonly #container: Container;
  readonly #random: Random;
  readonly #history: History;
  readonly #manners: Manners;
  #requests = 0;

  constructor(container: Container, random: Random, history: History, manners: Manners) {
    this.#container = container;
    this.#random = random;
    this.#history = history;
    this.#manners = manners;
    void this.#work();
  }

  async #work(): Promise<void> {
    const name = `${this.#container.id} ${this.#random.fraction()}`;
    await this.#pause(1_000);
    while (this.alive && !this.leaving) {
      const requestId = `${name} ${++this.#requests}`;
      const held = await this.#persistently(() => this.#container.keeper.campaigns.next(requestId));
      if (!this.alive) return;
      if (held !== undefined && held !== "refused") await this.#hold(held);
      await this.#pause(4_000);
    }
  }

  async #hold(held: Held): Promise<void> {
    const { id, claimId } = held;
    const { campaigns } = this.#container.keeper;
    let fenced = false;
    try {
      const stop = campaigns.watch(id, claimId, (event) => {
        fenced ||= event === "fenced";
      });
      await this.#steps(held, () => fenced || !this.alive);
      if (!this.alive) return;
      if (fenced && this.#random.fraction() < this.#manners.deaf()) return;
      if (fenced) await this.#persistently(() => campaigns.stopped(id, claimId));
      stop();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  async #steps(held: Held, over: () => boolean): Promise<void> {
    const { id, claimId, epoch, ambiguous } = held;
    const { campaigns } = this.#container.keeper;
    let { cursor } = held;
    if (ambiguous !== undefined) {
      const outcome = this.#history.happened(ambiguous.attemptId) ? "done" : "absent";
      const stepped = await this.#step(id, claimId, cursor, outcome);
      if (over() || stepped === undefined) return;
      cursor = stepped;
    }
    while (cursor < STEPS) {
      await this.#pause(this.#manners.slowness());
      if (over()) return;
      const begun = await this.#persistently(() => campaigns.begin(id, { claimId, cursor, effect: "call" }));
      if (over()) return;
      if (begun === undefined || begun === "refused") return void (await this.#leave(id, claimId, cursor));
      await this.#pause(this.#manners.slowness());
      if (over()) return;
      // A worker that was blocked for so long asks again.
      if (this.#container.clock.monotonic() >= begun.notAfter) continue;
      const { attemptId } = begun;
      if (!this.#history.happened(attemptId)) this.#history.act({ campaign: id, cursor, epoch, claimId, attemptId });
      const stepped = await this.#step(id, claimId, cursor, this.#random.fraction() < 0.1 ? "unknown" : "done");
      if (over() || stepped === undefined) return;
      cursor = stepped;
    }
    await this.#persistently(() => campaigns.end(id, { claimId, ending: "complete" }));
  }

  /** No new effects: what was begun, perhaps, and did not happen, is taken back, and the campaign released. */
  async #leave(id: string, claimId: string, cursor: number): Promise<void> {
    if ((await this.#step(id, claimId, cursor, "absent")) === undefined || !this.alive) return;
    await this.#persistently(() => this.#container.keeper.campaigns.end(id, { claimId, ending: "release" }));
  }

  async #step(id: string, claimId: string, cursor: number, outcome: Outcome): Promise<number | undefined> {
    const answer = await this.#persistently(() =>
      this.#container.keeper.campaigns.step(id, { claimId, cursor, outcome }),
    );
    return answer === undefined || answer === "refused" ? undefined : answer.cursor;
  }

  /** The same call until it is answered. @returns `refused` when it must not be done; undefined when it died */
  async #persistently<T>(call: () => Promise<T>): Promise<T | "refused" | undefined> {
    while (this.alive) {
      try {
        return await call();
      } catch (error) {
        if (error instanceof Refusal) return "refused";
        if (!(error instanceof StoreError)) throw error;
      }
      await this.#pause(3_000);
    }
    return undefined;
  }

  #pause(most: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.#container.clock.after(most * this.#random.fraction(), resolve);
    });
  }
}
