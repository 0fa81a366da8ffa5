import { placeOf } from "../identity.ts";
import { atMostSince, type Mark, mark } from "../mark.ts";
import type { Clock, Millis } from "../ports.ts";
import type { Plain, Records, Write } from "../store/store.ts";
import { after, within } from "../waiting.ts";
import type { SeenContainer } from "./orphans.ts";

/** Ours: of the two seconds of a container that ends. */
const RECORD_WITHIN: Millis = 1_000;

export type ContainerState = "running" | "draining" | "migrating" | "stopped";

/** Every field of a container that others read. */
export const containerFields = ["state", "hbSeq"] as const;

export function containerOf({ id, state, hbSeq }: { id: string; [field: string]: unknown }): SeenContainer {
  const known = state === "stopped" || state === "draining" ? state : "working";
  return { id, hbSeq: typeof hbSeq === "number" ? hbSeq : 0, state: known };
}

/**
 * This container's own record: a sign of life of its own, whether it has campaigns or not, so that it may judge others
 * and others may judge it.
 */
export class OwnContainer {
  readonly id: string;
  state: ContainerState = "running";
  readonly #clock: Clock;
  #inserted = false;
  #underWay = Promise.resolve();
  #accepted: Mark | undefined;

  constructor(id: string, clock: Clock) {
    this.id = id;
    this.#clock = clock;
  }

  /** How long ago the last accepted heartbeat was sent; `undefined` before the first. */
  get heartbeatAge(): Millis | undefined {
    return this.#accepted === undefined ? undefined : atMostSince(this.#accepted, this.#clock);
  }

  /** @throws StoreError */
  async beat(containers: Records): Promise<void> {
    const beating = this.#send(containers);
    this.#underWay = after(this.#underWay, beating);
    await beating;
  }

  async #send(containers: Records): Promise<void> {
    const started = mark(this.#clock);
    const beats = () => containers.update(this.#beat());
    // Not there: the database deletes old ones, and people do. There, by an insert that nobody answered: nobody else has
    // this id, and that it is there is no heartbeat.
    const accepted =
      (this.#inserted && (await beats())) || (await containers.insert(this.#record())) || (await beats());
    this.#inserted = true;
    if (accepted) this.#accepted = started;
  }

  /** Nothing of this container is alive: whatever it still has, anybody may take at once. @throws StoreError */
  async stop(containers: Records): Promise<void> {
    this.state = "stopped";
    // What is under way may be the record itself. A heartbeat that lands later finds that it has stopped.
    if (!this.#inserted) await within(this.#clock, RECORD_WITHIN, this.#underWay);
    if (!(await containers.update(this.#beat()))) await containers.insert(this.#record());
  }

  #beat(): Write {
    // What has stopped stays so: a heartbeat that lands late does not bring it back.
    const expect = { state: ["running", "draining", "migrating"] };
    return { id: this.id, expect, set: { state: this.state }, increment: ["hbSeq"], now: ["hbAt"] };
  }

  #record(): { readonly id: string } & Readonly<Record<string, Plain>> {
    const at = new Date(this.#clock.wall());
    const { execution, task, attempt } = placeOf(this.id) ?? { execution: null, task: null, attempt: null };
    return { id: this.id, execution, task, attempt, startedAt: at, hbAt: at, hbSeq: 0, state: this.state };
  }
}
