import type { Campaigns } from "../../../runtime/lease/campaigns.ts";
import type { Millis, Random } from "../../../runtime/ports.ts";
import type { HttpAnswer } from "../../../runtime/supervisor/http.ts";
import type { Processes } from "../../../runtime/supervisor/processes.ts";
import { type Machine, MachineClock } from "../../support/machine-clock.ts";
import { seeded } from "../../support/seeded.ts";
import type { VirtualClock } from "../../support/virtual-clock.ts";
import type { CampaignHistory } from "./campaign-history.ts";
import { natureOf, SimulatedChild } from "./child.ts";
import type { Story } from "./story.ts";
import { Wire } from "./wire.ts";
import { type Manners, ModelWorker } from "./worker.ts";

export interface ChildrenOptions {
  /** The container's. */
  readonly name: string;
  readonly capacity: number;
  readonly machine: Machine;
  /** The runtime's process. */
  readonly clock: MachineClock;
  readonly random: Random;
  readonly time: VirtualClock;
  readonly story: Story;
  readonly history: CampaignHistory;
  readonly stepsOf: (id: string) => number;
  readonly campaigns: () => Campaigns | undefined;
}

/** The workers of one container, one after another, as its runtime starts them and asks for their health. */
export class Children implements Processes {
  readonly all: SimulatedChild[] = [];
  #hurries = false;
  readonly #options: ChildrenOptions;

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  get last(): SimulatedChild | undefined {
    return this.all.at(-1);
  }

  get someLive(): boolean {
    return this.all.some((child) => child.alive());
  }

  async spawn(): Promise<SimulatedChild> {
    const { time, story, name, machine } = this.#options;
    story.check(!this.someLive, () => `E5 ${name} starts a worker beside a living one`);
    const clock = new MachineClock(time, 1, machine);
    const random = seeded(this.#options.random.fraction() * 2 ** 32);
    const child: SimulatedChild = new SimulatedChild(time, {
      pid: this.all.length + 1,
      clock,
      nature: natureOf(random),
      worker: this.#worker(clock, random, () => child.workerEnded()),
    });
    this.all.push(child);
    return child;
  }

  /** What the runtime hears from the health endpoint. */
  get({ pathname }: URL, timeout: Millis): Promise<HttpAnswer> {
    const child = this.last;
    if (child === undefined) return Promise.reject(new Error("nobody listens"));
    return new Promise((resolve, reject) => {
      let late = false;
      const cancel = this.#options.clock.after(timeout, () => {
        late = true;
        reject(new Error("no answer in time"));
      });
      const heard = (answer: HttpAnswer) => {
        if (!late && pathname === "/" && answer.status === 200) child.answered = true;
        resolve(answer);
      };
      child.answer(pathname).then(heard, reject).finally(cancel);
    });
  }

  /** Nothing of them is slow any more, nor of those to come. */
  hurry(): void {
    this.#hurries = true;
    for (const child of this.all) {
      child.worker.hurry();
      child.ready = true;
    }
  }

  /** Their container is gone. */
  halt(): void {
    for (const child of this.all) {
      child.clock.halt();
      child.worker.kill();
    }
  }

  #worker(clock: MachineClock, random: Random, onEnd: () => void): ModelWorker {
    const { time, history, stepsOf, name, capacity } = this.#options;
    const campaigns = this.#options.campaigns();
    if (campaigns === undefined) throw new Error("a worker before its leases");
    const worker = new ModelWorker({
      name: `${name}/${this.all.length + 1}`,
      campaigns,
      clock,
      wire: new Wire(time, { runtime: this.#options.clock, worker: clock }, random),
      random,
      history,
      manners: mannersOf(random),
      hands: capacity + 1,
      capacity,
      stepsOf,
      onEnd,
    });
    if (this.#hurries) worker.hurry();
    return worker;
  }
}

function mannersOf({ fraction }: Random): Manners {
  return {
    slowness: [500, 5_000, 40_000, 100_000, 200_000][Math.floor(fraction() * 5)] ?? 500,
    deaf: fraction() < 0.1 ? 0.5 : 0,
    forgetful: fraction() < 0.05 ? 0.3 : 0,
    heedsTerm: fraction() < 0.8,
  };
}
