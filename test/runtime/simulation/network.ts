import type { Clock, Millis, Random } from "../../../runtime/ports.ts";
import type { Fate, Link } from "../../../runtime/store/memory/link.ts";

export type Trouble =
  | "lost request"
  | "lost answer"
  | "doubled"
  | "late request"
  | "late answer"
  | "broken"
  | "slow"
  | "cut off"
  | "heartbeats lost";

/** The longest that a request may be under way after its sender has given up, or died. */
export const LATEST: Readonly<Record<"shifts" | "others", Millis>> = { shifts: 100_000, others: 300_000 };
/** How long a request or an answer takes by itself, at most. */
const USUAL: Millis = 12;
const SLOW: Millis = 5_000;

const heartbeats = new Set(["update containers", "insert containers", "update all campaigns", "update shifts"]);

/** One container's way to the database, and what is wrong with it at the moment. */
export class Network implements Link {
  readonly after: Clock["after"];
  /** Called once, with the next write to a campaign that is sent. @returns what becomes of it; undefined: not this one */
  onWrite: ((operation: string) => Fate | undefined) | undefined;
  readonly #random: Random;
  readonly #troubles = new Map<Trouble, { readonly rate: number; readonly bites: () => void }>();

  constructor(after: Clock["after"], random: Random) {
    this.after = after;
    this.#random = random;
  }

  /**
   * @param rate how often it comes, from 0 to 1
   * @param bites called with each request that it comes upon
   */
  begin(trouble: Trouble, rate: number, bites = () => {}): void {
    this.#troubles.set(trouble, { rate, bites });
  }

  end(trouble: Trouble): void {
    this.#troubles.delete(trouble);
  }

  heal(): void {
    this.onWrite = undefined;
    this.#troubles.clear();
  }

  fate(operation: string): Fate {
    if (this.onWrite !== undefined && operation.startsWith("update") && operation.endsWith("campaigns")) {
      const fate = this.onWrite(operation);
      if (fate !== undefined) {
        this.onWrite = undefined;
        return fate;
      }
    }
    const { fraction } = this.#random;
    const happens = (trouble: Trouble, here = true) => {
      const comes = fraction() < (this.#troubles.get(trouble)?.rate ?? 0) && here;
      if (comes) this.#bites(trouble);
      return comes;
    };
    const usual = this.#troubles.has("slow") ? SLOW : USUAL;
    // Half of them take no time: then what follows upon them comes before everything else.
    const some = () => Math.max(0, usual * (2 * fraction() - 1));
    const times = { request: some(), reply: some() };
    if (this.#troubles.size === 0) return times;
    if (this.#troubles.has("slow")) this.#bites("slow");
    const latest = LATEST[operation.endsWith("shifts") ? "shifts" : "others"];
    if (happens("cut off") || happens("heartbeats lost", heartbeats.has(operation))) {
      return { request: "lost", reply: "lost" };
    }
    const late = { request: happens("late request"), reply: happens("late answer") };
    return {
      request: happens("lost request") ? "lost" : times.request + (late.request ? latest * fraction() : 0),
      reply: happens("lost answer") ? "lost" : times.reply + (late.reply ? latest * fraction() : 0),
      ...(happens("doubled") && { again: latest * fraction() }),
      ...(happens("broken") && { broken: 1_000 * fraction() }),
    };
  }

  #bites(trouble: Trouble): void {
    this.#troubles.get(trouble)?.bites();
  }
}
