import { Metric } from "@pulumi/gcp/logging/index.js";
import { AlertPolicy } from "@pulumi/gcp/monitoring/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { AlertPolicyPlan, AlertsPlan, LogMetricPlan } from "../domain/alerts/plan.ts";
import { apiDuration } from "../domain/duration.ts";
import { labelsFor } from "../domain/labels.ts";
import type { ContextArgs } from "./checked.ts";
import { type Channels, notificationChannels } from "./notification-channels.ts";

export interface AlertsArgs extends Pick<ContextArgs, "environment" | "labels"> {
  /** What is watched, and who is told. */
  readonly plan: AlertsPlan;
}

/** The stack's log-based metrics, alert policies and notification channels. */
export class Alerts extends pulumi.ComponentResource {
  /** The policies' names, as Cloud Monitoring gave them, by key. */
  readonly policies: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: AlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("agent-worker:monitoring:Alerts", name, {}, opts);
    const { plan, environment } = args;
    const labels = labelsFor(args.labels ?? {}, environment, "alerts");
    const metrics = Object.fromEntries(plan.metrics.map((metric) => [metric.key, logMetric(name, metric, this)]));
    const channels = notificationChannels(name, plan.channels, labels, this);
    const policies = plan.policies.map((policy) => {
      const reads = policy.metrics.flatMap((key) => metrics[key] ?? []);
      return [policy.key, alertPolicy(name, policy, channels, reads, labels, this)] as const;
    });
    this.policies = Object.fromEntries(policies.map(([key, policy]) => [key, policy.name]));
    this.registerOutputs({ policies: this.policies });
  }
}

function logMetric(prefix: string, plan: LogMetricPlan, parent: pulumi.Resource): Metric {
  const { project, name, description, filter, distribution } = plan;
  return new Metric(
    `${prefix}-${plan.key}-metric`,
    {
      project,
      name,
      description,
      filter,
      // Always given: without it the provider finds a difference in what Google fills in.
      metricDescriptor: {
        metricKind: "DELTA",
        valueType: distribution === undefined ? "INT64" : "DISTRIBUTION",
        unit: distribution?.unit ?? "1",
      },
      ...(distribution === undefined
        ? {}
        : {
            valueExtractor: distribution.valueExtractor,
            bucketOptions: {
              exponentialBuckets: {
                scale: distribution.buckets.scale,
                growthFactor: distribution.buckets.growthFactor,
                numFiniteBuckets: distribution.buckets.count,
              },
            },
          }),
    },
    { parent },
  );
}

function alertPolicy(
  prefix: string,
  plan: AlertPolicyPlan,
  channels: Channels,
  reads: readonly Metric[],
  labels: Readonly<Record<string, string>>,
  parent: pulumi.Resource,
): AlertPolicy {
  return new AlertPolicy(
    `${prefix}-${plan.key}`,
    {
      project: plan.project,
      displayName: plan.displayName,
      enabled: true,
      severity: plan.severity,
      documentation: { content: plan.documentation, mimeType: "text/markdown" },
      userLabels: { ...labels },
      notificationChannels: [...(channels[plan.project] ?? [])],
      combiner: "OR",
      conditions: [{ displayName: plan.displayName, ...condition(plan) }],
      alertStrategy: {
        autoClose: apiDuration(plan.autoClose),
        ...(plan.condition.kind === "log"
          ? { notificationRateLimit: { period: apiDuration(plan.condition.rateLimit) } }
          : {}),
      },
    },
    { parent, dependsOn: [...reads] },
  );
}

function condition({ condition }: AlertPolicyPlan) {
  switch (condition.kind) {
    case "log": {
      const { filter, labelExtractors } = condition;
      return {
        conditionMatchedLog: {
          filter,
          ...(labelExtractors === undefined ? {} : { labelExtractors: { ...labelExtractors } }),
        },
      };
    }
    case "promql":
      return {
        conditionPrometheusQueryLanguage: {
          query: condition.query,
          duration: apiDuration(condition.duration),
          evaluationInterval: apiDuration(condition.evaluationInterval),
          // A metric exists only once something was written to it; the API answers 404 until then.
          disableMetricValidation: true,
        },
      };
  }
}
