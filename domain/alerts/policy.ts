import type { Seconds } from "../duration.ts";
import type { Environment } from "../settings/settings.ts";
import type { AlertPolicyPlan } from "./plan.ts";
import { EVALUATION_INTERVAL } from "./promql.ts";

/**
 * An incident is closed when nothing was seen of it for so long. The API takes no less than 30 minutes.
 * https://docs.cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies (AlertStrategy, November 2026)
 */
const AUTO_CLOSE: Seconds = 1800;

/** How often one log condition tells: often enough that a second worker's failure is not hidden behind the first's. */
const RATE_LIMIT: Seconds = 900;

/** What a person reads who was just woken. */
export interface Advice {
  /** What has happened, and what it costs. */
  readonly means: string;
  readonly steps: readonly string[];
  /** Lines for a shell. */
  readonly commands: readonly string[];
}

interface Told {
  readonly key: string;
  readonly project: string;
  readonly environment: Environment;
  readonly title: string;
  readonly severity: AlertPolicyPlan["severity"];
  readonly advice: Advice;
  readonly metrics?: readonly string[];
}

/** A policy whose query must hold for a while. */
export function whenQuery(told: Told, query: string, duration: Seconds = 0): AlertPolicyPlan {
  return policy(told, { kind: "promql", query, duration, evaluationInterval: EVALUATION_INTERVAL });
}

/** A policy that one log entry sets off. It needs no metric, and tells one job's incident from another's. */
export function whenLogged(told: Told, filter: string, job: "job_id" | "job_name"): AlertPolicyPlan {
  const labelExtractors = { job: `EXTRACT(resource.labels.${job})` };
  return policy(told, { kind: "log", filter, rateLimit: RATE_LIMIT, labelExtractors });
}

function policy(
  { key, project, environment, title, severity, advice, metrics = [] }: Told,
  condition: AlertPolicyPlan["condition"],
): AlertPolicyPlan {
  return {
    key,
    project,
    displayName: shownTitle(`${environment}: ${title}`),
    severity,
    documentation: markdown(advice),
    condition,
    autoClose: AUTO_CLOSE,
    metrics: [...metrics].sort(),
  };
}

/** At most 512 characters: the policy's text in @pulumi/gcp 9.37 (monitoring.AlertPolicy). */
function shownTitle(title: string): string {
  return title.length <= 512 ? title : `${title.slice(0, 511)}…`;
}

function markdown({ means, steps, commands }: Advice): string {
  const numbered = steps.map((step, index) => `${index + 1}. ${step}`);
  return [means, "", "**First steps**", "", ...numbered, "", "```sh", ...commands, "```"].join("\n");
}

/**
 * A shell variable with the name that the commands below it are about. A single name is spelled out; of several, Cloud
 * Monitoring fills in the one that the incident is about, or else the person does.
 *
 * @param filledIn variable of https://docs.cloud.google.com/monitoring/alerts/doc-variables (November 2026)
 */
export function chosen(variable: string, names: readonly string[], filledIn = ""): readonly string[] {
  if (names.length === 1) return [`${variable}=${names[0]}`];
  const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
  return [`# One of ${names.slice(0, 10).join(", ")}${more}:`, `${variable}=${filledIn}`];
}

/** The job of an incident, as each kind of condition knows it. */
export const incident = {
  execution: `\${metric_or_resource.label.job_name}`,
  schedule: `\${metric_or_resource.label.job_id}`,
  logged: `\${log.extracted_label.job}`,
} as const;
