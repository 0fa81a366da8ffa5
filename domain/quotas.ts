import type { AlertsPlan } from "./alerts/plan.ts";
import type { Finding } from "./findings.ts";
import type { RoundsPlan } from "./rounds.ts";
import type { SecretPlan } from "./secrets.ts";
import type { WorkerPlan } from "./worker.ts";

/** A limit of Google's that a stack can come near. */
interface Limit {
  readonly of: number;
  /** A quota can be raised on request; a system limit cannot. */
  readonly adjustable: boolean;
}

const limits = {
  /** Per project and region. https://docs.cloud.google.com/run/quotas (November 2026) */
  "Cloud Run jobs": { of: 1000, adjustable: true },
  /** Per project and region, all jobs together. https://docs.cloud.google.com/run/quotas (November 2026) */
  "executions at once": { of: 1000, adjustable: true },
  /** Per container. https://docs.cloud.google.com/run/docs/configuring/jobs/environment-variables (November 2026) */
  "environment variables": { of: 1000, adjustable: false },
  /** Bytes of one variable's value. https://docs.cloud.google.com/run/quotas (32 kB in an older copy of the page; not read anew) */
  "bytes of a variable": { of: 32_768, adjustable: false },
  /** Per project and region; older projects may still have 1,000. https://docs.cloud.google.com/scheduler/quotas (November 2026) */
  "scheduler jobs": { of: 5000, adjustable: true },
  /** Per project. https://docs.cloud.google.com/iam/quotas (November 2026) */
  "service accounts": { of: 100, adjustable: true },
  /** Principals in one resource's allow policy. https://docs.cloud.google.com/iam/quotas (November 2026) */
  "readers of a secret": { of: 1500, adjustable: false },
  /** Per project. https://docs.cloud.google.com/logging/quotas (as remembered: no copy of the page that says so was found in November 2026) */
  "log-based metrics": { of: 500, adjustable: false },
  /** Characters of a metric's or a condition's filter. https://docs.cloud.google.com/logging/quotas (November 2026) */
  "characters of a log filter": { of: 20_000, adjustable: false },
  /** Per project (its metrics scope). https://docs.cloud.google.com/monitoring/quotas (July 2026; 500 in 2022) */
  "alert policies": { of: 2000, adjustable: false },
  /** Per project (its metrics scope). https://docs.cloud.google.com/monitoring/quotas (as remembered: no copy of the page that says so was found in November 2026) */
  "notification channels": { of: 4000, adjustable: false },
  /** Channels that one policy tells. https://docs.cloud.google.com/monitoring/quotas (July 2026) */
  "channels of an alert policy": { of: 16, adjustable: false },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;

/** Where splitting the stack does not help. */
const remedies: Partial<Record<LimitName, string>> = {
  "environment variables": "This limit cannot be raised: give the worker fewer.",
  "bytes of a variable":
    "This limit cannot be raised: shorten the value (of AGENT_CALENDAR: fewer windows and holidays in officeHours).",
};

/** From which share of a limit on somebody should know: there is time to ask Google for more. */
const NEAR = 0.8;

/** How much of a limit the stack itself uses; what else is in the project comes on top. */
export interface QuotaUse {
  readonly limit: LimitName;
  readonly used: number;
  readonly of: number;
  /** What the limit counts in: project, project/region, or the one resource that comes nearest. */
  readonly scope: string;
  readonly adjustable: boolean;
  /** From 80 % on. */
  readonly near: boolean;
  readonly over: boolean;
  /** The setting that the use follows from. */
  readonly path: string;
}

/** What of a stack is counted: a `StackPlan`, or as much of one. */
export interface CountedStack {
  readonly workers: readonly WorkerPlan[];
  readonly starts: { readonly project: string } | undefined;
  readonly secrets: readonly SecretPlan[];
  readonly rounds: RoundsPlan | undefined;
  readonly alerts?: AlertsPlan | undefined;
}

/** How much of Google's limits a stack uses, one entry a limit and scope. */
export function quotaUse(stack: CountedStack): readonly QuotaUse[] {
  const { alerts } = stack;
  return [...workerUse(stack), ...projectUse(stack), ...(alerts === undefined ? [] : alertUse(alerts))].filter(
    ({ used }) => used > 0,
  );
}

/** Uses that cannot be deployed: Google raises no system limit. A quota is Google's to raise, and only reported. */
export function quotaFindings(uses: readonly QuotaUse[]): readonly Finding[] {
  return uses
    .filter(({ over, adjustable }) => over && !adjustable)
    .map(({ limit, used, of, scope, path }) => ({
      path,
      problem: `${used.toLocaleString("en")} ${limit} (${scope}) are over the ${of.toLocaleString("en")} that Google allows.`,
      remedy: remedies[limit] ?? "This limit cannot be raised: split the stack, or use fewer.",
    }));
}

function workerUse({ workers }: CountedStack): readonly QuotaUse[] {
  const running = workers.filter(({ prepared }) => !prepared);
  const regions = countBy(running, ({ project, region }) => `${project}/${region}`);
  const variables = workers.map(({ key, env, secretEnv }) => ({
    scope: key,
    used: Object.keys(env).length + Object.keys(secretEnv).length,
  }));
  const values = workers.flatMap(({ key, env }) =>
    Object.entries(env).map(([name, value]) => ({
      scope: `${key} ${name}`,
      key,
      used: new TextEncoder().encode(value).length,
    })),
  );
  const mostVariables = most(variables);
  const longest = most(values);
  return [
    ...regions.map(({ scope, used }) => use("Cloud Run jobs", scope, used, "workers")),
    // At most one a worker: a second one beside it leaves by itself.
    ...regions.map(({ scope, used }) => use("executions at once", scope, used, "workers")),
    ...mostVariables.map(({ scope, used }) => use("environment variables", scope, used, `workers.${scope}.env`)),
    ...longest.map(({ scope, key, used }) => use("bytes of a variable", scope, used, `workers.${key}.env`)),
  ];
}

function projectUse({ workers, starts, rounds, secrets }: CountedStack): readonly QuotaUse[] {
  const scheduled = [...workers.flatMap((worker) => worker.starts), ...(rounds?.rounds ?? [])];
  const jobs = countBy(scheduled, ({ project, region }) => `${project}/${region}`);
  const invokers = [starts, rounds].filter((invoker) => invoker !== undefined);
  const accounts = countBy([...workers, ...invokers], ({ project }) => project);
  const readers = most(secrets.map(({ secretId, readers }) => ({ scope: secretId, used: readers.length })));
  const path = workers.length > 0 ? "workers" : "rounds";
  return [
    ...jobs.map(({ scope, used }) => use("scheduler jobs", scope, used, path)),
    ...accounts.map(({ scope, used }) => use("service accounts", scope, used, path)),
    ...readers.map(({ scope, used }) => use("readers of a secret", scope, used, "workers")),
  ];
}

function alertUse({ channels, metrics, policies }: AlertsPlan): readonly QuotaUse[] {
  const project = ({ project }: { readonly project: string }) => project;
  const channelsIn = countBy(channels, project);
  const own = countBy(
    channels.filter(({ target }) => target.kind !== "existing"),
    project,
  );
  const filters = [
    ...metrics.map(({ name, filter }) => ({ scope: name, used: filter.length })),
    ...policies.flatMap(({ displayName, condition }) =>
      condition.kind === "log" ? [{ scope: displayName, used: condition.filter.length }] : [],
    ),
  ];
  const toldBy = channelsIn.filter(({ scope }) => policies.some((policy) => policy.project === scope));
  return [
    ...countBy(metrics, project).map(({ scope, used }) => use("log-based metrics", scope, used, "alerts")),
    ...most(filters).map(({ scope, used }) => use("characters of a log filter", scope, used, "workers")),
    ...countBy(policies, project).map(({ scope, used }) => use("alert policies", scope, used, "alerts")),
    ...own.map(({ scope, used }) => use("notification channels", scope, used, "alerts.channels")),
    ...toldBy.map(({ scope, used }) => use("channels of an alert policy", scope, used, "alerts.channels")),
  ];
}

function use(limit: LimitName, scope: string, used: number, path: string): QuotaUse {
  const { of, adjustable } = limits[limit];
  return { limit, used, of, scope, adjustable, near: used >= NEAR * of, over: used > of, path };
}

function countBy<T>(things: readonly T[], scopeOf: (thing: T) => string): readonly { scope: string; used: number }[] {
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(scopeOf(thing), (counts.get(scopeOf(thing)) ?? 0) + 1);
  return [...counts].map(([scope, used]) => ({ scope, used }));
}

/** The one that uses most: for limits of one resource, the others are farther away. */
function most<T extends { readonly used: number }>(things: readonly T[]): readonly T[] {
  const [first] = [...things].sort((a, b) => b.used - a.used);
  return first === undefined ? [] : [first];
}
