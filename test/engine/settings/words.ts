/** The shipped staging stack, in the words of the table. */

export const project = "ortho-ai-staging-485203";
export const roundsProject = "careflow-staging-12345";
export const repository = `us-central1-docker.pkg.dev/${project}/agent-repo`;
export const image = `${repository}/dental-agent-worker`;

export const worker = "dental-agent-worker";
export const job = `job ${worker}`;
export const starts = [`start ${worker}.saturday`, `start ${worker}.weekday`];
export const rounds = ["round evening", "round morning", "round noon"];

const secretIds = [
  "deepgram-key",
  "livekit-api-key",
  "livekit-api-secret",
  "livekit-url",
  "mongodb-uri",
  "openai-key",
  "supabase-key",
  "supabase-url",
];
export const secrets = secretIds.map((id) => `secret ${id}`);
export const rightsOf = (reader: string): readonly string[] =>
  secretIds.map((id) => `right of ${reader} to read ${id}`);

/** Of the starts' log, and of the runtime's. */
export const startMetrics = ["metric starts-attempted", "metric starts-failed", "metric starts-succeeded"];
export const runtimeMetrics = ["metric heartbeats", "metric orphans-quarantined", "metric orphans-recovered"];
/** Of the rounds' log, and of the agent's. */
export const roundMetrics = [
  "metric rounds-attempted",
  "metric rounds-failed",
  "metric rounds-finished",
  "metric rounds-succeeded",
];
export const agentMetrics = ["metric calls-initiated", "metric patients-queried", "metric round-duration"];

export const hourPolicies = ["policy start-missed of the hours", "policy worker-absent of the hours"];
export const runtimePolicies = ["policy heartbeat-silent", "policy orphan-quarantined", "policy orphan-recovered"];
export const workerPolicies = [
  ...hourPolicies,
  ...runtimePolicies,
  "policy execution-failed",
  "policy executions-overlap",
  "policy launch-failed",
  "policy starts-failing",
];
export const roundPolicies = [
  "policy agent-latency",
  "policy round-duration",
  "policy round-failure-rate",
  "policy round-missed-america-new-york",
  "policy round-retry-rate",
  "policy rounds-failing",
];
export const policies = [...workerPolicies, ...roundPolicies];

export const workerDashboard = `dashboard ${project}`;
export const roundsDashboard = `dashboard ${roundsProject}`;
export const channels = [`channel ${project}.oncall`, `channel ${roundsProject}.oncall`];

const apis =
  (...names: readonly string[]) =>
  (of: string) =>
    names.map((name) => `API ${of}.${name}`);
export const workerApis = apis(
  "artifactregistry",
  "cloudscheduler",
  "iam",
  "logging",
  "monitoring",
  "run",
  "secretmanager",
);
export const roundsApis = apis("cloudscheduler", "iam", "logging", "monitoring", "run");

export const container = "template.template.containers[0]";
export const env = (variable: string): string => `${container}.envs.${variable}`;
export const query = "conditions[0].conditionPrometheusQueryLanguage.query";
export const logFilter = "conditions[0].conditionMatchedLog.filter";
export const advice = "documentation.content";
export const title = ["conditions[0].displayName", "displayName"];

/** The same properties of several. */
export function each(
  resources: readonly string[],
  ...properties: readonly string[]
): Record<string, readonly string[]> {
  return Object.fromEntries(resources.map((resource) => [resource, properties]));
}
