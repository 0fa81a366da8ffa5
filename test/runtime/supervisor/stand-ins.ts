import type { EventName } from "../../../domain/contract.ts";
import type { Entry, Leases, Leaving, ShiftRecord } from "../../../runtime/leases.ts";
import { noCampaigns } from "../../../runtime/no-campaigns.ts";
import type { Fields, Millis, Random, Severity } from "../../../runtime/ports.ts";
import type { Environment } from "../../../runtime/settings/environment.ts";
import type { Settings } from "../../../runtime/settings.ts";
import type { HttpAnswer } from "../../../runtime/supervisor/http.ts";
import type { Child, Ended } from "../../../runtime/supervisor/processes.ts";
import { SpawnFailure } from "../../../runtime/supervisor/processes.ts";
import type { SignalName } from "../../../runtime/supervisor/signals.ts";
import { Supervisor, type SupervisorParts } from "../../../runtime/supervisor/supervisor.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** A worker that is only told of: it ends when a test says so. */
export class FakeChild implements Child {
  readonly pid: number;
  readonly exited: Promise<Ended>;
  readonly environment: Environment;
  terms = 0;
  kills = 0;
  /** What it started, and lives. */
  others = 0;
  /** How many of those got a SIGTERM, once it had ended itself. */
  othersTold = 0;
  /** Outlives SIGKILL, in a system call that does not return. */
  immortal = false;
  /** How it takes a SIGTERM. */
  onTerm: () => void = () => {};
  #over = false;
  #end: (ended: Ended) => void = () => {};

  constructor(pid: number, environment: Environment) {
    this.pid = pid;
    this.environment = environment;
    this.exited = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  end(ended: Ended): void {
    this.#over = true;
    this.#end(ended);
  }

  term(): void {
    this.terms += 1;
    this.onTerm();
  }

  termOrphans(): number {
    const told = this.others - this.othersTold;
    this.othersTold = this.others;
    return told;
  }

  killAll(): void {
    this.kills += 1;
    if (this.immortal) return;
    this.others = 0;
    if (!this.#over) this.end({ signal: "SIGKILL" });
  }

  alive(): boolean {
    return !this.#over || this.others > 0 || this.immortal;
  }
}

export const plain: Settings = {
  place: { execution: "dental-x7k2p", task: 0, attempt: 0 },
  job: "projects/p/locations/l/jobs/dental",
  calendar: undefined,
  runFor: undefined,
  interval: 30,
  orphanAfter: 120,
  capacity: 1,
  recoveryPolicy: "resume",
  recoveryLimit: 3,
  grace: 10,
  restarts: 5,
  workerHealth: undefined,
  healthPort: undefined,
  requires: [],
  database: undefined,
};

export interface Line extends Fields {
  readonly at: Millis;
  readonly severity: Severity;
  readonly event: EventName;
  readonly message: string;
}

/** A machine that is only told of, on a clock that stands still. */
export interface Machine {
  readonly clock: VirtualClock;
  readonly parts: SupervisorParts & { readonly random: Random };
  readonly children: FakeChild[];
  readonly lines: Line[];
  /** Milliseconds since it began. */
  now(): Millis;
  signal(name: SignalName): void;
  /** What the worker answers for itself. */
  answer: (path: string) => HttpAnswer | undefined;
  /** The running worker. */
  child(): FakeChild;
  /** The names of the lines, heartbeats left out. */
  events(): readonly EventName[];
  /** The last line of an event. */
  line(event: EventName): Line;
}

export interface MachineOptions {
  readonly wall?: number | undefined;
  /** How each worker is made, from 0: a failure to start it, or what to do with it. */
  readonly spawn?: ((index: number) => SpawnFailure | ((child: FakeChild) => void)) | undefined;
  readonly answer?: Machine["answer"] | undefined;
}

export function machine(options: MachineOptions = {}): Machine {
  const clock = new VirtualClock(options.wall);
  const start = clock.monotonic();
  const now = () => clock.monotonic() - start;
  const lines: Line[] = [];
  const children: FakeChild[] = [];
  let signal: (name: SignalName) => void = () => {};
  const parts: Machine["parts"] = {
    clock,
    random: { bytes: (count) => new Uint8Array(count), fraction: () => 0.5 },
    log: (severity, event, message, fields) => void lines.push({ ...fields, at: now(), severity, event, message }),
    processes: {
      spawn: async (_, environment) => {
        const made = options.spawn?.(children.length);
        if (made instanceof SpawnFailure) throw made;
        const child = new FakeChild(100 + children.length, environment);
        made?.(child);
        children.push(child);
        return child;
      },
    },
    signals: (call) => {
      signal = call;
      return () => {
        signal = () => {};
      };
    },
    get: async ({ pathname }) => {
      const answer = made.answer(pathname);
      if (answer === undefined) throw new Error("nobody listens");
      return answer;
    },
  };
  const made: Machine = {
    clock,
    parts,
    children,
    lines,
    now,
    answer: options.answer ?? (() => undefined),
    signal: (name) => signal(name),
    child: () => {
      const child = children.at(-1);
      if (child === undefined) throw new Error("no worker was started");
      return child;
    },
    events: () => lines.map(({ event }) => event).filter((event) => event !== "worker_heartbeat"),
    line: (event) => {
      const line = lines.findLast((line) => line.event === event);
      if (line === undefined) throw new Error(`no ${event} among ${made.events().join(", ")}`);
      return line;
    },
  };
  return made;
}

export class FakeLeases implements Leases {
  readonly campaigns = noCampaigns;
  readonly #tell: (what: string) => void;
  entry: (signal: AbortSignal) => Promise<Entry> = async () => ({ enter: "run", leased: true });
  /** How long the database takes for what is given back; undefined for ever. */
  slow: Promise<void> = Promise.resolve();
  shiftLeased = true;
  lost: () => void = () => {};
  unconfirmed: () => void = () => {};

  constructor(tell: (what: string) => void) {
    this.#tell = tell;
  }

  still(): readonly [] {
    return [];
  }

  start(): void {
    this.#tell("start");
  }
  async enterShift({ id }: ShiftRecord, signal: AbortSignal): Promise<Entry> {
    this.#tell(`enter ${id}`);
    const aborted = () => this.#tell("abort");
    signal.addEventListener("abort", aborted);
    // Afterwards it concerns nobody.
    return await this.entry(signal).finally(() => signal.removeEventListener("abort", aborted));
  }
  workerStarted(): void {
    this.#tell("worker started");
  }
  onShiftLost(call: () => void): void {
    this.lost = call;
  }
  onUnconfirmed(call: () => void): void {
    this.unconfirmed = call;
  }
  drain(why: string): void {
    this.#tell(`drain ${why}`);
  }
  async workerDead(cause: string): Promise<void> {
    this.#tell(`dead ${cause}`);
    await this.slow;
  }
  migrating(): void {
    this.#tell("migrating");
  }
  resumed(): void {
    this.#tell("resumed");
  }
  async finish(leaving: Leaving | undefined): Promise<void> {
    this.#tell(`finish ${leaving}`);
    await this.slow;
  }
}

export interface World extends Machine {
  /** The container's life, which begins here. */
  readonly code: Promise<number>;
  readonly supervisor: Supervisor;
  /** What the leases were told, with the milliseconds since the start: `drain closing 6500`. */
  readonly told: string[];
  /** The leases of the container, for a test to say what they answer. */
  readonly leases: FakeLeases;
}

export interface WorldOptions extends MachineOptions {
  readonly settings?: Partial<Settings>;
  /** Without a database. */
  readonly alone?: boolean;
  /** What the leases answer when asked for the shift. */
  readonly entry?: FakeLeases["entry"];
}

/** A container that starts. Nothing happens but what the test lets happen. */
export function world(options: WorldOptions = {}): World {
  const made = machine(options);
  const told: string[] = [];
  const leases = new FakeLeases((what) => told.push(`${what} ${made.now()}`));
  if (options.entry !== undefined) leases.entry = options.entry;
  const supervisor = new Supervisor(made.parts, {
    command: ["python", "worker_main.py"],
    settings: { ...plain, ...options.settings },
    prepare: async () => ({
      leases: options.alone ? undefined : leases,
      environment: { PATH: "/bin" },
      close: async () => void told.push(`close ${made.now()}`),
    }),
  });
  return Object.assign(made, { told, leases, supervisor, code: supervisor.run() });
}
