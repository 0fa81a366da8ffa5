import { OPERATION_TIMEOUT } from "../../../domain/heartbeat.ts";
import type { Millis } from "../../../runtime/ports.ts";
import {
  type Listing,
  type Records,
  type Store,
  type Stored,
  StoreError,
  type Write,
} from "../../../runtime/store/store.ts";
import type { Machine } from "../../support/machine-clock.ts";
import type { VirtualClock } from "../../support/virtual-clock.ts";

/** A look at the campaigns that somebody has, or at the containers; and when it is known that nobody answers it. */
interface Look {
  failed: Millis | undefined;
}

export interface NotedStoreParts {
  readonly time: VirtualClock;
  readonly machine: Machine;
  /** Whether something kept the runtime from running within this time. */
  readonly wasHeldFor: (time: Millis) => boolean;
  /** Called when a claim is sent for the first time. */
  readonly onClaim: (id: string) => void;
  /** Called when the database refuses a claim. */
  readonly onRefused: (id: string) => void;
  /** Called when a list of the containers is heard. */
  readonly onContainers: (list: readonly Stored[]) => void;
  /** Called when it is heard how a shift's record stands. */
  readonly onShift: (record: Stored | undefined) => void;
}

const PATIENCE: Millis = OPERATION_TIMEOUT * 1000;

/** What one container sends, and when: a takeover stands on what was seen before it was sent, not before it landed. */
export class NotedStore {
  /** When each takeover was first sent, in the world's time; by claim, or by campaign and epoch. */
  readonly sent = new Map<string, Millis>();
  readonly #looks: Look[] = [];
  readonly #parts: NotedStoreParts;

  constructor(parts: NotedStoreParts) {
    this.#parts = parts;
  }

  /** When looks failed. */
  get failed(): readonly Millis[] {
    return this.#looks.flatMap(({ failed }) => failed ?? []);
  }

  over(store: Store): Store {
    const { campaigns, containers } = store.work;
    const noted: Records = {
      ...campaigns,
      update: (write) => this.#update(write, campaigns),
      // Those of a sweep: of all campaigns that somebody has.
      list: (listing) =>
        listing.expect.status === "running"
          ? this.#looking(campaigns.list(listing), () => {})
          : campaigns.list(listing),
    };
    const list = (listing: Listing) => this.#looking(containers.list(listing), this.#parts.onContainers);
    const heard = (shifts: Records): Records => ({
      ...shifts,
      find: async (id) => {
        const record = await shifts.find(id);
        this.#parts.onShift(record);
        return record;
      },
    });
    return {
      ...store,
      work: { shifts: heard(store.work.shifts), containers: { ...containers, list }, campaigns: noted },
      beats: { ...store.beats, shifts: heard(store.beats.shifts) },
    };
  }

  #update(write: Write, campaigns: Records): Promise<boolean> {
    const { time, onClaim } = this.#parts;
    const { "lease.epoch": epoch, "lease.claimId": claimId } = write.set ?? {};
    if (typeof claimId !== "string") {
      if (epoch !== undefined) this.sent.set(`${write.id} ${epoch}`, time.monotonic());
      return campaigns.update(write);
    }
    if (!this.sent.has(claimId)) {
      this.sent.set(claimId, time.monotonic());
      onClaim(write.id);
    }
    return this.#claiming(write.id, campaigns.update(write));
  }

  async #claiming(id: string, answer: Promise<boolean>): Promise<boolean> {
    const { machine } = this.#parts;
    const began = machine.monotonic();
    try {
      return await answer;
    } catch (error) {
      const heard = machine.monotonic() - began < PATIENCE;
      if (heard && error instanceof StoreError && error.refused) this.#parts.onRefused(id);
      throw error;
    }
  }

  async #looking<T>(answer: Promise<T>, onHeard: (result: T) => void): Promise<T> {
    const { time, machine, wasHeldFor } = this.#parts;
    const look: Look = { failed: time.monotonic() + PATIENCE / machine.rate };
    this.#looks.push(look);
    const [sent, began] = [time.monotonic(), machine.monotonic()];
    try {
      const result = await answer;
      // Late, it is none: whoever asked has given up. But what waited for a process that did not run is heard.
      if (machine.monotonic() - began < PATIENCE || wasHeldFor(time.monotonic() - sent)) {
        look.failed = undefined;
        onHeard(result);
      }
      return result;
    } catch (error) {
      look.failed = time.monotonic();
      throw error;
    }
  }
}
