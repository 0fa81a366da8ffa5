import type { RoundsPlan } from "../../rounds.ts";
import type { AlertsSettings } from "../../settings/alerts.ts";
import type { Environment } from "../../settings/settings.ts";
import type { WorkerPlan } from "../../worker.ts";
import type { LogMetricPlan } from "../plan.ts";

interface Watched {
  readonly environment: Environment;
  readonly project: string;
  readonly region: string;
  readonly settings: AlertsSettings;
  /** The log-based metrics that queries may read. */
  readonly metrics: readonly LogMetricPlan[];
}

/** The deployed workers of a stack: a prepared one has nothing that could fail. */
export interface WatchedWorkers extends Watched {
  readonly workers: readonly WorkerPlan[];
}

export interface WatchedRounds extends Watched {
  readonly plan: RoundsPlan;
}
