import type { StackPlan } from "./plan.ts";

/** Google's APIs that a stack can need. */
export type Api =
  `${"artifactregistry" | "cloudscheduler" | "iam" | "logging" | "monitoring" | "run" | "secretmanager"}.googleapis.com`;

/** The APIs that each project must have enabled, for what the stack declares in it. */
export function requiredApis(plan: StackPlan): Readonly<Record<string, readonly Api[]>> {
  const { context, settings, repository, workers, secrets, rounds } = plan;
  const needed = new Map<string, Set<Api>>();
  const need = (project: string, ...apis: readonly Api[]) =>
    needed.set(project, new Set([...(needed.get(project) ?? []), ...apis]));
  const watched: readonly Api[] =
    settings.alerts === undefined ? [] : ["logging.googleapis.com", "monitoring.googleapis.com"];
  const calls: readonly Api[] = ["cloudscheduler.googleapis.com", "iam.googleapis.com", "run.googleapis.com"];

  if (workers.length > 0) need(context.project, ...calls, ...watched);
  if (secrets.length > 0) need(context.project, "secretmanager.googleapis.com");
  if (rounds !== undefined) need(rounds.project, ...calls, ...watched);
  if (repository !== undefined) need(repository.project, "artifactregistry.googleapis.com");
  return Object.fromEntries([...needed].map(([project, apis]) => [project, [...apis].sort()]));
}
