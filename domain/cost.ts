import type { AlertsPlan } from "./alerts/plan.ts";
import { shiftSpans } from "./calendar.ts";
import { encodeCalendar } from "./contract.ts";
import type { Seconds } from "./duration.ts";
import { parseMemory } from "./envelope.ts";
import type { StackPlan } from "./plan.ts";
import { alertCondition, type Dollars, freeTier, freeTierRates, jobRates, rates, ratesAsOf } from "./prices.ts";
import type { WorkerPlan } from "./worker.ts";
import type { Instant } from "./zone.ts";

/** A worker in an average month. */
export interface WorkerCost {
  readonly worker: string;
  readonly region: string;
  /** Starts that run a shift. */
  readonly runs: number;
  readonly hoursOpen: number;
  /** With lead and full drain. */
  readonly hoursPaid: number;
  readonly vcpuSeconds: number;
  readonly gibSeconds: number;
  /** Before the free tier; `undefined` where the region's rates are not known. */
  readonly gross: Dollars | undefined;
}

/** One thing that Google bills, for the whole stack in an average month. */
export interface CostItem {
  readonly what: "worker vCPU" | "worker memory" | "scheduler jobs" | "secret versions" | "secret accesses";
  readonly quantity: number;
  readonly unit: "vCPU-seconds" | "GiB-seconds" | "jobs" | "versions" | "accesses";
  readonly gross: Dollars;
  /** What is left when nothing else on the billing account uses the free tier. */
  readonly net: Dollars;
}

/** What a stack costs in an average month. */
export interface MonthlyCost {
  readonly workers: readonly WorkerCost[];
  readonly items: readonly CostItem[];
  readonly total: { readonly gross: Dollars; readonly net: Dollars };
  /** Not in the total, since Google has announced it several times and at several rates. */
  readonly alertPolicies: { readonly count: number; readonly low: Dollars; readonly high: Dollars } | undefined;
  /** Workers that the total lacks. */
  readonly unpriced: readonly string[];
  readonly ratesAsOf: string;
  /** How to read the numbers. */
  readonly assumptions: readonly string[];
  readonly notIncluded: readonly string[];
}

/** How a task is sized, and where it runs. */
export type JobSize = Pick<WorkerPlan, "cpu" | "memory" | "region">;

/** What tasks of one size use and cost, before the free tier, that run for so long in all. */
export function jobCost(seconds: Seconds, { cpu, memory, region }: JobSize) {
  const vcpuSeconds = seconds * cpu;
  const gibSeconds = (seconds * (parseMemory(memory) ?? 0)) / 1024;
  const rate = jobRates(region);
  const dollars =
    rate === undefined ? undefined : { vcpu: vcpuSeconds * rate.vcpuSecond, memory: gibSeconds * rate.gibSecond };
  return { vcpuSeconds, gibSeconds, dollars };
}

/**
 * What a stack costs in an average month of the twelve from a moment on, by its calendars.
 *
 * @param from the start of the twelve months: the domain has no clock of its own
 */
export function monthlyCost(plan: StackPlan, from: Instant, alerts?: AlertsPlan): MonthlyCost {
  // Many workers share a calendar, and a year of shifts takes milliseconds.
  const years = new Map<string, Year>();
  const running = plan.workers.filter(({ prepared }) => !prepared);
  const used = running.map((worker) => {
    const key = `${encodeCalendar(worker.calendar)} ${worker.supervised || worker.timeout}`;
    const year = years.get(key) ?? yearOf(worker, from);
    years.set(key, year);
    return { worker, year, job: jobCost(year.paid / 12, worker) };
  });
  const priced = used.flatMap(({ job }) => (job.dollars === undefined ? [] : [{ ...job, ...job.dollars }]));
  const items: CostItem[] = [
    item("worker vCPU", "vCPU-seconds", sum(priced.map((job) => job.vcpuSeconds)), {
      gross: sum(priced.map((job) => job.vcpu)),
      free: freeTier.vcpuSeconds * freeTierRates.vcpuSecond,
    }),
    item("worker memory", "GiB-seconds", sum(priced.map((job) => job.gibSeconds)), {
      gross: sum(priced.map((job) => job.memory)),
      free: freeTier.gibSeconds * freeTierRates.gibSecond,
    }),
    counted("scheduler jobs", "jobs", schedulerJobs(plan), rates.schedulerJob, freeTier.schedulerJobs),
    counted("secret versions", "versions", secretVersions(plan), rates.secretVersion, freeTier.secretVersions),
    counted(
      "secret accesses",
      "accesses",
      sum(used.map(({ worker, year }) => (Object.keys(worker.secretEnv).length * year.runs) / 12)),
      rates.secretAccess,
      freeTier.secretAccesses,
    ),
  ];
  const policies = alerts?.policies.length ?? 0;
  return {
    workers: used.map(({ worker, year, job }) => ({
      worker: worker.key,
      region: worker.region,
      runs: year.runs / 12,
      hoursOpen: year.open / 12 / 3600,
      hoursPaid: year.paid / 12 / 3600,
      vcpuSeconds: job.vcpuSeconds,
      gibSeconds: job.gibSeconds,
      gross: job.dollars && job.dollars.vcpu + job.dollars.memory,
    })),
    items,
    total: { gross: sum(items.map(({ gross }) => gross)), net: sum(items.map(({ net }) => net)) },
    alertPolicies:
      policies === 0
        ? undefined
        : { count: policies, low: policies * alertCondition.low, high: policies * alertCondition.high },
    unpriced: used
      .filter(({ job }) => job.dollars === undefined)
      .map(({ worker }) => `${worker.key}: rates unknown for region ${worker.region}`),
    ratesAsOf,
    assumptions: assumptions(running, from),
    notIncluded: notIncluded(plan),
  };
}

/** A worker's year, in seconds. */
interface Year {
  readonly runs: number;
  readonly open: Seconds;
  readonly paid: Seconds;
}

function yearOf(worker: WorkerPlan, from: Instant): Year {
  const to = new Date(from).setUTCFullYear(new Date(from).getUTCFullYear() + 1);
  const { supervised } = worker;
  // Without the runtime nothing ends a shift but the timeout, and nothing knows a holiday.
  const calendar = supervised ? worker.calendar : { ...worker.calendar, holidays: [] };
  const shifts = shiftSpans(calendar, from, to).filter(({ opens }) => opens >= from);
  return {
    runs: shifts.length,
    open: sum(shifts.map(({ opens, closes }) => (closes - opens) / 1000)),
    paid: sum(shifts.map(({ starts, ends }) => (supervised ? (ends - starts) / 1000 : worker.timeout))),
  };
}

function schedulerJobs({ workers, rounds }: StackPlan): number {
  return sum(workers.map(({ starts }) => starts.length)) + (rounds?.rounds.length ?? 0);
}

/** Active versions of the stack's own secrets: those made here, and those that people add and a worker reads. */
function secretVersions({ secrets, workers }: StackPlan): number {
  const read = new Set(
    workers.flatMap(({ secretEnv }) =>
      Object.values(secretEnv).flatMap(({ secretId, version }) =>
        "number" in version ? [`${secretId} ${version.number}`] : [],
      ),
    ),
  );
  return sum(
    secrets.map(({ origin, secretId, rotations }) => {
      if (origin === "existing") return 0;
      return origin === "generated"
        ? rotations.length
        : [...read].filter((key) => key.startsWith(`${secretId} `)).length;
    }),
  );
}

function counted(
  what: CostItem["what"],
  unit: CostItem["unit"],
  quantity: number,
  rate: Dollars,
  free: number,
): CostItem {
  return item(what, unit, quantity, { gross: quantity * rate, free: free * rate });
}

function item(
  what: CostItem["what"],
  unit: CostItem["unit"],
  quantity: number,
  { gross, free }: { gross: Dollars; free: Dollars },
): CostItem {
  return { what, unit, quantity, gross, net: Math.max(0, gross - free) };
}

function assumptions(running: readonly WorkerPlan[], from: Instant): readonly string[] {
  const unsupervised = running.filter(({ supervised }) => !supervised).map(({ key }) => key);
  return [
    "An upper bound: every shift with its lead and its whole drain; a worker may leave earlier. Retries are not in it.",
    `An average month of the year from ${new Date(from).toISOString().slice(0, 10)}; on a holiday the runtime leaves at once.`,
    ...(unsupervised.length === 0
      ? []
      : [`${unsupervised.join(", ")}: without the runtime every start runs until the timeout, on holidays too.`]),
    "The free tier is the billing account's, over all its projects: a second stack finds it used up.",
  ];
}

function notIncluded({ rounds, repository }: StackPlan): readonly string[] {
  return [
    "LiveKit, Twilio, speech and language models, databases",
    ...(rounds === undefined ? [] : [`the service ${rounds.service.name}, which is deployed elsewhere`]),
    "traffic to the internet",
    ...(repository === undefined ? [] : ["storage of images"]),
    "logs beyond what a project has free",
    "manual starts",
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
