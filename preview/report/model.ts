import { horizonRemark } from "../../domain/alerts/plan-alerts.ts";
import { requiredApis } from "../../domain/apis.ts";
import { type MonthlyCost, monthlyCost } from "../../domain/cost.ts";
import { type Coverage, weekOf } from "../../domain/coverage.ts";
import type { Finding } from "../../domain/findings.ts";
import { type NextRun, nextRuns, runAfterChange, type ShiftedRun } from "../../domain/next-runs.ts";
import type { StackPlan } from "../../domain/plan.ts";
import type { Dollars } from "../../domain/prices.ts";
import { type QuotaUse, quotaUse } from "../../domain/quotas.ts";
import { nextSteps, type Operation } from "../../domain/runbook.ts";
import type { SchedulerJobPlan } from "../../domain/scheduler.ts";
import type { Environment } from "../../domain/settings/settings.ts";
import type { Minutes, Weekday } from "../../domain/week.ts";
import { dateAt, type Instant } from "../../domain/zone.ts";
import type { PackConfiguration } from "../../policies/configuration.ts";
import type { PolicyFinding } from "../../policies/finding.ts";
import { type Grant, grantsOf } from "../compare/access.ts";
import type { Comparison } from "../compare/comparison.ts";
import { policiesOn } from "../policies.ts";
import { deviationsOf, type PolicyDeviation } from "../policy-deviations.ts";
import { type DeclaredStack, type MaskedValue, masked } from "../resources.ts";
import { describe } from "./words.ts";

/** One resource of a report. */
export interface ResourceReport {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly kind: string;
  readonly label: string;
  readonly facts: readonly string[];
  readonly parent: string | undefined;
  readonly protect: boolean;
  readonly dependencies: readonly string[];
  readonly inputs: MaskedValue;
}

/** A scheduler job and when it fires next. */
export interface FiringReport {
  readonly name: string;
  readonly timeZone: string;
  readonly cron: string;
  /** Local time and weekdays that `cron` says. */
  readonly at: Minutes;
  readonly days: readonly Weekday[];
  readonly paused: boolean;
  readonly next: readonly NextRun[];
  /** The first run after the zone's next change of its clocks, which moves it in UTC. */
  readonly afterChange: ShiftedRun | undefined;
}

export interface WorkerReport {
  readonly worker: string;
  readonly prepared: boolean;
  readonly timeZone: string;
  /** Local dates that are still to come, whose windows stay closed. */
  readonly holidays: readonly string[];
  readonly week: Coverage;
  readonly starts: readonly FiringReport[];
}

/** Everything that a preview tells about a stack, whatever the form it is told in. */
export interface StackReport {
  readonly stack: string;
  readonly file: string;
  readonly environment: Environment;
  /** Those in which anything is declared. */
  readonly projects: readonly string[];
  readonly resources: readonly ResourceReport[];
  readonly totals: readonly { readonly kind: string; readonly count: number }[];
  readonly workers: readonly WorkerReport[];
  readonly rounds: readonly FiringReport[];
  /** Who may do what. */
  readonly access: readonly Grant[];
  readonly cost: MonthlyCost;
  /** Those that are near, or over. */
  readonly quotas: readonly QuotaUse[];
  readonly remarks: readonly Finding[];
  /** Mandatory ones first. */
  readonly policies: readonly PolicyFinding[];
  /** Rules that the stack has switched off, made weaker, or given exceptions. */
  readonly policyDeviations: readonly PolicyDeviation[];
  /** What people have to do before prepared workers can run. */
  readonly steps: readonly Operation[];
  /** With another revision, where there is one to compare with. */
  readonly comparison?: Comparison;
}

/** Runs shown of each start and round. */
const SHOWN_RUNS = 3;

/**
 * @param now what "next" means; the cost is worked out from that month on
 * @param configuration what the stack sets of the policies
 */
export function stackReport(
  declared: DeclaredStack,
  plan: StackPlan,
  now: Instant,
  configuration?: PackConfiguration,
): StackReport {
  const resources = resourceReports(declared);
  return {
    stack: declared.stack,
    file: `Pulumi.${declared.stack}.yaml`,
    environment: plan.context.environment,
    projects: Object.keys(requiredApis(plan)),
    resources,
    totals: totalsOf(resources),
    workers: plan.workers.map((worker) => ({
      worker: worker.key,
      prepared: worker.prepared,
      timeZone: worker.calendar.timeZone,
      holidays: worker.calendar.holidays.filter((date) => date >= dateAt(worker.calendar.timeZone, now).toString()),
      week: weekOf(worker),
      starts: worker.starts.map((start) => firing(start, now, worker.calendar)),
    })),
    rounds: (plan.rounds?.rounds ?? []).map((round) => firing(round, now)),
    access: grantsOf(declared),
    cost: rounded(monthlyCost(plan, startOfMonth(now), plan.alerts)),
    quotas: quotaUse(plan).filter(({ near }) => near),
    remarks: [...plan.remarks, ...agingRemarks(plan, now)],
    policies: policiesOn(declared, plan.input, configuration),
    policyDeviations: deviationsOf(configuration ?? new Map(), plan.context.environment),
    steps: nextSteps(plan, declared.stack),
  };
}

/** Whether the stack may be deployed: a mandatory policy that fails, or cannot decide, stops it as it stops `pulumi up`. */
export function isAllowed({ policies }: StackReport): boolean {
  return policies.every(({ level }) => level !== "mandatory");
}

/** From the month's first, so that a stack costs the same in every preview of a month. */
function startOfMonth(now: Instant): Instant {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** To a hundredth of a cent: what is beyond it is the noise of adding, such as 0.19999999999999996. */
function money(amount: Dollars): Dollars {
  return Math.round(amount * 10_000) / 10_000;
}

function rounded(cost: MonthlyCost): MonthlyCost {
  const { workers, items, total, alertPolicies } = cost;
  return {
    ...cost,
    workers: workers.map((worker) => ({
      ...worker,
      gross: worker.gross === undefined ? undefined : money(worker.gross),
    })),
    items: items.map((item) => ({ ...item, gross: money(item.gross), net: money(item.net) })),
    total: { gross: money(total.gross), net: money(total.net) },
    alertPolicies: alertPolicies && {
      ...alertPolicies,
      low: money(alertPolicies.low),
      high: money(alertPolicies.high),
    },
  };
}

/** What only a clock knows. */
function agingRemarks({ alerts }: StackPlan, now: Instant): readonly Finding[] {
  const remark = alerts === undefined ? undefined : horizonRemark(now);
  return remark === undefined ? [] : [remark];
}

function firing(
  job: SchedulerJobPlan,
  now: Instant,
  calendar?: StackPlan["workers"][number]["calendar"],
): FiringReport {
  return {
    name: job.name,
    timeZone: job.timeZone,
    cron: job.cron,
    at: job.at,
    days: job.days,
    paused: job.paused === true,
    next: nextRuns(job, now, SHOWN_RUNS, calendar),
    afterChange: runAfterChange(job, now, calendar),
  };
}

/** The resources of a stack in words, in the order of their declaration. */
function resourceReports(declared: DeclaredStack): readonly ResourceReport[] {
  return declared.resources.map((resource) => ({
    urn: resource.urn,
    type: resource.type,
    name: resource.name,
    ...describe(resource),
    parent: resource.parent,
    protect: resource.protect,
    dependencies: resource.dependencies,
    inputs: masked(resource.inputs),
  }));
}

function totalsOf(resources: readonly ResourceReport[]): StackReport["totals"] {
  const kinds = Map.groupBy(
    resources.filter(({ parent }) => parent !== undefined),
    ({ kind }) => kind,
  );
  return [...kinds].map(([kind, { length: count }]) => ({ kind, count })).sort((a, b) => b.count - a.count);
}
