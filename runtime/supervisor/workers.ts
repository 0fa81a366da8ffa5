import { event } from "../../domain/contract.ts";
import { count } from "../../domain/findings.ts";
import type { Leases } from "../leases.ts";
import type { Millis } from "../ports.ts";
import type { Environment } from "../settings/environment.ts";
import type { Settings } from "../settings.ts";
import { within } from "../waiting.ts";
import { answered } from "./answered.ts";
import { CONFIRM_AT_END, CONFIRM_IN_PLACE, FIRST_PART, UNANSWERED } from "./budget.ts";
import type { Departure } from "./departure.ts";
import { exits, type Reason } from "./exit.ts";
import { type Ended, SpawnFailure } from "./processes.ts";
import { Restarts } from "./restarts.ts";
import { seconds, Worker, type WorkerParts } from "./worker.ts";

export interface WorkersOrder {
  readonly command: readonly string[];
  readonly environment: Environment;
  readonly settings: Settings;
  readonly leases: Leases | undefined;
  /** Whether the calendar or AGENT_RUN_FOR ends the work. Then a worker that ends earlier has died, with any code. */
  readonly ends: boolean;
}

/** What happened first to a worker that ran. */
type Happening =
  | { readonly what: "died"; readonly ended: Ended }
  | { readonly what: "unhealthy" }
  | { readonly what: "unconfirmed" }
  | { readonly what: "leave"; readonly reason: Reason };

/** The workers of one container, one after another, until it leaves. */
export class Workers {
  readonly #parts: WorkerParts;
  readonly #order: WorkersOrder;
  readonly #departure: Departure;
  readonly #restarts: Restarts;
  #doing: "running" | "restarting" | "draining" = "running";
  #current: Worker | undefined;
  #starts = 0;
  /** Whether nothing of any worker lives. */
  #allDead = true;
  #stopNow: () => void = () => {};

  constructor(parts: WorkerParts, order: WorkersOrder, departure: Departure) {
    this.#parts = parts;
    this.#order = order;
    this.#departure = departure;
    this.#restarts = new Restarts(order.settings.restarts);
  }

  get doing(): "running" | "restarting" | "draining" {
    return this.#doing;
  }

  get current(): Worker | undefined {
    return this.#current;
  }

  get starts(): number {
    return this.#starts;
  }

  get deaths(): number {
    return this.#restarts.deaths;
  }

  /** False once something of a worker was not seen dead. */
  get allDead(): boolean {
    return this.#allDead;
  }

  /** The worker did not confirm that it stopped acting for a campaign: nobody else may, before it is dead. */
  unconfirmed(): void {
    if (this.#departure.reason === undefined) this.#stopNow();
    else this.#departure.kill.notAfter(this.#parts.clock.monotonic());
  }

  /** Returns when this container leaves, and no worker is left. */
  async serve(): Promise<void> {
    while (this.#departure.reason === undefined) {
      const worker = await this.#start();
      if (worker === undefined) continue;
      const happening = await this.#first(worker);
      if (happening.what === "leave") await this.#drain(worker, happening.reason);
      else await this.#bury(worker, happening);
      this.#current = undefined;
    }
  }

  async #start(): Promise<Worker | undefined> {
    const { command, environment, settings, leases } = this.#order;
    this.#starts += 1;
    this.#doing = "running";
    try {
      const start = this.#starts;
      this.#current = await Worker.start(this.#parts, { command, environment, health: settings.workerHealth, start });
    } catch (error) {
      if (!(error instanceof SpawnFailure)) throw error;
      this.#parts.log("ERROR", event.workerExited, error.message, { code: error.code });
      if (error.passing) await this.#again(error, 0);
      else this.#departure.begin("notStarted", error);
      return undefined;
    }
    leases?.workerStarted();
    return this.#current;
  }

  #first(worker: Worker): Promise<Happening> {
    return Promise.race<Happening>([
      worker.ended.then((ended) => ({ what: "died", ended })),
      worker.failed.then(() => ({ what: "unhealthy" })),
      new Promise<void>((resolve) => {
        this.#stopNow = resolve;
      }).then(() => ({ what: "unconfirmed" })),
      this.#departure.begun.then(({ reason }) => ({ what: "leave", reason })),
    ]);
  }

  /** A worker is over in the middle of its work. Nothing of it may live when the next one starts. */
  async #bury(worker: Worker, happening: Exclude<Happening, { what: "leave" }>): Promise<void> {
    const { clock } = this.#parts;
    const { kill, exit } = this.#departure;
    const { ranWell } = worker;
    if (happening.what !== "died") this.#logKill(worker, happening.what);
    this.#doing = "restarting";
    const latest = clock.monotonic() + CONFIRM_IN_PLACE;
    if (!(await this.#seenDead(worker, () => Math.min(latest, kill.at + CONFIRM_AT_END)))) {
      this.#departure.begin("stuck");
      return;
    }
    // What one campaign's claim cost the others is no fault of theirs, nor of the worker's.
    const crashed = happening.what !== "unconfirmed";
    const told = this.#order.leases?.workerDead(crashed ? "crashed" : "killed");
    await answered(this.#parts, told, UNANSWERED, exit);
    if (crashed) await this.#again(happening.what === "died" ? happening.ended : await worker.ended, ranWell);
  }

  /** Waits for the next start, or leaves where there is none. */
  async #again(ended: Ended, ranWell: Millis): Promise<void> {
    const { clock, log } = this.#parts;
    const { restarts: limit } = this.#order.settings;
    if (this.#departure.reason !== undefined) return;
    if (!this.#order.ends) {
      this.#departure.begin("workerEnded", ended);
      return;
    }
    const delay = this.#restarts.died(ranWell);
    const { deaths } = this.#restarts;
    if (delay === undefined) {
      this.#departure.begin("gaveUp", ended);
      return;
    }
    this.#doing = "restarting";
    log(
      "WARNING",
      event.workerRestarts,
      `the worker starts again in ${seconds(delay)}, restart ${deaths} of ${limit}`,
      {
        deaths,
        limit,
        ms: delay,
      },
    );
    await within(clock, delay, this.#departure.begun);
  }

  /** Lets the worker finish what it has, and kills it when its time is over. */
  async #drain(worker: Worker, reason: Reason): Promise<void> {
    const { clock, log } = this.#parts;
    const { kill, exit } = this.#departure;
    const left = Math.max(0, kill.at - clock.monotonic());
    this.#doing = "draining";
    log("INFO", event.drainStarted, `the worker has ${seconds(left)} to end: ${exits[reason].when}`, {
      reason,
      ms: Math.round(left),
    });
    if (!(await worker.drained(kill))) this.#logKill(worker, "drained");
    const latest = clock.monotonic() + CONFIRM_AT_END;
    if (!(await this.#seenDead(worker, () => latest))) return;
    const time = Math.min(UNANSWERED, (exit.at - clock.monotonic()) * FIRST_PART);
    await answered(this.#parts, this.#order.leases?.workerDead("killed"), time, exit);
  }

  async #seenDead(worker: Worker, until: () => Millis): Promise<boolean> {
    const { clock, log } = this.#parts;
    const began = clock.monotonic();
    this.#allDead = await worker.gone(until);
    if (!this.#allDead) {
      const ms = Math.round(clock.monotonic() - began);
      const message = `something of worker ${worker.pid} outlives SIGKILL: nothing of it is given back`;
      log("ERROR", event.killUnconfirmed, message, { pid: worker.pid, ms });
    }
    return this.#allDead;
  }

  #logKill(worker: Worker, why: keyof typeof killed): void {
    const { log } = this.#parts;
    const { calls, pid, ran } = worker;
    const had = calls === undefined ? "nobody knows how many calls it had" : `it had ${count(calls, "call")}`;
    const fields = { why, pid, calls, ms: Math.round(ran) };
    log("WARNING", event.workerKilled, `${killed[why]}; ${had}`, fields);
    if (calls !== undefined && calls > 0) log("WARNING", event.callsCut, `${count(calls, "call")} cut`, fields);
  }
}

/** Why a worker was killed. */
const killed = {
  unhealthy: "it was unhealthy for too long, and is started again",
  unconfirmed: "it did not confirm that it stopped acting for a campaign that it lost, and is started again",
  drained: "its time to end was over",
} as const;
