import { type Campaigns, type Held, type Outcome, Refusal } from "../../../runtime/lease/campaigns.ts";
import type { Millis, Random } from "../../../runtime/ports.ts";
import { StoreError } from "../../../runtime/store/store.ts";
import type { MachineClock } from "../../support/machine-clock.ts";
import type { CampaignHistory } from "./campaign-history.ts";
import { NoAnswer, type Wire } from "./wire.ts";

/** How a worker behaves. */
export interface Manners {
  /** The longest that it takes between one thing and the next. */
  readonly slowness: Millis;
  /** How often it does not hear that it is fenced: it acts on until its time is up. */
  readonly deaf: number;
  /** How often it forgets to listen. */
  readonly forgetful: number;
  /** Whether it takes a SIGTERM. */
  readonly heedsTerm: boolean;
}

export interface WorkerParts {
  readonly name: string;
  readonly campaigns: Campaigns;
  readonly clock: MachineClock;
  readonly wire: Wire;
  readonly random: Random;
  readonly history: CampaignHistory;
  readonly manners: Manners;
  /** How many campaigns it has at once, at most, if it is given them. */
  readonly hands: number;
  /** How many its container may have. */
  readonly capacity: number;
  readonly stepsOf: (id: string) => number;
  /** Called when it has ended by itself. */
  readonly onEnd: () => void;
}

/**
 * A worker as the socket's contract wants it: it writes an effect down, acts only while it may, and repeats a call
 * that got no answer. Dead, it does nothing, whatever it was about to do.
 */
export class ModelWorker {
  readonly #parts: WorkerParts;
  readonly #acting = new Map<string, Millis>();
  readonly #given = new Set<string>();
  #alive = true;
  #leaving = false;
  #requests = 0;
  readonly #resting = new Set<() => void>();
  /** With everything healed: it does what it has to at once. */
  #hurries = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    const hands = Array.from({ length: parts.hands }, () => this.#work());
    void Promise.all(hands).then(() => this.#alive && parts.onEnd());
  }

  get alive(): boolean {
    return this.#alive;
  }

  get calls(): number {
    return this.#acting.size;
  }

  /** Whether it acts in the name of a claim, or may yet. */
  mayAct(claimId: string): boolean {
    const until = this.#acting.get(claimId);
    return this.#alive && until !== undefined && this.#parts.clock.monotonic() < until;
  }

  /** Whether it ever heard that it has a claim. */
  wasGiven(claimId: string): boolean {
    return this.#given.has(claimId);
  }

  hurry(): void {
    this.#hurries = true;
  }

  term(): void {
    if (!this.#parts.manners.heedsTerm) return;
    this.#leaving = true;
    for (const wake of this.#resting) wake();
  }

  kill(): void {
    this.#alive = false;
    this.#acting.clear();
    this.#parts.wire.close();
  }

  async #work(): Promise<void> {
    const { campaigns, name } = this.#parts;
    await this.#pause(1_000);
    while (this.#alive && !this.#leaving) {
      const requestId = `${name} ${++this.#requests}`;
      const held = await this.#persistently(() => campaigns.next(requestId));
      if (!this.#alive) return;
      if (held !== undefined && held !== "refused") await this.#hold(held);
      await this.#rest();
    }
  }

  async #hold(held: Held): Promise<void> {
    const { id, claimId } = held;
    const { campaigns, history, capacity, name } = this.#parts;
    let fenced = false;
    this.#given.add(claimId);
    this.#acting.set(claimId, held.notAfter);
    const acts = [...this.#acting.keys()].filter((claim) => this.mayAct(claim)).length;
    history.check(acts <= capacity, () => `G5 ${name} has ${acts} campaigns, and may have ${capacity}`);
    const stop = this.#chance(this.#parts.manners.forgetful)
      ? () => {}
      : this.#listen(id, claimId, () => {
          fenced = true;
        });
    await this.#steps(held, () => fenced || !this.#alive);
    this.#acting.delete(claimId);
    if (!this.#alive) return;
    if (fenced) await this.#persistently(() => campaigns.stopped(id, claimId));
    stop();
  }

  #listen(id: string, claimId: string, fence: () => void): () => void {
    const { wire, campaigns, manners } = this.#parts;
    let stop = () => {};
    void wire
      .call(async () => {
        const cancel = campaigns.watch(id, claimId, (event, notAfter) =>
          wire.tell(() => {
            if (event !== "fenced") this.#renew(claimId, notAfter);
            else if (!this.#chance(manners.deaf)) fence();
          }),
        );
        stop = wire.stream(cancel);
      })
      .catch((error: unknown) => {
        // Over before it listened: its next call hears so.
        if (!(error instanceof Refusal || error instanceof NoAnswer)) throw error;
      });
    return () => stop();
  }

  async #steps(held: Held, over: () => boolean): Promise<void> {
    const { id, claimId, epoch, ambiguous } = held;
    const { campaigns, history, clock, manners, stepsOf } = this.#parts;
    let { cursor } = held;
    history.given(held);
    if (ambiguous !== undefined) {
      if (this.#chance(0.3)) {
        const begun = await this.#persistently(() => campaigns.begin(id, { claimId, cursor, effect: "call" }));
        if (over()) return;
        history.check(begun === "refused", () => `I6 ${ambiguous.attemptId} is open, and ${id} is begun again`);
      }
      const outcome = history.happened(ambiguous.attemptId) ? "done" : "absent";
      const stepped = await this.#step(id, claimId, cursor, outcome);
      if (over() || stepped === undefined) return;
      cursor = stepped;
    }
    while (cursor < stepsOf(id)) {
      // Or at once, like one who has a list to call.
      if (!this.#chance(0.5)) await this.#pause(manners.slowness);
      if (over()) return;
      if (this.#leaving) return void (await this.#leave(id, claimId, cursor));
      const begun = await this.#persistently(() => campaigns.begin(id, { claimId, cursor, effect: "call" }));
      if (over()) return;
      if (begun === undefined || begun === "refused") return void (await this.#leave(id, claimId, cursor));
      this.#renew(claimId, begun.notAfter);
      await this.#pause(manners.slowness);
      if (over()) return;
      // A worker that was blocked for so long asks again.
      if (clock.monotonic() >= begun.notAfter) continue;
      const { attemptId } = begun;
      if (this.#chance(0.15)) {
        // Nobody was there to call: it is taken back, and tried once more.
        if ((await this.#step(id, claimId, cursor, "absent")) === undefined || over()) return;
        continue;
      }
      history.check(
        !history.happened(attemptId),
        () => `I6 step ${cursor} of ${id} is begun as ${attemptId}, which happened`,
      );
      history.act({ campaign: id, cursor, epoch, claimId, attemptId });
      const stepped = await this.#step(id, claimId, cursor, this.#chance(0.1) ? "unknown" : "done");
      if (over() || stepped === undefined) return;
      cursor = stepped;
    }
    await this.#end(id, claimId, this.#chance(0.03) ? "fail" : "complete");
  }

  /** No new effects: what was begun, perhaps, and did not happen, is taken back, and the campaign released. */
  async #leave(id: string, claimId: string, cursor: number): Promise<void> {
    if ((await this.#step(id, claimId, cursor, "absent")) === undefined || !this.#alive) return;
    await this.#end(id, claimId, "release");
  }

  async #end(id: string, claimId: string, ending: "complete" | "fail" | "release"): Promise<void> {
    // Before it is asked for: it may be over as soon as the runtime hears of it.
    this.#acting.delete(claimId);
    await this.#persistently(() => this.#parts.campaigns.end(id, { claimId, ending }));
  }

  async #step(id: string, claimId: string, cursor: number, outcome: Outcome): Promise<number | undefined> {
    const { campaigns, history } = this.#parts;
    const answer = await this.#persistently(() => campaigns.step(id, { claimId, cursor, outcome }));
    if (answer === undefined || answer === "refused") return undefined;
    history.acknowledged(id, answer.cursor);
    this.#renew(claimId, answer.notAfter);
    return answer.cursor;
  }

  #renew(claimId: string, notAfter: Millis): void {
    const until = this.#acting.get(claimId);
    if (until !== undefined) this.#acting.set(claimId, Math.max(until, notAfter));
  }

  /** The same call until it is answered. @returns `refused` when it must not be done; undefined when it died */
  async #persistently<T>(call: () => Promise<T>): Promise<T | "refused" | undefined> {
    while (this.#alive) {
      try {
        return await this.#parts.wire.call(call);
      } catch (error) {
        if (error instanceof Refusal) return "refused";
        if (!(error instanceof StoreError || error instanceof NoAnswer)) throw error;
      }
      await this.#pause(3_000);
    }
    return undefined;
  }

  #chance(often: number): boolean {
    return this.#parts.random.fraction() < often && !this.#hurries;
  }

  /** Until it asks again, or is told to end. */
  #rest(): Promise<void> {
    const { clock, random } = this.#parts;
    return new Promise((resolve) => {
      const wake = () => {
        this.#resting.delete(wake);
        resolve();
      };
      this.#resting.add(wake);
      clock.after(40_000 * random.fraction(), wake);
    });
  }

  #pause(most: Millis): Promise<void> {
    const time = (this.#hurries ? Math.min(most, 2_000) : most) * this.#parts.random.fraction();
    return new Promise((resolve) => {
      this.#parts.clock.after(time, resolve);
    });
  }
}
