import type { EventName } from "../../../domain/contract.ts";
import type { Entry, Leases, Leaving, ShiftRecord } from "../../../runtime/leases.ts";
import { noCampaigns } from "../../../runtime/no-campaigns.ts";
import type { Fields, Log, Millis, Random, Severity } from "../../../runtime/ports.ts";
import type { Settings } from "../../../runtime/settings.ts";
import type { HttpAnswer } from "../../../runtime/supervisor/http.ts";
import type { Child, Ended, Environment, Processes } from "../../../runtime/supervisor/processes.ts";
import { SpawnFailure } from "../../../runtime/supervisor/processes.ts";
import type { SignalName } from "../../../runtime/supervisor/signals.ts";
import { Supervisor } from "../../../runtime/supervisor/supervisor.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** A worker that is only told of: it ends when a test says so. */
export class FakeChild implements Child {
  readonly pid: number;
  readonly exited: Promise<Ended>;
  readonly environment: Environment;
  terms = 0;
  kills = 0;
  /** Others of its group that live. */
  others = 0;
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

  killGroup(): void {
    this.kills += 1;
    if (this.immortal) return;
    this.others = 0;
    if (!this.#over) this.end({ signal: "SIGKILL" });
  }

  groupAlive(): boolean {
    return !this.#over || this.others > 0 || this.immortal;
  }
}

const lowest: Random = { bytes: (count) => new Uint8Array(count), fraction: () => 0.5 };

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

export interface World {
  readonly clock: VirtualClock;
  /** The container's life, which begins here. */
  readonly code: Promise<number>;
  readonly supervisor: Supervisor;
  readonly children: FakeChild[];
  readonly lines: Line[];
  /** What the leases were told, with the milliseconds since the start: `drain closing 6500`. */
  readonly told: string[];
  /** The leases of the container, for a test to say what they answer. */
  readonly leases: FakeLeases;
  signal(name: SignalName): void;
  /** What the worker answers for itself. */
  answer: (path: string) => HttpAnswer | undefined;
  /** The running worker. */
  child(): FakeChild;
  /** The names of the lines, heartbeats left out. */
  events(): readonly EventName[];
  line(event: EventName): Line;
}

export class FakeLeases implements Leases {
  readonly campaigns = noCampaigns;
  readonly #tell: (what: string) => void;
  entry: (signal: AbortSignal) => Promise<Entry> = async () => ({ enter: "run", leased: true });
  /** How long the database takes for what is given back; undefined for ever. */
  slow: Promise<void> = Promise.resolve();
  lost: () => void = () => {};
  unconfirmed: () => void = () => {};

  constructor(tell: (what: string) => void) {
    this.#tell = tell;
  }

  start(): void {
    this.#tell("start");
  }
  enterShift({ id }: ShiftRecord, signal: AbortSignal): Promise<Entry> {
    this.#tell(`enter ${id}`);
    signal.addEventListener("abort", () => this.#tell("abort"));
    return this.entry(signal);
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

export interface WorldOptions {
  readonly settings?: Partial<Settings>;
  readonly wall?: number;
  /** Without a database. */
  readonly alone?: boolean;
  /** How each worker is made, from 0: a failure to start it, or what to do with it. */
  readonly spawn?: (index: number) => SpawnFailure | ((child: FakeChild) => void);
  /** What the leases answer when asked for the shift. */
  readonly entry?: FakeLeases["entry"];
  readonly answer?: World["answer"];
}

/** A container that starts. Nothing happens but what the test lets happen. */
export function world(options: WorldOptions = {}): World {
  const clock = new VirtualClock(options.wall);
  const start = clock.monotonic();
  const lines: Line[] = [];
  const log: Log = (severity, event, message, fields) => {
    lines.push({ ...fields, at: clock.monotonic() - start, severity, event, message });
  };
  const children: FakeChild[] = [];
  const processes: Processes = {
    spawn: async (_, environment) => {
      const made = options.spawn?.(children.length);
      if (made instanceof SpawnFailure) throw made;
      const child = new FakeChild(100 + children.length, environment);
      made?.(child);
      children.push(child);
      return child;
    },
  };
  const told: string[] = [];
  const leases = new FakeLeases((what) => told.push(`${what} ${clock.monotonic() - start}`));
  if (options.entry !== undefined) leases.entry = options.entry;
  let signal: (name: SignalName) => void = () => {};
  const parts = {
    clock,
    random: lowest,
    log,
    processes,
    signals: (call: (name: SignalName) => void) => {
      signal = call;
      return () => {
        signal = () => {};
      };
    },
    get: async ({ pathname }: URL) => {
      const answer = made.answer(pathname);
      if (answer === undefined) throw new Error("nobody listens");
      return answer;
    },
  };
  const supervisor = new Supervisor(parts, {
    command: ["python", "worker_main.py"],
    settings: { ...plain, ...options.settings },
    containerId: "dental-x7k2p/0/0/00",
    prepare: async () => ({
      leases: options.alone ? undefined : leases,
      environment: { PATH: "/bin" },
      close: async () => void told.push(`close ${clock.monotonic() - start}`),
    }),
  });
  const made: World = {
    clock,
    supervisor,
    children,
    lines,
    told,
    leases,
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
    code: supervisor.run(),
  };
  return made;
}
