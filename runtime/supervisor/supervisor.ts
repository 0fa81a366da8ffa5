import type { ShiftSpan } from "../../domain/calendar.ts";
import { event } from "../../domain/contract.ts";
import type { Seconds } from "../../domain/duration.ts";
import { localTime } from "../../domain/next-runs.ts";
import type { Doing } from "../heartbeat-log.ts";
import type { Entry, Leases } from "../leases.ts";
import { atMostSince, type Mark, mark } from "../mark.ts";
import { tellMistake } from "../mistake.ts";
import type { Cancel, Fields, Millis } from "../ports.ts";
import type { Environment } from "../settings/environment.ts";
import type { Settings } from "../settings.ts";
import { alarm } from "./alarm.ts";
import { answered } from "./answered.ts";
import { budgetOf, LEAVING } from "./budget.ts";
import { Departure } from "./departure.ts";
import { exitCode, exits, type Reason } from "./exit.ts";
import { closedMessage, type End, type Plan, planAt, shiftRecordId } from "./shift-clock.ts";
import { isIgnored, type SignalName, type Signals } from "./signals.ts";
import { seconds, type Worker, type WorkerParts } from "./worker.ts";
import { Workers } from "./workers.ts";

export interface SupervisorParts extends WorkerParts {
  readonly signals: Signals;
}

/** What is opened once it is clear that this container works at all. */
export interface Prepared {
  /** None without a database. */
  readonly leases: Leases | undefined;
  readonly environment: Environment;
  /** Called when nothing of the worker lives any more. */
  close(): Promise<void>;
}

export interface SupervisorOrder {
  readonly command: readonly string[];
  readonly settings: Settings;
  readonly prepare: () => Promise<Prepared>;
}

/** How a container stands, for people and probes. */
export interface SupervisorState {
  readonly doing: Doing;
  readonly leaving: Reason | undefined;
  /** Whole, as `ran` is. */
  readonly uptime: Seconds;
  readonly starts: number;
  readonly deaths: number;
  readonly shift: ShiftSpan | undefined;
  /** Whether the shift's record is this container's. */
  readonly leased: boolean;
  readonly worker: (Pick<Worker, "pid" | "health" | "calls"> & { readonly ran: Seconds }) | undefined;
}

type Work = Extract<Plan, { do: "work" }>;

/** A container's life: from the calendar's word to its exit code. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #order: SupervisorOrder;
  readonly #departure: Departure;
  readonly #started: Mark;
  readonly #cancels: Cancel[] = [];
  #doing: Doing = "waiting";
  #prepared: Prepared | undefined;
  #workers: Workers | undefined;
  #end: End | undefined;
  #shift: ShiftSpan | undefined;
  #stops = 0;
  #migrating: Mark | undefined;

  constructor(parts: SupervisorParts, order: SupervisorOrder) {
    this.#parts = parts;
    this.#order = order;
    this.#departure = new Departure(parts.clock);
    this.#started = mark(parts.clock);
    // Before a word is said: whoever reads that it runs may send one, which would end it, or as PID 1 be lost.
    this.#cancels.push(parts.signals((signal) => this.#onSignal(signal)));
  }

  get state(): SupervisorState {
    const workers = this.#workers;
    const worker = workers?.current;
    return {
      doing: this.#migrating === undefined ? this.#doingNow : "migrating",
      leaving: this.#departure.reason,
      uptime: whole(this.#uptime),
      starts: workers?.starts ?? 0,
      deaths: workers?.deaths ?? 0,
      shift: this.#shift,
      leased: this.#prepared?.leases?.shiftLeased ?? false,
      worker: worker && { pid: worker.pid, ran: whole(worker.ran), health: worker.health, calls: worker.calls },
    };
  }

  get #uptime(): Millis {
    return atMostSince(this.#started, this.#parts.clock);
  }

  /** @returns the code to exit with */
  async run(): Promise<number> {
    try {
      const work = await this.#opened();
      if (work !== undefined && (await this.#entered(work))) await this.#serve(work);
      return await this.#left();
    } finally {
      for (const cancel of this.#cancels) cancel();
      this.#departure.cancel();
    }
  }

  /** Waits until the shift starts. @returns undefined when this container leaves instead */
  async #opened(): Promise<Work | undefined> {
    const { clock, log } = this.#parts;
    const { calendar, runFor } = this.#order.settings;
    while (this.#departure.reason === undefined) {
      const plan = planAt(clock.wall(), calendar, runFor);
      if (plan.do === "leave") {
        if (calendar !== undefined) log("INFO", event.shiftClosed, closedMessage(clock.wall(), plan, calendar));
        this.#departure.begin("closed");
        return undefined;
      }
      await this.#prepare();
      if (plan.do === "work") return plan;
      const left = plan.shift.starts - clock.wall();
      this.#prepared?.leases?.start();
      log("INFO", event.shiftWaits, `the shift starts in ${seconds(left)} by this clock`, { ms: left });
      await this.#waitUntil(plan.shift.starts);
    }
    return undefined;
  }

  async #waitUntil(starts: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = alarm(this.#parts.clock, starts, resolve);
    await Promise.race([promise, this.#departure.begun]);
    cancel();
  }

  /** Once: the socket. The leases begin when they are needed, since loading the driver takes longer than starting a worker. */
  async #prepare(): Promise<void> {
    if (this.#prepared !== undefined) return;
    const { calendar } = this.#order.settings;
    this.#prepared = await this.#order.prepare();
    const { leases } = this.#prepared;
    leases?.onShiftLost(() => this.#leaveAfter("shiftLost", (calendar?.drain ?? 0) * 1000));
    leases?.onUnconfirmed(() => this.#workers?.unconfirmed());
  }

  /** Asks the shift's record. @returns whether this container is to work */
  async #entered({ shift, end }: Work): Promise<boolean> {
    const { clock } = this.#parts;
    this.#shift = shift;
    this.#end = end;
    if (end !== undefined) {
      const close = () => this.#leaveAfter(end.reason, end.drained - clock.wall());
      this.#cancels.push(alarm(clock, end.at, close));
    }
    const entry = await this.#entry(shift);
    if (entry?.enter === "leave") this.#departure.begin(entry.why);
    return this.#departure.reason === undefined;
  }

  /** @returns undefined when this container leaves before there is an answer */
  async #entry(shift: ShiftSpan | undefined): Promise<Entry | undefined> {
    const leases = this.#prepared?.leases;
    const alone: Entry = { enter: "run", leased: false };
    // Without the Job's name the records of several jobs would be one.
    const { job, calendar } = this.#order.settings;
    if (leases === undefined || shift === undefined || calendar === undefined || job === undefined) return alone;
    this.#doing = "watching";
    const abort = new AbortController();
    const left = this.#departure.begun.then(() => {
      abort.abort();
      return undefined;
    });
    const record = { id: shiftRecordId(job, calendar, shift), closes: shift.closes };
    try {
      return await Promise.race([leases.enterShift(record, abort.signal), left]);
    } catch (error) {
      // A database that does not answer is no error here. Without a lease it works all the same.
      tellMistake(this.#parts.log, "shift", error);
      return alone;
    }
  }

  async #serve({ end }: Work): Promise<void> {
    if (this.#prepared === undefined) return;
    const { leases, environment } = this.#prepared;
    const { command, settings } = this.#order;
    const order = { command, environment, settings, leases, ends: end !== undefined };
    this.#workers = new Workers(this.#parts, order, this.#departure);
    await this.#workers.serve();
  }

  /** Gives back what is held. @returns the exit code */
  async #left(): Promise<number> {
    const { clock, log } = this.#parts;
    const { exit, begun } = this.#departure;
    const { reason, ended } = await begun;
    const leaving = this.#workers?.allDead === false ? undefined : exits[reason].leaving;
    this.#doing = "ending";
    exit.notAfter(clock.monotonic() + LEAVING);
    if (this.#prepared !== undefined) {
      const { leases } = this.#prepared;
      await answered(this.#parts, Promise.all([leases?.finish(leaving), this.#prepared.close()]), LEAVING, exit);
    }
    const ms = Math.round(this.#uptime);
    const code = exitCode(reason, ended);
    const severity = reason === "workerEnded" && code !== 0 ? "ERROR" : exits[reason].severity;
    log(severity, event.runtimeExited, `exit ${code}: ${exits[reason].when}`, { reason, code, ms });
    return code;
  }

  /** Leaves, and gives calls this long. A worker needs a moment to end also where calls get none. */
  #leaveAfter(reason: Reason, drain: Millis): void {
    const { clock } = this.#parts;
    this.#departure.begin(reason);
    this.#prepared?.leases?.drain("draining");
    this.#departure.kill.notAfter(clock.monotonic() + Math.max(drain, budgetOf(this.#order.settings.grace).kill));
  }

  #onSignal(signal: SignalName): void {
    const ignored = isIgnored(signal);
    this.#parts.log("INFO", event.signalReceived, `${signal} came${ignored ? ", and is ignored" : ""}`, {
      signal,
      ...(signal === "SIGQUIT" ? this.#shown() : {}),
    });
    if (signal === "SIGTERM") this.#stop("terminated");
    if (signal === "SIGINT") this.#stop("interrupted");
    if (signal === "SIGTSTP") this.#moves();
    if (signal === "SIGCONT") this.#moved();
  }

  #stop(reason: Reason): void {
    const { clock } = this.#parts;
    const now = clock.monotonic();
    const budget = budgetOf(this.#order.settings.grace);
    this.#stops += 1;
    const over = this.#end !== undefined && clock.wall() >= this.#end.at ? this.#end.reason : undefined;
    this.#departure.begin(over ?? reason);
    this.#departure.exit.notAfter(now + budget.exit);
    this.#prepared?.leases?.drain("closing");
    // Asked twice: now.
    this.#departure.kill.notAfter(this.#stops > 1 ? now : now + budget.kill);
  }

  #moves(): void {
    this.#migrating ??= mark(this.#parts.clock);
    this.#parts.log("INFO", event.migrationStarted, "this machine is about to be moved");
    this.#prepared?.leases?.migrating();
  }

  #moved(): void {
    const { clock, log } = this.#parts;
    const away = this.#migrating === undefined ? undefined : Math.round(atMostSince(this.#migrating, clock));
    this.#migrating = undefined;
    this.#workers?.current?.moved();
    this.#prepared?.leases?.resumed();
    log("INFO", event.migrationEnded, away === undefined ? "goes on" : `goes on after ${seconds(away)}`, { ms: away });
  }

  get #doingNow(): Doing {
    return this.#doing === "ending" ? "ending" : (this.#workers?.doing ?? this.#doing);
  }

  #shown(): Fields {
    const { worker, shift, ...flat } = this.state;
    const { timeZone = "UTC" } = this.#order.settings.calendar ?? {};
    return {
      ...flat,
      shift: shift && `${shift.window} ${localTime(timeZone, shift.opens)} to ${localTime(timeZone, shift.closes)}`,
      pid: worker?.pid,
      ran: worker?.ran,
      health: worker?.health,
      calls: worker?.calls,
    };
  }
}

function whole(time: Millis): Seconds {
  return Math.round(time / 1000);
}
