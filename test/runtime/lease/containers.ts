import { LeaseKeeper } from "../../../runtime/lease/lease-keeper.ts";
import { type Campaign, campaignOf } from "../../../runtime/lease/record.ts";
import type { RecoveryRules } from "../../../runtime/lease/recovery.ts";
import { timingOf } from "../../../runtime/lease/timing.ts";
import type { Fields, Log, Random } from "../../../runtime/ports.ts";
import { type Faults, faultyLink, noFaults } from "../../../runtime/store/link.ts";
import { MemoryServer, memoryStore } from "../../../runtime/store/memory.ts";
import type { Plain } from "../../../runtime/store/store.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** One line of a container's log. */
export interface Line {
  readonly severity: string;
  readonly event: string;
  readonly fields: Fields;
}

/** One container of a world: the production code, with a link to the database that can be broken. */
export interface Container {
  readonly id: string;
  readonly keeper: LeaseKeeper;
  readonly faults: Faults;
  readonly lines: readonly Line[];
  events(name: string): readonly Line[];
}

export interface ContainerOptions {
  readonly place?: { readonly execution: string; readonly task: number; readonly attempt: number };
  readonly capacity?: number;
  readonly interval?: number;
  readonly orphanAfter?: number;
  readonly rules?: RecoveryRules;
  readonly open?: () => boolean;
}

/** A database and the containers around it, on one clock that a test moves. */
export class World {
  readonly clock: VirtualClock;
  readonly server = new MemoryServer(() => this.clock.wall() + this.serverAhead);
  /** How far the database's wall clock is ahead. */
  serverAhead = 0;
  readonly #random = seeded(1);
  #containers = 0;

  constructor(clock = new VirtualClock()) {
    this.clock = clock;
  }

  container({ place, capacity = 1, interval = 30, orphanAfter = 120, rules, open }: ContainerOptions = {}): Container {
    const number = ++this.#containers;
    const { execution, task, attempt } = place ?? { execution: `execution-${number}`, task: 0, attempt: 0 };
    const id = `${execution}/${task}/${attempt}/${String(number).padStart(32, "0")}`;
    const faults = { ...noFaults };
    const lines: Line[] = [];
    const log: Log = (severity, event, _message, fields = {}) => void lines.push({ severity, event, fields });
    const random = seeded(number + 1);
    const keeper = new LeaseKeeper({
      containerId: id,
      store: memoryStore(this.server, faultyLink(faults, random, this.clock.after.bind(this.clock))),
      clock: this.clock,
      random,
      log,
      timing: timingOf(interval, orphanAfter),
      capacity,
      rules: rules ?? { policy: "resume", limit: 3 },
      open: open ?? (() => true),
      line: () => {},
    });
    const events = (name: string) => lines.filter(({ event }) => event === name);
    return { id, keeper, faults, lines, events };
  }

  /** A container whose worker runs. */
  working(options: ContainerOptions = {}): Container {
    const container = this.container(options);
    container.keeper.start();
    container.keeper.workerStarted();
    return container;
  }

  campaign(id: string, fields: Readonly<Record<string, Plain>> = {}): void {
    this.server.perform({ kind: "campaigns", call: "insert", record: { id, status: "queued", ...fields } });
  }

  record(id: string): Campaign {
    const stored = this.server.all("campaigns").find((campaign) => campaign.id === id);
    if (stored === undefined) throw new Error(`no campaign ${id}`);
    return campaignOf(stored);
  }

  /** Lets time go by until it is done. */
  until<T>(promise: Promise<T>): Promise<T> {
    return this.clock.until(promise);
  }

  seconds(count: number): Promise<void> {
    return this.clock.advance(count * 1000);
  }

  /** Like a worker without work: asks every two seconds. @returns what it got, and after how long */
  async poll(container: Container, within: number): Promise<{ after: number; id: string } | undefined> {
    const began = this.clock.monotonic();
    while (this.clock.monotonic() - began <= within * 1000) {
      const held = await this.until(container.keeper.campaigns.next(`poll-${container.id}-${this.#random.fraction()}`));
      if (held !== undefined) return { after: (this.clock.monotonic() - began) / 1000, id: held.id };
      await this.seconds(2);
    }
    return undefined;
  }
}

/** Chance that is the same each time. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { fraction: next, bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)) };
}
