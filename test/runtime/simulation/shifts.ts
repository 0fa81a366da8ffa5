import type { ShiftRecord } from "../../../runtime/leases.ts";
import type { Random } from "../../../runtime/ports.ts";
import { noFaults } from "../../../runtime/store/memory/link.ts";
import { seeded } from "../../support/seeded.ts";
import { type Container, World } from "../lease/containers.ts";
import { ModelStart } from "./model-start.ts";
import { LATEST, OBSERVE, ShiftHistory } from "./shift-history.ts";

export interface SimulatedShift {
  readonly violations: readonly string[];
  readonly told: readonly string[];
  readonly takeovers: number;
  readonly duplicates: number;
  readonly losses: number;
  readonly longest: number;
}

const MINUTES_OF_FAULTS = 15;
/** Up to three executions of one job. */
const MOST = 3;
/** Calls that are under way end within this time. */
const LONGEST_DRAIN = 120_000;
/** Two observations until the last start has decided, one more for one that works without a lease, and the drain. */
const SECONDS_OF_PEACE = (3 * OBSERVE + LONGEST_DRAIN) / 1000 + 60;

/** One shift of one job under faults that come by chance: the same seed is the same shift, to the last event. */
export async function simulateShift(seed: number): Promise<SimulatedShift> {
  const shift = new SimulatedDay(seed);
  await shift.faults();
  await shift.peace();
  const { violations, told, takeovers, duplicates, losses, longest } = shift.history;
  return { violations, told, takeovers, duplicates, losses, longest };
}

class SimulatedDay {
  readonly history: ShiftHistory;
  readonly #world: World;
  readonly #chance: Random;
  readonly #record: ShiftRecord;
  /** Who is cut off from the database, beside those that an outage cuts off. */
  readonly #cut = new Set<Container>();
  /** Whose machine is being moved. */
  readonly #moving = new Set<Container>();
  #outage = false;
  #peace = false;
  #executions = 0;

  constructor(seed: number) {
    this.#chance = seeded(seed * 104_729);
    this.#world = new World(seed);
    this.#record = { id: "job/2027-06-07/0", closes: this.#world.clock.wall() + 8 * 3_600_000 };
    this.history = new ShiftHistory(this.#world);
    this.#everySecond();
    this.#execute();
  }

  async faults(): Promise<void> {
    const { clock } = this.#world;
    const until = clock.monotonic() + MINUTES_OF_FAULTS * 60_000;
    while (clock.monotonic() < until) {
      await this.#world.seconds(50 * this.#chance.fraction());
      this.#fault();
    }
  }

  async peace(): Promise<void> {
    this.history.tell("peace");
    this.#peace = true;
    this.#outage = false;
    this.#cut.clear();
    for (const { container, doing } of this.#here) {
      Object.assign(container.faults, noFaults);
      if (container.clock.halted && doing !== "gone") this.#goesOn(container);
    }
    await this.#world.seconds(SECONDS_OF_PEACE);
    const { violations, record } = this.history;
    const working = this.#here.filter(({ works }) => works);
    const [one] = working;
    if (working.length !== 1) violations.push(`S5 ${working.length} work in peace`);
    else if (record.owner !== one?.container.id || record.status !== "running" || record.state !== "held") {
      violations.push(`S5 ${one?.name} works in peace, and does not have the record (${JSON.stringify(record)})`);
    }
    for (const start of this.#here) start.die();
  }

  /** Those that are not gone. */
  get #here(): readonly ModelStart[] {
    return this.history.starts.filter(({ doing }) => doing !== "gone");
  }

  #everySecond(): void {
    this.#world.clock.after(1_000, () => {
      this.history.look();
      // Inside hours somebody sees to it that there is one.
      if (this.#here.length === 0 && this.history.retries === 0) this.#execute();
      this.#everySecond();
    });
  }

  #execute(): void {
    this.#start(`execution-${++this.#executions}`, 0);
  }

  #start(execution: string, attempt: number): void {
    const container = this.#world.container({
      place: { execution, task: 0, attempt },
      rate: 0.98 + 0.04 * this.#chance.fraction(),
    });
    const drain = LONGEST_DRAIN * this.#chance.fraction();
    const start = new ModelStart(container, { execution, attempt, drain }, this.history);
    this.history.tell(`${start.name} starts`);
    this.history.starts.push(start);
    this.#connect(container);
    void start.run(this.#record);
  }

  #connect(container: Container): void {
    container.faults.partitioned = this.#outage || this.#cut.has(container);
  }

  #upTo(most: number): number {
    return most * this.#chance.fraction();
  }

  /** Something goes wrong with one of them, or with the database. */
  #fault(): void {
    const { clock, server } = this.#world;
    const here = this.#here;
    const start = here[Math.floor(this.#chance.fraction() * here.length)];
    if (start === undefined) return;
    const { container } = start;
    const { faults } = container;
    const after = (most: number, call: () => void) => clock.after(this.#upTo(most), () => this.#peace || call());
    const kinds: Readonly<Record<string, () => void>> = {
      lossy: () => {
        Object.assign(faults, {
          lostRequest: 0.1,
          lostReply: 0.1,
          doubled: 0.1,
          late: 0.1,
          broken: 0.05,
          delay: 1_000,
        });
        faults.lateness = this.#upTo(LATEST);
        after(120_000, () => Object.assign(faults, noFaults, { partitioned: faults.partitioned }));
      },
      slow: () => {
        faults.delay = 5_000;
        after(120_000, () => {
          faults.delay = 0;
        });
      },
      partition: () => {
        this.#cut.add(container);
        this.#connect(container);
        after(300_000, () => {
          this.#cut.delete(container);
          this.#connect(container);
        });
      },
      outage: () => {
        const set = (outage: boolean) => {
          this.#outage = outage;
          for (const each of this.#here) this.#connect(each.container);
        };
        set(true);
        after(200_000, () => set(false));
      },
      pause: () => this.#pause(start, 300_000),
      move: () => this.#move(start),
      wall: () => container.clock.setWall(this.#upTo(480_000) - 240_000),
      crash: () => {
        start.die();
        this.#next(start, 5_000);
      },
      stop: () => {
        if (container.clock.halted || start.doing === "draining") return;
        start.terminate(this.#upTo(6_500));
        // Within its ten seconds it is gone, whatever it waits for.
        clock.after(10_000, () => start.die());
        this.#next(start, 15_000);
      },
      another: () => {
        if (here.length < MOST) this.#execute();
      },
      people: () => {
        const [stored] = server.all("shifts");
        if (stored === undefined) return;
        const lease = this.#chance.fraction() < 0.5 ? {} : { lease: null };
        this.#world.change(this.#record.id, { status: "interrupted", ...lease }, "shifts");
        this.history.written();
      },
    };
    const names = Object.keys(kinds);
    // What people do with a record by hand, they do seldom; a second start is what this is about.
    const weighted = [
      ...names.filter((name) => name !== "people" || this.#chance.fraction() < 0.3),
      "another",
      "crash",
    ];
    const name = weighted[Math.floor(this.#chance.fraction() * weighted.length)] as string;
    this.history.tell(`${start.name} ${name}`);
    kinds[name]?.();
  }

  /** SIGSTOP, for so long. */
  #pause({ container }: ModelStart, most: number): void {
    if (container.clock.halted) return;
    container.clock.halt();
    this.#world.clock.after(this.#upTo(most), () => this.#goesOn(container));
  }

  /** The machine is moved, with its signals before and after. */
  #move(start: ModelStart): void {
    const { container } = start;
    if (container.clock.halted) return;
    container.keeper.migrating();
    container.clock.suspend();
    this.#moving.add(container);
    this.#world.clock.after(this.#upTo(15_000), () => this.#goesOn(container));
  }

  /** Unless it is gone, or goes on already. */
  #goesOn(container: Container): void {
    const here = this.#here.some((start) => start.container === container);
    if (!here || !container.clock.halted) return;
    container.clock.wake(this.#chance.fraction() < 0.5 ? "timers" : "answers");
    if (this.#moving.delete(container)) container.keeper.resumed();
  }

  /**
   * A task that failed is tried again, unless people cancelled its execution (that they do where another works), or it
   * was tried as often as it may be: then it is for another that has just started to find out.
   */
  #next({ execution, attempt }: ModelStart, soonest: number): void {
    const others = this.#here.filter((start) => start.execution !== execution && start.able);
    if (others.some(({ works }) => works) && this.#chance.fraction() < 0.3) {
      this.history.stoppedByPeople();
      return;
    }
    if (others.length > 0 && this.#chance.fraction() < 0.3) return;
    this.history.retries++;
    this.#world.clock.after(soonest + this.#upTo(30_000), () => {
      this.history.retries--;
      this.#start(execution, attempt + 1);
    });
  }
}
