import type { Held, Outcome } from "../../../runtime/lease/campaigns.ts";
import { Refusal } from "../../../runtime/lease/campaigns.ts";
import { LeaseKeeper } from "../../../runtime/lease/lease-keeper.ts";
import { type Campaign, campaignOf } from "../../../runtime/lease/record.ts";
import type { RecoveryRules } from "../../../runtime/lease/recovery.ts";
import { timingOf } from "../../../runtime/lease/timing.ts";
import type { Cancel, Fields, Log, Random } from "../../../runtime/ports.ts";
import { type Fate, type Faults, faultyLink, noFaults } from "../../../runtime/store/memory/link.ts";
import { MemoryServer, memoryStore, type Request } from "../../../runtime/store/memory.ts";
import { type Collections, type Plain, type Records, type Store, StoreError } from "../../../runtime/store/store.ts";
import { MachineClock } from "../../support/machine-clock.ts";
import { seeded } from "../../support/seeded.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** One line of a container's log. */
export interface Line {
  readonly severity: string;
  readonly event: string;
  readonly fields: Fields;
}

/** One container of a world: the production code on clocks of its own, with a link to the database that can be broken. */
export interface Container {
  readonly id: string;
  readonly keeper: LeaseKeeper;
  readonly clock: MachineClock;
  readonly faults: Faults;
  /** What becomes of the next operation of that name, for example `update campaigns`. */
  next(operation: string, fate: Partial<Fate>): void;
  /** Every operation that was sent, in order. */
  readonly sent: readonly string[];
  readonly lines: readonly Line[];
  events(name: string): readonly Line[];
  /** How often a worker did not confirm that it stopped, and how often the shift was lost. */
  readonly unconfirmed: number;
  readonly shiftsLost: number;
  /** SIGKILL: nothing of it runs any more, and nobody is told. */
  crash(): void;
}

export interface ContainerOptions {
  readonly place?: { readonly execution: string; readonly task: number; readonly attempt: number };
  readonly capacity?: number;
  readonly interval?: number;
  readonly orphanAfter?: number;
  readonly rules?: RecoveryRules;
  readonly open?: () => boolean;
  /** How fast its clocks run. */
  readonly rate?: number;
  readonly reconnecting?: "fails";
  readonly closing?: "fails";
  /** The first time. */
  readonly preparing?: "fails";
}

/** A worker's hold on a campaign: it listens, and remembers what it hears. */
export interface Holding extends Held {
  readonly heard: readonly string[];
  leave(): void;
  begin(cursor?: number): Promise<{ attemptId: string; notAfter: number }>;
  step(cursor: number, outcome?: Outcome): Promise<{ cursor: number; notAfter: number }>;
  end(ending: "complete" | "fail" | "release"): Promise<void>;
  stopped(): Promise<void>;
}

/** Called for each request as it lands: who sent it, what it is, and what carries it out. */
export type Witness = (by: string, request: Request, perform: () => unknown) => unknown;

/** A database and the containers around it, in one time that a test moves. */
export class World {
  witness: Witness = (_by, _request, perform) => perform();
  readonly clock: VirtualClock;
  readonly server = new MemoryServer(() => this.clock.wall() + this.serverAhead);
  /** How far the database's wall clock is ahead. */
  serverAhead = 0;
  readonly #seed: number;
  readonly random: Random;
  #containers = 0;

  constructor(seed = 1, clock = new VirtualClock()) {
    this.clock = clock;
    this.#seed = seed * 1_000;
    this.random = seeded(this.#seed);
  }

  container({
    place,
    capacity = 1,
    interval = 30,
    orphanAfter = 120,
    rules,
    open,
    rate = 1,
    reconnecting,
    closing,
    preparing,
  }: ContainerOptions = {}): Container {
    const number = ++this.#containers;
    const { execution, task, attempt } = place ?? { execution: `execution-${number}`, task: 0, attempt: 0 };
    const id = `${execution}/${task}/${attempt}/${String(number).padStart(32, "0")}`;
    const faults = { ...noFaults };
    const lines: Line[] = [];
    const sent: string[] = [];
    const fates: { operation: string; fate: Partial<Fate> }[] = [];
    const log: Log = (severity, event, _message, fields = {}) => void lines.push({ severity, event, fields });
    const random = seeded(this.#seed + number);
    const clock = new MachineClock(this.clock, rate);
    const chance = faultyLink(faults, random, this.clock.after.bind(this.clock));
    const fate = (operation: string) => {
      sent.push(operation);
      const by = chance.fate(operation);
      const at = fates.findIndex((planned) => planned.operation === operation);
      return at < 0 ? by : { ...by, ...fates.splice(at, 1)[0]?.fate };
    };
    const store = whileAwake(memoryStore(new ServerSeenBy(id, this), { ...chance, fate }), clock);
    const fail = () => Promise.reject(new StoreError("connections", new Error("cannot be closed")));
    const failing = preparing === "fails" ? [fail] : [];
    const keeper = new LeaseKeeper({
      containerId: id,
      store: {
        ...store,
        ...(reconnecting === "fails" && { reconnect: fail }),
        ...(closing === "fails" && { close: fail }),
        prepare: () => (failing.pop() ?? store.prepare)(),
      },
      clock,
      random,
      log,
      timing: timingOf(interval, orphanAfter),
      capacity,
      rules: rules ?? { policy: "resume", limit: 3 },
      open: open ?? (() => true),
      line: () => {},
    });
    const counts = { unconfirmed: 0, shiftsLost: 0 };
    keeper.onUnconfirmed(() => void counts.unconfirmed++);
    keeper.onShiftLost(() => void counts.shiftsLost++);
    return {
      id,
      keeper,
      clock,
      faults,
      lines,
      sent,
      next: (operation, fate) => void fates.push({ operation, fate }),
      events: (name: string) => lines.filter(({ event }) => event === name),
      get unconfirmed() {
        return counts.unconfirmed;
      },
      get shiftsLost() {
        return counts.shiftsLost;
      },
      crash: () => clock.halt(),
    };
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

  /** Somebody changes a record, past all containers. */
  change(id: string, set: Readonly<Record<string, Plain>>, kind: "campaigns" | "shifts" | "containers" = "campaigns") {
    if (!this.server.perform({ kind, call: "update", write: { id, expect: {}, set } })) throw new Error(`no ${id}`);
  }

  stored(id: string, kind: "campaigns" | "shifts" | "containers" = "campaigns") {
    const stored = this.server.all(kind).find((record) => record.id === id);
    if (stored === undefined) throw new Error(`no ${kind} ${id}`);
    return stored;
  }

  record(id: string): Campaign {
    return campaignOf(this.stored(id));
  }

  /** Lets time go by until it is done. */
  until<T>(promise: Promise<T>): Promise<T> {
    return this.clock.until(promise);
  }

  /** Lets time go by until it is done. @returns `done`, the refusal's code, or `no answer` */
  async outcome(promise: Promise<unknown>): Promise<string> {
    try {
      await this.until(promise);
      return "done";
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      if (error instanceof StoreError) return "no answer";
      throw error;
    }
  }

  seconds(count: number): Promise<void> {
    return this.clock.advance(count * 1000);
  }

  /** Lets time go by until it is so. @throws Error when it is not, within so many seconds */
  async when(so: () => boolean | Promise<boolean>, within = 600): Promise<void> {
    for (const to = this.clock.monotonic() + within * 1000; !(await so()); await this.seconds(0.05))
      if (this.clock.monotonic() >= to) throw new Error(`not within ${within} s: ${so}`);
  }

  /** A worker gets the next campaign, or that one, and listens. */
  async holding(container: Container, id?: string): Promise<Holding> {
    const { campaigns } = container.keeper;
    const requestId = `request-${this.random.fraction()}`;
    const held = await this.until(id === undefined ? campaigns.next(requestId) : campaigns.claim(id, requestId));
    if (held === undefined) throw new Error("there is nothing to do");
    return listening(container, held);
  }

  /** Like a worker without work: asks every two seconds. @returns what it got, and after how long */
  async poll(
    container: Container,
    within: number,
    every = 2,
  ): Promise<{ after: number; id: string; held: Held } | undefined> {
    const began = this.clock.monotonic();
    while (this.clock.monotonic() - began <= within * 1000) {
      const held = await this.until(container.keeper.campaigns.next(`poll-${container.id}-${this.random.fraction()}`));
      if (held !== undefined) return { after: (this.clock.monotonic() - began) / 1000, id: held.id, held };
      await this.seconds(every);
    }
    return undefined;
  }
}

/** A container whose worker has a campaign, c1. */
export async function owned(
  options: ContainerOptions = {},
): Promise<{ readonly world: World; readonly owner: Container; readonly holding: Holding }> {
  const world = new World();
  world.campaign("c1");
  const owner = world.working(options);
  await world.seconds(10);
  return { world, owner, holding: await world.holding(owner) };
}

export function listening({ keeper }: Container, held: Held): Holding {
  const { campaigns } = keeper;
  const { id, claimId } = held;
  const heard: string[] = [];
  const leave: Cancel = campaigns.watch(id, claimId, (event) => void heard.push(event));
  return {
    ...held,
    heard,
    leave,
    begin: (cursor = held.cursor) => campaigns.begin(id, { claimId, cursor, effect: "call" }),
    step: (cursor, outcome = "done") => campaigns.step(id, { claimId, cursor, outcome }),
    end: (ending) => campaigns.end(id, { claimId, ending }),
    stopped: () => campaigns.stopped(id, claimId),
  };
}

/** The server, as one container reaches it. */
class ServerSeenBy extends MemoryServer {
  readonly #by: string;
  readonly #world: World;

  constructor(by: string, world: World) {
    super(() => world.clock.wall());
    this.#by = by;
    this.#world = world;
  }

  override perform(request: Request): unknown {
    return this.#world.witness(this.#by, request, () => this.#world.server.perform(request));
  }

  override listen(call: () => void): Cancel {
    return this.#world.server.listen(call);
  }
}

/** A process that is stopped hears no answer until it goes on. */
export function whileAwake(store: Store, clock: MachineClock): Store {
  // A driver asks no other server before it has said that there is one.
  let told = Promise.resolve();
  const heard = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } finally {
      await clock.awake();
      await told;
    }
  };
  const records = (inner: Records): Records => ({
    find: (id) => heard(inner.find(id)),
    list: (listing) => heard(inner.list(listing)),
    insert: (record) => heard(inner.insert(record)),
    update: (write) => heard(inner.update(write)),
    updateAll: (writes) => heard(inner.updateAll(writes)),
  });
  const all = ({ campaigns, shifts, containers }: Collections): Collections => ({
    campaigns: records(campaigns),
    shifts: records(shifts),
    containers: records(containers),
  });
  return {
    work: all(store.work),
    beats: all(store.beats),
    prepare: () => heard(store.prepare()),
    onTopologyChange: (call) =>
      store.onTopologyChange(() => {
        told = clock.awake().then(call);
      }),
    reconnect: () => heard(store.reconnect()),
    close: () => store.close(),
  };
}
