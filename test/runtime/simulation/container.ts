import { event } from "../../../domain/contract.ts";
import type { EventName } from "../../../domain/events.ts";
import type { Leases } from "../../../runtime/leases.ts";
import { openLeases } from "../../../runtime/open-leases.ts";
import type { Log, Millis, Random } from "../../../runtime/ports.ts";
import { run } from "../../../runtime/run.ts";
import type { Place, Settings } from "../../../runtime/settings.ts";
import type { Standing } from "../../../runtime/socket/probe.ts";
import { memoryStore } from "../../../runtime/store/memory.ts";
import type { Stored } from "../../../runtime/store/store.ts";
import type { SignalName } from "../../../runtime/supervisor/signals.ts";
import type { SupervisorState } from "../../../runtime/supervisor/supervisor.ts";
import { Machine, MachineClock } from "../../support/machine-clock.ts";
import { seeded } from "../../support/seeded.ts";
import type { VirtualClock } from "../../support/virtual-clock.ts";
import { whileAwake } from "../lease/containers.ts";
import type { CampaignHistory } from "./campaign-history.ts";
import type { SimulatedChild } from "./child.ts";
import { Children } from "./children.ts";
import { type Hold, Holds } from "./holds.ts";
import { Network } from "./network.ts";
import { NotedStore } from "./noted-store.ts";
import type { Observed } from "./observed.ts";
import type { Party } from "./party.ts";
import type { ReplicaSet } from "./replica-set.ts";
import type { Story } from "./story.ts";

/**
 * Until the next worker, by a slow clock: ten seconds until the last is seen dead, two and a half for the database, and
 * the longest pause.
 */
const LONGEST_RESTART: Millis = (10_000 + 2_500 + 60_000) / 0.98;

/** From when a worker hangs until it is killed (supervisor/health), by a slow clock; and a look later. */
const HANGS_WITHIN: Millis = 90_000 / 0.98 + 5_000;

/** Where a container runs, and what it tells. */
export interface Surroundings {
  readonly time: VirtualClock;
  readonly database: ReplicaSet;
  readonly story: Story;
  readonly history: CampaignHistory;
  readonly observed: Observed;
  readonly stepsOf: (id: string) => number;
  /** Its process is gone, with this code, or by a SIGKILL. */
  readonly onGone: (container: SimulatedContainer, code: number | "killed") => void;
  readonly onLine: (container: SimulatedContainer, name: EventName, message: string) => void;
  /** It hears how the shift's record stands. */
  readonly onShift: (container: SimulatedContainer, record: Stored | undefined) => void;
}

export interface ContainerOrder {
  readonly name: string;
  readonly place: Place;
  readonly settings: Settings;
  readonly seed: number;
}

/** One container: the production code on a machine of its own, from its first process to its last. */
export class SimulatedContainer implements Party {
  readonly name: string;
  readonly place: Place;
  readonly settings: Settings;
  readonly machine: Machine;
  readonly clock: MachineClock;
  readonly network: Network;
  id = "";
  gone = false;
  /** When its machine was last moved. */
  movedAt = Number.NEGATIVE_INFINITY;
  /** It was told to end, or to leave. */
  told = false;
  /** When it last said that it takes nothing over for a while. */
  heldAt: number | undefined;
  #lostWorker = false;
  /** When its machine was moved, by its own word. */
  readonly #returns: Millis[] = [];
  readonly #noted: NotedStore;
  readonly #holds: Holds;
  #leases: Leases | undefined;
  #probe: (() => Standing) | undefined;
  /** Signals that came while it could not run. */
  #pending: SignalName[] = [];
  #signal: (name: SignalName) => void = () => {};
  readonly #children: Children;
  readonly #random: Random;
  readonly #around: Surroundings;

  constructor(around: Surroundings, { name, place, settings, seed }: ContainerOrder) {
    const { time } = around;
    this.#around = around;
    this.name = name;
    this.place = place;
    this.settings = settings;
    this.#random = seeded(seed);
    this.machine = new Machine(time, 0.98 + 0.04 * this.#random.fraction());
    this.clock = new MachineClock(time, 1, this.machine);
    this.network = new Network(time.after.bind(time), seeded(seed + 1));
    this.#holds = new Holds(time, this.clock);
    const { observed, database, story, history, stepsOf } = around;
    this.#children = new Children({
      name,
      capacity: settings.capacity,
      machine: this.machine,
      clock: this.clock,
      random: this.#random,
      time,
      story,
      history,
      stepsOf,
      campaigns: () => this.#leases?.campaigns,
    });
    this.#noted = new NotedStore({
      time,
      machine: this.machine,
      wasHeldFor: (time) => this.wasHeldFor(time),
      onClaim: (id) => {
        observed.tries(this, id);
        time.after(1, () => database.land());
      },
      onRefused: (id) => observed.refused(this, id),
      onContainers: (list) => observed.heard(this, list),
      onShift: (record) => around.onShift(this, record),
    });
  }

  /** Runs until it ends. */
  start(): void {
    const { story, onGone } = this.#around;
    story.tell(this.name, "starts");
    const parts = {
      clock: this.clock,
      random: seeded(this.#random.fraction() * 2 ** 32),
      log: this.#log,
      processes: this.#children,
      signals: (call: (name: SignalName) => void) => {
        this.#signal = call;
        return () => {
          this.#signal = () => {};
        };
      },
      get: (url: URL, timeout: number) => this.#children.get(url, timeout),
      environment: {},
    };
    run(this.settings, ["worker"], {
      ...parts,
      openLeases: (order) => {
        this.id = order.containerId;
        const seen = memoryStore(this.#around.database.seenBy(this.id), this.network);
        this.#leases = openLeases(this.#noted.over(whileAwake(seen, this.clock)), order, parts);
        return this.#leases;
      },
      openSocket: async ({ probe }) => {
        this.#probe = probe;
        return { path: "socket", close: async () => {} };
      },
      openHealthPort: async () => ({ close: async () => {} }),
    }).then(
      (code) => {
        if (this.gone) return;
        this.#over();
        story.tell(this.name, `exits with ${code}`);
        onGone(this, code);
      },
      (error: unknown) => story.check(false, () => `X the runtime of ${this.name} fails: ${String(error)}`),
    );
  }

  get state(): SupervisorState | undefined {
    return this.#probe?.().details as unknown as SupervisorState | undefined;
  }

  get children(): readonly SimulatedChild[] {
    return this.#children.all;
  }

  get child(): SimulatedChild | undefined {
    return this.#children.last;
  }

  /** Whether its machine and its runtime run, and nobody told it to stop. */
  get able(): boolean {
    return !this.gone && !this.told && !this.clock.halted && this.state?.leaving === undefined;
  }

  get works(): boolean {
    const { child } = this;
    if (!this.able || child === undefined) return false;
    // By the processes, and not by its own word: that it restarts is true for so long.
    return child.alive() || this.#around.time.monotonic() - child.endedAt <= LONGEST_RESTART;
  }

  /** Whether its worker hangs for longer than it may, though its runtime could see it. */
  get hangs(): boolean {
    const { child } = this;
    if (!this.able || child?.answered !== true || child.endedAt < Number.POSITIVE_INFINITY) return false;
    return this.#holds.heldFor(child.clock) > HANGS_WITHIN && !this.#holds.within(HANGS_WITHIN);
  }

  get sent(): ReadonlyMap<string, Millis> {
    return this.#noted.sent;
  }

  /** Whether something in it acts for a claim, or may. */
  mayAct(claimId: string): boolean {
    if (this.gone) return false;
    const held = this.#leases?.campaigns.list().find((each) => each.claimId === claimId);
    const trusts = held?.state === "held" && held.notAfter > this.machine.monotonic();
    return trusts || this.children.some(({ worker }) => worker.mayAct(claimId));
  }

  /** Whether something of any of its workers lives. */
  get hasLivingWorker(): boolean {
    return !this.gone && this.#children.someLive;
  }

  hasLivingWorkerOf(claimId: string): boolean {
    return !this.gone && this.children.some((child) => child.worker.wasGiven(claimId) && child.alive());
  }

  /** Whether one of its workers has died by itself, or hung. */
  get hasLostWorker(): boolean {
    return this.#lostWorker || this.children.some(({ died }) => died);
  }

  /** What last kept it from seeing everything, before a time. Each is what the code itself has to notice. */
  interruptions(elected: readonly Millis[], before: Millis): Readonly<Record<string, Millis>> {
    const last = (times: readonly Millis[]) => times.findLast((at) => at <= before) ?? Number.NEGATIVE_INFINITY;
    return {
      "a new primary": last(elected),
      "a look without an answer": last(this.#noted.failed),
      "a move of its machine": last(this.#returns),
      "a stop of its process": last(this.#holds.longStops),
    };
  }

  signal(name: SignalName): void {
    if (name === "SIGTERM") this.told = true;
    // The system forgets a stop when the process is told to go on before it ran.
    if (name === "SIGCONT") this.#pending = this.#pending.filter((other) => other !== "SIGTSTP");
    this.#pending.push(name);
    void this.clock.awake().then(() => {
      for (const next of this.#pending.splice(0)) this.#signal(next);
    });
  }

  /** SIGKILL, for all of it: the host takes the container away. */
  crash(): void {
    if (this.gone) return;
    this.#over();
    this.#around.onGone(this, "killed");
  }

  /** Whether something kept it from running within this time. */
  wasHeldFor(time: Millis): boolean {
    return this.#holds.within(time);
  }

  /** A process of it is kept from running. */
  hold(process: MachineClock, why: Hold): void {
    this.#holds.hold(process, why);
  }

  release(process: MachineClock, why: Hold, first: "timers" | "answers" = "timers"): void {
    if (!this.gone) this.#holds.release(process, why, first);
  }

  /** The machine is moved: nothing runs, and the monotonic clock stands still. */
  suspend(): void {
    this.machine.suspend();
    for (const process of this.#running) this.hold(process, "moved");
  }

  resume(): void {
    if (this.gone) return;
    this.machine.resume();
    for (const process of this.#running) this.release(process, "moved");
  }

  /** Everything goes on, and nothing is slow any more. */
  heal(): void {
    this.network.heal();
    this.#children.hurry();
    if (this.gone) return;
    this.resume();
    this.#holds.releaseAll();
  }

  get #running(): readonly MachineClock[] {
    return [this.clock, ...this.children.filter((child) => child.alive()).map(({ clock }) => clock)];
  }

  #over(): void {
    this.gone = true;
    this.clock.halt();
    this.#children.halt();
  }

  readonly #log: Log = (severity, name, message) => {
    if (name !== event.heartbeat && severity !== "DEBUG") this.#around.story.tell(this.name, `${name}: ${message}`);
    this.#around.story.check(name !== event.callFailed, () => `X ${message}`);
    if (name === event.killUnconfirmed) {
      const hangs = this.children.some(({ nature }) => !Number.isFinite(nature.lingers));
      this.#around.story.check(hangs, () => `E4 ${this.name} does not kill its worker`);
    }
    if (name === event.migrationEnded) this.#returns.push(this.#around.time.monotonic());
    if (name === event.workerUnhealthy) this.#lostWorker = true;
    if (name === event.takeoverHeld) this.heldAt = this.#around.time.monotonic();
    this.#around.onLine(this, name, message);
  };
}
