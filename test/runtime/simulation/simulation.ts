import type { Random } from "../../../runtime/ports.ts";
import { noFaults } from "../../../runtime/store/memory/link.ts";
import { seeded } from "../../support/seeded.ts";
import { type Container, type ContainerOptions, World } from "../lease/containers.ts";
import { History } from "./history.ts";
import { ModelWorker } from "./model-worker.ts";

export interface Simulated {
  readonly violations: readonly string[];
  readonly takeovers: number;
  readonly effects: number;
  readonly told: readonly string[];
}

/** Three containers and three campaigns, for so long under faults. */
const CONTAINERS = 3;
const CAMPAIGNS = 3;
const MINUTES_OF_FAULTS = 12;
/**
 * Within this time of peace everything has to be resolved: the longest that a worker is still at one thing (200 s), the
 * observation (126 s), two sweeps (90 s), room for the work itself, and the pause of a campaign whose workers died (1,200 s).
 */
const SECONDS_OF_PEACE = 1_800;

/** A container, and the worker that it has at the moment. */
interface Running {
  readonly execution: string;
  readonly attempt: number;
  readonly container: Container;
  worker: ModelWorker;
  /** Another worker takes its place. */
  restart(): void;
}

type Start = (execution: string, attempt: number) => Running;

/** A world under faults that come by chance: the same seed is the same world, to the last event. */
export async function simulate(seed: number): Promise<Simulated> {
  const chance = seeded(seed * 7_919);
  const world = new World(seed);
  const containers = new Map<string, Container>();
  let peace = false;
  const ended = new Set<Container>();
  const history = new History(world, (id, claimId) => {
    const container = containers.get(id);
    if (container === undefined || ended.has(container)) return false;
    const held = container?.keeper.campaigns.list().find((each) => each.claimId === claimId);
    return held?.state === "held" && held.notAfter > container.clock.monotonic();
  });
  for (let number = 1; number <= CAMPAIGNS; number++) world.campaign(`c${number}`);

  const start: Start = (execution, attempt) => {
    const options: ContainerOptions = {
      place: { execution, task: 0, attempt },
      rate: 0.98 + 0.04 * chance.fraction(),
      capacity: 1 + Math.floor(chance.fraction() * 2),
      rules: { policy: "resume", limit: 50 },
    };
    const container = world.working(options);
    containers.set(container.id, container);
    const most = slowness(chance);
    const work = () =>
      new ModelWorker(container, chance, history, {
        slowness: () => (peace ? 1_000 : most),
        deaf: () => (peace ? 0 : 0.1),
      });
    const restart = () => {
      running.worker = work();
    };
    const running: Running = { execution, attempt, container, worker: work(), restart };
    container.keeper.onUnconfirmed(() => {
      history.tell(`${container.id.slice(0, 20)} kills its worker`);
      running.worker.alive = false;
      void container.keeper.workerDead("killed").then(() => {
        running.restart();
      });
    });
    return running;
  };
  const all = Array.from({ length: CONTAINERS }, (_, number) => start(`execution-${number}`, 0));
  const faults = new Faults(world, chance, history, start, ended);

  const until = world.clock.monotonic() + MINUTES_OF_FAULTS * 60_000;
  while (world.clock.monotonic() < until) {
    await world.seconds(40 * chance.fraction());
    const which = Math.floor(chance.fraction() * CONTAINERS);
    const running = all[which];
    if (running !== undefined) all[which] = await faults.one(running);
  }
  for (const running of all) faults.heal(running);
  peace = true;
  history.tell("peace");
  const open = () => world.server.all("campaigns").filter(({ status }) => status !== "completed");
  for (let waited = 0; waited < SECONDS_OF_PEACE && open().length > 0; waited += 10) await world.seconds(10);
  for (const { id, status } of open())
    history.violations.push(`I8 ${id} is ${status} after ${SECONDS_OF_PEACE} s of peace`);
  return { ...history, effects: history.effects.length };
}

function slowness(chance: Random): number {
  return [500, 5_000, 40_000, 200_000][Math.floor(chance.fraction() * 4)] ?? 500;
}

/** What goes wrong. */
class Faults {
  readonly #world: World;
  readonly #chance: Random;
  readonly #history: History;
  readonly #start: Start;
  readonly #ended: Set<Container>;

  constructor(world: World, chance: Random, history: History, start: Start, ended: Set<Container>) {
    this.#world = world;
    this.#chance = chance;
    this.#history = history;
    this.#start = start;
    this.#ended = ended;
  }

  /** @returns what runs afterwards in its place */
  async one(running: Running): Promise<Running> {
    const { container } = running;
    const { clock, faults } = container;
    const after = (most: number, call: () => void) => this.#world.clock.after(most * this.#chance.fraction(), call);
    const kinds: Readonly<Record<string, () => unknown>> = {
      lossy: () => {
        Object.assign(faults, {
          lostRequest: 0.1,
          lostReply: 0.1,
          doubled: 0.1,
          late: 0.1,
          broken: 0.05,
          delay: 1_000,
        });
        faults.lateness = 300_000 * this.#chance.fraction();
        after(120_000, () => Object.assign(faults, noFaults, { partitioned: faults.partitioned }));
      },
      slow: () => {
        faults.delay = 5_000;
        after(120_000, () => {
          faults.delay = 0;
        });
      },
      partition: () => {
        faults.partitioned = true;
        after(240_000, () => {
          faults.partitioned = false;
        });
      },
      pause: () => {
        if (clock.halted) return;
        clock.halt();
        after(300_000, () => {
          if (!this.#ended.has(container)) clock.wake(this.#chance.fraction() < 0.5 ? "timers" : "answers");
        });
      },
      move: () => {
        if (clock.halted) return;
        container.keeper.migrating();
        clock.suspend();
        after(10_000, () => {
          if (this.#ended.has(container)) return;
          clock.wake();
          container.keeper.resumed();
        });
      },
      wall: () => clock.setWall((this.#chance.fraction() - 0.5) * 240_000),
      server: () => {
        this.#world.serverAhead += (this.#chance.fraction() - 0.5) * 400_000;
      },
      election: () => this.#world.server.changeTopology(),
      crash: () => this.#next(running),
      death: async () => {
        if (clock.halted) return;
        running.worker.alive = false;
        await this.#world.until(container.keeper.workerDead("crashed"));
        running.restart();
      },
      stop: async () => {
        if (clock.halted) return;
        container.keeper.drain("closing");
        running.worker.leaving = true;
        await this.#world.seconds(6 * this.#chance.fraction());
        running.worker.alive = false;
        const ending = container.keeper.workerDead("killed").then(() => container.keeper.finish("released"));
        await this.#world.until(ending);
        return this.#next(running);
      },
    };
    const names = Object.keys(kinds);
    const name = names[Math.floor(this.#chance.fraction() * names.length)] as string;
    this.#history.tell(`${container.id.slice(0, 20)} ${name}`);
    const next = await kinds[name]?.();
    return isRunning(next) ? next : running;
  }

  /** All faults end: whoever is stopped goes on. */
  heal({ container }: Running): void {
    Object.assign(container.faults, noFaults);
    if (container.clock.halted) container.clock.wake();
  }

  /** Its process is gone. Cloud Run tries again, or somebody starts another execution. */
  #next({ container, worker, execution, attempt }: Running): Running {
    container.crash();
    worker.alive = false;
    this.#ended.add(container);
    const retried = this.#chance.fraction() < 0.5;
    return this.#start(retried ? execution : `${execution}x`, retried ? attempt + 1 : 0);
  }
}

function isRunning(value: unknown): value is Running {
  return typeof value === "object" && value !== null && "container" in value;
}
