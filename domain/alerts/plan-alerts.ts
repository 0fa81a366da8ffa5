import type { StackContext } from "../context.ts";
import type { Finding } from "../findings.ts";
import type { RoundsPlan } from "../rounds.ts";
import type { AlertsSettings } from "../settings/alerts.ts";
import type { WorkerPlan } from "../worker.ts";
import { HORIZON, HORIZON_END, type Instant } from "../zone.ts";
import { byCalendar } from "./calendars.ts";
import { planChannels } from "./channels.ts";
import { agentLatency, roundDuration } from "./conditions/agent.ts";
import { executionFailed, overlap, workerAbsent } from "./conditions/executions.ts";
import { heartbeatSilent, orphanQuarantined, orphanRecovered } from "./conditions/heartbeats.ts";
import { failureRate, retryRate, roundsFailing, roundsMissed } from "./conditions/rounds.ts";
import { launchFailed, startMissed, startsFailing } from "./conditions/starts.ts";
import type { WatchedRounds, WatchedWorkers } from "./conditions/watched.ts";
import { roundMetrics, supervised, workerMetrics } from "./metrics.ts";
import type { AlertPolicyPlan, AlertsPlan } from "./plan.ts";

/** What of a stack is watched: a `StackPlan`, or as much of one. */
export interface WatchedStack {
  readonly context: StackContext;
  readonly settings: { readonly alerts?: AlertsSettings | undefined };
  readonly workers: readonly WorkerPlan[];
  readonly rounds: RoundsPlan | undefined;
}

/**
 * Decides what is counted, what wakes whom, and why: one policy for each condition (for absences, each calendar) in the
 * project of what it watches.
 *
 * @returns undefined for a stack without alerts
 */
export function planAlerts(stack: WatchedStack): AlertsPlan | undefined {
  const settings = stack.settings.alerts;
  if (settings === undefined) return undefined;
  const workers = watchedWorkers(stack, settings);
  const rounds = watchedRounds(stack, settings);
  const metrics = [...(workers?.metrics ?? []), ...(rounds?.metrics ?? [])];
  const policies = [
    ...(workers === undefined ? [] : ofWorkers(workers)),
    ...(rounds === undefined ? [] : ofRounds(rounds)),
  ];
  const projects = new Set(policies.map(({ project }) => project));
  return {
    channels: sorted(planChannels(settings, [...projects].sort())),
    metrics: sorted(metrics),
    policies: sorted(policies),
  };
}

/** The workers that can be watched: a prepared one has no job yet. */
export function watchedWorkers(
  { context, workers }: WatchedStack,
  settings: AlertsSettings,
): WatchedWorkers | undefined {
  const deployed = workers.filter(({ prepared }) => !prepared);
  if (deployed.length === 0) return undefined;
  const { environment, project, region } = context;
  const metrics = workerMetrics(project, deployed);
  return { environment, project, region, settings, metrics, workers: deployed };
}

export function watchedRounds({ context, rounds }: WatchedStack, settings: AlertsSettings): WatchedRounds | undefined {
  if (rounds === undefined) return undefined;
  const { project, region } = rounds;
  return {
    environment: context.environment,
    project,
    region,
    settings,
    metrics: roundMetrics(rounds, settings),
    plan: rounds,
  };
}

function ofWorkers(watched: WatchedWorkers): readonly AlertPolicyPlan[] {
  const calendars = byCalendar(watched.workers);
  const speaking = { ...watched, workers: supervised(watched.workers) };
  return [
    launchFailed(watched),
    startsFailing(watched),
    ...calendars.map((same) => startMissed(watched, same)),
    executionFailed(watched),
    ...calendars.flatMap((same) => workerAbsent(watched, same) ?? []),
    overlap(watched),
    ...(speaking.workers.length === 0
      ? []
      : [heartbeatSilent(speaking), orphanRecovered(speaking), orphanQuarantined(speaking)]),
  ];
}

function ofRounds(watched: WatchedRounds): readonly AlertPolicyPlan[] {
  return [
    ...roundsMissed(watched),
    roundsFailing(watched),
    failureRate(watched),
    retryRate(watched),
    agentLatency(watched),
    roundDuration(watched),
  ];
}

function sorted<T extends { readonly key: string; readonly project: string }>(all: readonly T[]): readonly T[] {
  const order = ({ key, project }: T) => `${key} ${project}`;
  return [...all].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

const YEAR = 365 * 86_400_000;

/**
 * Warns while there is time: past the horizon the alerts' queries know no change of any clock.
 *
 * @returns undefined while a year or more remains
 */
export function horizonRemark(now: Instant): Finding | undefined {
  const left = HORIZON_END - now;
  if (left >= YEAR) return undefined;
  const months = Math.max(0, Math.floor((left / YEAR) * 12));
  return {
    path: "alerts",
    problem: `know zone changes and holidays until the end of ${HORIZON.last} alone, ${months} months from now.`,
    remedy: "Raise HORIZON in domain/zone.ts and deploy.",
  };
}
