import { event } from "../../../domain/contract.ts";
import type { EventName } from "../../../domain/events.ts";
import { DAY } from "../../../domain/week.ts";
import type { Millis, Random } from "../../../runtime/ports.ts";
import type { Settings } from "../../../runtime/settings.ts";
import { defaultNames } from "../../../runtime/store/names.ts";
import { seeded } from "../../support/seeded.ts";
import { SimulatedContainer, type Surroundings } from "./container.ts";
import type { PlannedJob } from "./scenario.ts";
import { ShiftHistory } from "./shift-history.ts";

/** Cloud Run's own, of a Job. */
const GRACE: Millis = 10_000;
const MAX_RETRIES = 3;
/** How long it takes until somebody starts one where there is none. */
const NOBODY_FOR: Millis = 20_000;
/** How much later than its closing a machine's clock may say that it is closed, and how much later it may end. */
const SET_CLOCKS: Millis = 300_000;
/** How much too fast or too slow a clock may run, by itself. */
const DRIFT = 0.02;
const MINUTE: Millis = 60_000;

/** What all jobs of a world share. */
type AroundJobs = Omit<Surroundings, "onGone" | "onLine" | "onShift">;

/** One Job: its executions and their retries, as Cloud Run and Cloud Scheduler start them. */
export class CloudJob {
  readonly containers: SimulatedContainer[] = [];
  readonly plan: PlannedJob;
  readonly shift: ShiftHistory;
  /** How many starts are to come. */
  coming = 0;
  readonly #settings: Settings;
  readonly #around: AroundJobs;
  readonly #random: Random;
  readonly #began: Millis;
  readonly #onLine: Surroundings["onLine"];
  /** Those that left since another has the shift. */
  readonly #left = new Set<SimulatedContainer>();
  #executions = 0;
  #executed = Number.NEGATIVE_INFINITY;
  #peace = false;

  constructor(
    plan: PlannedJob,
    around: AroundJobs,
    { seed, onLine }: { readonly seed: number; readonly onLine: Surroundings["onLine"] },
  ) {
    const { time, database, story } = around;
    this.plan = plan;
    this.#around = around;
    this.#onLine = onLine;
    this.#random = seeded(seed);
    this.#began = time.monotonic();
    this.#settings = settingsOf(plan);
    this.shift = new ShiftHistory({
      job: plan.name,
      story,
      now: () => time.monotonic(),
      record: () => database.find("shifts", this.recordId),
      here: () => this.here,
      coming: () => this.coming,
      inHours: () => this.inHours,
      opensAt: OPENING_DAY + (EIGHT + plan.opens) * MINUTE,
      saidStopped: (id) => database.find("containers", id)?.state === "stopped",
    });
  }

  /** Those that are not gone. */
  get here(): readonly SimulatedContainer[] {
    return this.containers.filter(({ gone }) => !gone);
  }

  get recordId(): string {
    return `${this.#settings.job}/${DATE}/${WINDOW}`;
  }

  /** For certain, by all clocks that this job has had. */
  get inHours(): boolean {
    const { opens, closes = Number.POSITIVE_INFINITY } = this.plan;
    const now = this.#around.time.monotonic() - this.#began;
    const off = DRIFT * now + Math.max(0, ...this.containers.map(({ machine }) => machine.mostSet));
    return (opens === 0 || now >= opens * MINUTE + off) && now < closes * MINUTE - off;
  }

  /** Whether all of it is over, by any clock. */
  get isClosed(): boolean {
    const { closes } = this.plan;
    return closes !== undefined && this.#around.time.monotonic() - this.#began > closes * MINUTE + SET_CLOCKS;
  }

  /** Whether one works, and has the record; and after closing none. */
  get isSettled(): boolean {
    const { here, shift, plan } = this;
    const [one] = here;
    if (plan.closes !== undefined) return here.length === 0 && this.isClosed;
    const { owner, status, state } = shift.record;
    const has = owner === one?.id && status === "running" && state === "held";
    return here.length === 1 && one?.works === true && has;
  }

  /** Who is there, for a story. */
  get told(): string {
    const here = this.here.map(({ name, state, works }) => `${name} (${state?.doing}${works ? ", works" : ""})`);
    return `of ${this.plan.name} there is ${here.join(", ") || "nobody"}, and the shift is ${JSON.stringify(this.shift.record)}`;
  }

  /** The scheduler, or a person, starts an execution. */
  execute(): void {
    this.#executed = this.#around.time.monotonic();
    this.#start(`${this.plan.name}${++this.#executions}`, 0);
  }

  /** Called every few seconds. Inside hours somebody sees to it that there is one. */
  look(): void {
    this.shift.look();
    const now = this.#around.time.monotonic();
    const closed = now - this.#began > (this.plan.closes ?? Number.POSITIVE_INFINITY) * MINUTE;
    if (this.here.length > 0 || this.coming > 0 || closed || now - this.#executed < NOBODY_FOR) return;
    this.execute();
  }

  /** SIGTERM, and SIGKILL when the grace is over. */
  terminate(container: SimulatedContainer): void {
    const { time, story } = this.#around;
    if (container.gone || container.told) return;
    container.signal("SIGTERM");
    time.after(GRACE, () => {
      if (container.gone) return;
      const ran = !container.wasHeldFor(GRACE);
      story.check(!ran, () => `E2 ${container.name} is still there ${GRACE / 1000} s after SIGTERM`);
      container.crash();
    });
  }

  heal(): void {
    this.#peace = true;
    for (const container of this.here) container.heal();
  }

  #start(execution: string, attempt: number): void {
    const { story } = this.#around;
    const place = { execution, task: 0, attempt };
    const container = new SimulatedContainer(
      {
        ...this.#around,
        onGone: (gone, code) => this.#gone(gone, code),
        onLine: (by, name, message) => this.#line(by, name, message),
        onShift: (by, record) => this.shift.heard(by, record),
      },
      {
        name: `${execution}/${attempt}`,
        place,
        settings: { ...this.#settings, place },
        seed: Math.floor(this.#random.fraction() * 2 ** 32),
      },
    );
    this.containers.push(container);
    if (this.#peace) container.heal();
    container.start();
    story.check(this.containers.length < 500, () => `E5 ${this.plan.name} starts for ever`);
  }

  /** A task that failed is tried again, or people start another execution; unless another works, or is there already. */
  #gone(container: SimulatedContainer, code: number | "killed"): void {
    const { story, time } = this.#around;
    const { execution, attempt } = container.place;
    for (const { terms, workerTerms } of container.children)
      story.check(terms <= 1 && workerTerms <= 1, () => `E3 a second SIGTERM to a worker of ${container.name}`);
    story.check(code === "killed" || [0, 1, 70, 137, 139, 143].includes(code), () => `E1 exit code ${code}`);
    if (code === 0) {
      const over = !this.inHours || this.shift.record.status === "completed" || this.#left.has(container);
      story.check(over, () => `E1 ${container.name} says that the day is over: nobody starts it again`);
      return;
    }
    const others = this.here.filter(({ place, able }) => place.execution !== execution && able);
    if (others.some(({ works }) => works) && this.#random.fraction() < 0.3) {
      this.shift.stoppedByPeople();
      return;
    }
    if (others.length > 0 && this.#random.fraction() < 0.3) return;
    // Cloud Run's retry knows that the one before it has ended; another execution has to find out.
    const retried = attempt < MAX_RETRIES && this.#random.fraction() < 0.4;
    this.coming++;
    time.after(3_000 + 27_000 * this.#random.fraction(), () => {
      this.coming--;
      if (retried) this.#start(execution, attempt + 1);
      else this.execute();
    });
  }

  #line(container: SimulatedContainer, name: EventName, message: string): void {
    const why = { [event.duplicateExecution]: "duplicate", [event.shiftLost]: "lost" } as const;
    const left = why[name as keyof typeof why];
    if (left !== undefined) {
      this.#left.add(container);
      this.shift.leaves(container, left);
    }
    this.#onLine(container, name, message);
  }
}

/** When the clock of a world begins: a Monday morning, at eight. */
const DATE = "2027-06-07";
const OPENING_DAY = Date.parse(DATE);
const MONDAY = 1;
const EIGHT = 8 * 60;
const WINDOW = "day";

function settingsOf({ name, opens, closes, capacity, health }: PlannedJob): Settings {
  return {
    place: undefined,
    job: `projects/p/locations/l/jobs/${name}`,
    calendar: {
      timeZone: "UTC",
      windows: [
        { name: WINDOW, days: [MONDAY], open: EIGHT + opens, close: closes === undefined ? DAY - 60 : EIGHT + closes },
      ],
      holidays: [],
      lead: 0,
      drain: 60,
    },
    runFor: undefined,
    interval: 30,
    orphanAfter: 120,
    capacity,
    recoveryPolicy: "resume",
    recoveryLimit: 3,
    grace: GRACE / 1000,
    restarts: 5,
    workerHealth: health ? new URL("http://127.0.0.1:8081/") : undefined,
    healthPort: undefined,
    requires: [],
    database: { uri: "mongodb://none", database: undefined, names: defaultNames },
  };
}
