import type { EventName } from "../../../domain/events.ts";
import { campaignOf } from "../../../runtime/lease/record.ts";
import { messageOf } from "../../../runtime/message.ts";
import type { Request } from "../../../runtime/store/memory.ts";
import { seeded } from "../../support/seeded.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { CampaignHistory } from "./campaign-history.ts";
import { CloudJob } from "./cloud.ts";
import type { SimulatedContainer } from "./container.ts";
import { countLine, countPairs } from "./coverage.ts";
import type { FaultName } from "./fault-names.ts";
import { bringAbout } from "./faults.ts";
import { Observed } from "./observed.ts";
import { ReplicaSet } from "./replica-set.ts";
import type { PlannedCampaign, PlannedFault, Scenario } from "./scenario.ts";
import { Story } from "./story.ts";

/** What a world came to. */
export interface Simulated {
  readonly violations: readonly string[];
  readonly story: readonly string[];
  /** Which faults came upon something, and when. */
  readonly faults: readonly { readonly kind: FaultName; readonly at: number }[];
  readonly effects: number;
  readonly takeovers: number;
}

/** Between two looks at who works. */
const EVERY = 5_000;
/**
 * Within this time of peace everything has to be resolved: the longest that a worker is still at one thing (200 s), the
 * observation and the mass breaker's one more (252 s), sweeps, the work itself, and the pause of a campaign whose
 * workers died (1,200 s).
 */
const PEACE = 2_400_000;

/** Plays a world to its end: the same scenario is the same world, to the last byte. Not to be called by a promise. */
export function play(scenario: Scenario): Simulated {
  const world = new SimulatedWorld(scenario);
  // A promise of the code that nobody waits for, and that fails.
  const note = (reason: unknown) => world.mistake(reason);
  process.on("unhandledRejection", note);
  try {
    world.live();
  } catch (error) {
    world.mistake(error);
  } finally {
    process.off("unhandledRejection", note);
  }
  const { result } = world;
  countPairs(result.faults);
  return result;
}

class SimulatedWorld {
  readonly #scenario: Scenario;
  readonly #time = new VirtualClock();
  readonly #story = new Story(() => this.#time.monotonic());
  readonly #database = new ReplicaSet(() => this.#time.wall());
  readonly #history: CampaignHistory;
  readonly #observed: Observed;
  readonly #jobs: readonly CloudJob[];
  readonly #faults: { kind: FaultName; at: number }[] = [];
  #peace = false;
  #settled = false;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const time = this.#time;
    const database = this.#database;
    const story = this.#story;
    this.#observed = new Observed(database, story, () => time.monotonic());
    const containerOf = (id: string) => this.#containerOf(id);
    this.#history = new CampaignHistory({ database, story, observed: this.#observed, containerOf });
    const stepsOf = (id: string) => this.#planned(id)?.steps ?? 1;
    const around = { time, database, story, history: this.#history, observed: this.#observed, stepsOf };
    const onLine = (_: SimulatedContainer, name: EventName, message: string) => countLine(name, message);
    this.#jobs = scenario.jobs.map(
      (plan, number) => new CloudJob(plan, around, { seed: scenario.seed * 1_009 + number * 101, onLine }),
    );
    database.onRead = (by, request, result) => {
      const container = this.#containerOf(by);
      if (container === undefined) return;
      this.#observed.saw(container, request, result);
    };
    database.onElection = () => this.#observed.elected();
    database.witness = (by, request, perform) => this.#witness(by, request, perform);
  }

  get result(): Simulated {
    return {
      violations: this.#story.violations,
      story: this.#story.lines,
      faults: this.#faults,
      effects: this.#history.effects.length,
      takeovers: this.#history.takeovers,
    };
  }

  /** The code, or the simulation, threw what nobody caught. */
  mistake(error: unknown): void {
    this.#story.check(false, () => `X a mistake: ${messageOf(error)}`);
  }

  live(): void {
    const { campaigns, faults, length } = this.#scenario;
    for (const { id, policy } of campaigns) {
      const record = { id, status: "queued", resume: { policy, ...(policy === "resume-if" && { maxAge: 600 }) } };
      this.#database.performByMajority({ kind: "campaigns", call: "insert", record });
    }
    for (const job of this.#jobs) job.execute();
    for (const fault of faults) this.#time.after(fault.at, () => this.#bringAbout(fault));
    this.#look();
    this.#time.play(length, () => this.#failed);
    if (this.#failed) return;
    this.#makePeace();
    this.#time.play(PEACE, () => this.#failed || this.#settled);
    if (!this.#failed) this.#judge();
  }

  get #failed(): boolean {
    return this.#story.violations.length > 0;
  }

  get #unresolved(): readonly { id: string; status: string }[] {
    const over = new Set(["completed", "failed", "quarantined"]);
    return this.#database
      .all("campaigns")
      .flatMap(({ id, status }) => (over.has(String(status)) ? [] : [{ id, status: String(status) }]));
  }

  #bringAbout(fault: PlannedFault): void {
    const [time, database, story, jobs] = [this.#time, this.#database, this.#story, this.#jobs];
    const came = (kind: FaultName) => void this.#faults.push({ kind, at: time.monotonic() });
    const history = this.#history;
    bringAbout(fault, { time, database, history, story, jobs, peace: () => this.#peace, came }, seeded(fault.seed));
  }

  #look(): void {
    for (const job of this.#jobs) job.look();
    this.#settled = this.#peace && this.#unresolved.length === 0 && this.#jobs.every((job) => job.isSettled);
    this.#time.after(EVERY, () => this.#look());
  }

  #makePeace(): void {
    this.#story.tell("", "all faults end");
    this.#peace = true;
    this.#database.refuses = undefined;
    this.#database.elect();
    for (const job of this.#jobs) job.heal();
  }

  #judge(): void {
    const story = this.#story;
    for (const { id, status } of this.#unresolved)
      story.check(false, () => `I8 ${id} is ${status} after ${PEACE / 1000} s of peace`);
    for (const stored of this.#database.all("campaigns")) {
      const { id, status, resume } = campaignOf(stored);
      const done = resume.cursor === this.#planned(id)?.steps;
      if (status === "completed") story.check(done, () => `I4 ${id} is completed at step ${resume.cursor}`);
      if (status === "failed")
        story.check(done || resume.policy !== "resume", () => `I4 ${id} is failed at step ${resume.cursor}`);
    }
    for (const job of this.#jobs) story.check(job.isSettled, () => `S5 in peace ${job.told}`);
  }

  #planned(campaign: string): PlannedCampaign | undefined {
    return this.#scenario.campaigns.find(({ id }) => id === campaign);
  }

  #containerOf(id: string): SimulatedContainer | undefined {
    for (const { containers } of this.#jobs) for (const each of containers) if (each.id === id) return each;
    return undefined;
  }

  #jobOf(container: SimulatedContainer): CloudJob | undefined {
    return this.#jobs.find(({ containers }) => containers.includes(container));
  }

  #witness(by: string, request: Request, perform: () => unknown): unknown {
    const container = this.#containerOf(by);
    if (container === undefined) return perform();
    if (request.kind === "shifts") {
      const job = this.#jobOf(container);
      return job === undefined ? perform() : job.shift.witness(container, request, perform);
    }
    const result = request.kind === "campaigns" ? this.#history.witness(by, request, perform) : perform();
    this.#observed.saw(container, request, result);
    if (result === true && saysStopped(request)) {
      const { name, hasLivingWorker } = container;
      this.#story.check(!hasLivingWorker, () => `I7 ${name} says that it has stopped, and its worker lives`);
    }
    return result;
  }
}

function saysStopped(request: Request): boolean {
  if (request.kind !== "containers") return false;
  const state = request.call === "update" ? request.write.set?.state : undefined;
  return (request.call === "insert" ? request.record.state : state) === "stopped";
}
