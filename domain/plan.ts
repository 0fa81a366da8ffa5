import { channelFindings } from "./alerts/channels.ts";
import { planDashboard } from "./alerts/dashboard.ts";
import type { AlertsPlan, DashboardPlan } from "./alerts/plan.ts";
import { planAlerts } from "./alerts/plan-alerts.ts";
import { isProtected, type StackContext } from "./context.ts";
import { type Finding, FindingsError } from "./findings.ts";
import { labelsFor } from "./labels.ts";
import { accountEmail, startInvokerId } from "./names.ts";
import { quotaFindings, quotaUse } from "./quotas.ts";
import { remarksOn } from "./remarks.ts";
import { planRounds, type RoundsPlan } from "./rounds.ts";
import { planSecrets, type SecretPlan } from "./secrets.ts";
import { inspectValue } from "./settings/read.ts";
import { type Settings, type SettingsInput, settingsSchema } from "./settings/settings.ts";
import { stackFindings } from "./settings/stack.ts";
import { planWorker, type WorkerPlan } from "./worker.ts";

/** The repository of the workers' images. */
export interface RepositoryPlan {
  readonly repositoryId: string;
  readonly project: string;
  readonly region: string;
  readonly immutableTags: boolean;
  readonly protect: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** The account that starts the stack's workers. */
export interface StartsPlan {
  readonly project: string;
  readonly accountId: string;
  readonly accountEmail: string;
  readonly displayName: string;
}

/** What a stack is: plain values that the program, the preview, the policies and the tests all read. */
export interface StackPlan {
  readonly context: StackContext;
  /** As written, once it is known to be right: what the components take. */
  readonly input: SettingsInput;
  /** Parsed, with every default. */
  readonly settings: Settings;
  readonly repository: RepositoryPlan | undefined;
  readonly secrets: readonly SecretPlan[];
  readonly workers: readonly WorkerPlan[];
  /** Absent in a stack without workers. */
  readonly starts: StartsPlan | undefined;
  readonly rounds: RoundsPlan | undefined;
  /** Absent in a stack whose settings have none. */
  readonly alerts: AlertsPlan | undefined;
  readonly dashboards: readonly DashboardPlan[];
  /** What is allowed, and still worth a second look. */
  readonly remarks: readonly Finding[];
}

/**
 * Reads a stack's configuration, and decides everything that follows from it.
 *
 * @param configuration as in the stack file below `config`, without the project's namespace: `{ "gcp:project": …, workers: … }`
 * @param found what is already known to be wrong with it
 * @throws FindingsError with everything that is wrong, from all sections
 */
export function planStack(configuration: unknown, found: readonly Finding[] = []): StackPlan {
  const { value: settings, findings } = inspectValue(settingsSchema, configuration);
  const between = [...found, ...stackFindings(configuration)];
  if (settings === undefined || between.length > 0) throw new FindingsError([...findings, ...between]);

  const context: StackContext = {
    environment: settings.environment,
    project: settings["gcp:project"],
    region: settings["gcp:region"],
    labels: settings.labels,
    protect: isProtected(settings.environment, settings.protect),
  };
  const workers = Object.entries(settings.workers).map(([key, worker]) => planWorker(key, worker, context));
  const rounds = settings.rounds === undefined ? undefined : planRounds(settings.rounds, context);
  const starts = workers.length === 0 ? undefined : planStarts(context);
  const secrets = planSecrets(settings.workers, context);
  const watched = { context, settings, workers, rounds };
  const alerts = planAlerts(watched);
  const projects = [...new Set(alerts?.policies.map(({ project }) => project))].sort();
  const refused = [
    ...(settings.alerts === undefined || projects.length === 0 ? [] : channelFindings(settings.alerts, projects)),
    ...quotaFindings(quotaUse({ workers, starts, secrets, rounds, alerts })),
  ];
  if (refused.length > 0) throw new FindingsError(refused);
  return {
    context,
    input: configuration as SettingsInput,
    settings,
    repository: planRepository(settings, context),
    secrets,
    workers,
    starts,
    rounds,
    alerts,
    dashboards: planDashboard(watched),
    remarks: remarksOn(settings, workers, rounds),
  };
}

function planStarts({ project }: StackContext): StartsPlan {
  return {
    project,
    accountId: startInvokerId,
    accountEmail: accountEmail(startInvokerId, project),
    displayName: "Starts of the workers",
  };
}

function planRepository({ images }: Settings, context: StackContext): RepositoryPlan | undefined {
  if (images === undefined) return undefined;
  return {
    repositoryId: images.repository,
    project: images.project ?? context.project,
    region: images.region ?? context.region,
    immutableTags: context.environment === "prod",
    protect: context.protect,
    labels: labelsFor(context.labels, context.environment, "images"),
  };
}
