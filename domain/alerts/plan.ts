import type { Seconds } from "../duration.ts";

/**
 * How somebody is told. Exists once in each project whose policies tell them.
 *
 * `serviceKey`, `token` and the webhook's `url` are secrets of the stack.
 */
export interface ChannelPlan {
  /** The key in the settings. */
  readonly key: string;
  readonly project: string;
  readonly target:
    | { readonly kind: "existing"; readonly name: string }
    | { readonly kind: "email"; readonly address: string }
    | { readonly kind: "pagerduty"; readonly serviceKey: string }
    | { readonly kind: "slack"; readonly channel: string; readonly token: string }
    | { readonly kind: "webhook"; readonly url: string };
}

/** The kinds of resource whose log entries are counted. A metric counts those of one kind, and queries must state it. */
export type LoggedResource = "cloud_scheduler_job" | "cloud_run_job" | "cloud_run_revision";

/** A log-based metric: counts entries, or, with an extractor, the distribution of a value. */
export interface LogMetricPlan {
  /** Stable key, part of the resource's logical name. */
  readonly key: string;
  readonly project: string;
  /** Physical name: lower-case letters, digits and underscores, so that PromQL reads it as it is. */
  readonly name: string;
  readonly resource: LoggedResource;
  readonly description: string;
  readonly filter: string;
  readonly distribution?: {
    readonly valueExtractor: string;
    readonly unit: string;
    readonly buckets: { readonly scale: number; readonly growthFactor: number; readonly count: number };
  };
}

/** An alert policy with its one condition. */
export interface AlertPolicyPlan {
  /** Stable key, part of the resource's logical name. */
  readonly key: string;
  readonly project: string;
  readonly displayName: string;
  readonly severity: "CRITICAL" | "ERROR" | "WARNING";
  /** Markdown: what it means, what to do at night, the command. */
  readonly documentation: string;
  readonly condition:
    | {
        readonly kind: "promql";
        readonly query: string;
        /** How long the query must hold. */
        readonly duration: Seconds;
        /** A multiple of 30. */
        readonly evaluationInterval: Seconds;
      }
    | {
        readonly kind: "log";
        readonly filter: string;
        /** The API takes a rate limit on log conditions only. */
        readonly rateLimit: Seconds;
        /** Which labels of the entry tell one incident from another. */
        readonly labelExtractors?: Readonly<Record<string, string>>;
      };
  /** The API refuses less than 30 minutes. */
  readonly autoClose: Seconds;
  /** Keys of the log-based metrics that the query reads. */
  readonly metrics: readonly string[];
}

/** Everything that is decided about alerts, sorted by key in each list: their order is part of what Google compares. */
export interface AlertsPlan {
  readonly channels: readonly ChannelPlan[];
  readonly metrics: readonly LogMetricPlan[];
  readonly policies: readonly AlertPolicyPlan[];
}

/** A dashboard, as the JSON that Cloud Monitoring takes. */
export interface DashboardPlan {
  readonly project: string;
  readonly displayName: string;
  /** Without zeros, empty texts and empty lists: Google leaves them out, and every preview would show a difference. */
  readonly json: Readonly<Record<string, unknown>>;
}
