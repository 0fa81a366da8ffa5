import { type Calendar, taskTimeout } from "./calendar.ts";
import type { StackContext } from "./context.ts";
import { CONTRACT_VERSION, encodeCalendar, RUNTIME_PATH, variable } from "./contract.ts";
import { formatDuration, type Seconds } from "./duration.ts";
import type { Cpu } from "./envelope.ts";
import { formatWindow, type Shift, shiftsOfWeek, startsOfWeek } from "./hours.ts";
import { labelsFor } from "./labels.ts";
import { accountEmail, jobName, runtimeAccountId, startName } from "./names.ts";
import type { SchedulerJobPlan } from "./scheduler.ts";
import type { WorkerSettings } from "./settings/worker.ts";
import { tokenFor } from "./target.ts";

/** Where a worker's variable comes from. */
export interface SecretReference {
  readonly secretId: string;
  /** A number or `latest`; or the rotation whose version it is. */
  readonly version: { readonly number: string } | { readonly rotation: string };
}

/** A start of shifts, with the window whose shifts it starts. */
export interface StartPlan extends SchedulerJobPlan {
  readonly window: string;
}

/** Everything that is decided about a worker. */
export interface WorkerPlan {
  readonly key: string;
  readonly jobName: string;
  readonly project: string;
  readonly region: string;
  readonly protect: boolean;
  /** Without one the worker is only prepared: no Job, no starts. */
  readonly image: string | undefined;
  readonly prepared: boolean;
  readonly accountId: string;
  readonly accountEmail: string;
  readonly cpu: Cpu;
  readonly memory: string;
  /** Whether the runtime is the entry point: what keeps the calendar, and writes heartbeats. */
  readonly supervised: boolean;
  /** Entry point and arguments of the container; empty for the image's own. */
  readonly entryPoint: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, SecretReference>>;
  readonly timeout: Seconds;
  /** Whether the settings gave the timeout, rather than the hours. */
  readonly timeoutGiven: boolean;
  readonly maxRetries: number;
  readonly heartbeat: {
    readonly interval: Seconds;
    /** The silence that counts as death. */
    readonly orphanAfter: Seconds;
  };
  readonly calendar: Calendar;
  readonly shifts: readonly Shift[];
  /** None while the worker is only prepared. */
  readonly starts: readonly StartPlan[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * How a start is attempted: a start that comes five minutes late is better than none.
 *
 * `:run` answers within seconds, as soon as the execution exists, so the deadline is only for a call that hangs:
 * Google's own default, stated since what is left out is not reset. Five retries are Cloud Scheduler's most. Both:
 * https://docs.cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs (November 2026)
 */
const startAttempts = {
  attemptDeadline: 180,
  retry: { count: 5, minBackoff: 30, maxBackoff: 300, maxDoublings: 5 },
} as const;

/** Decides everything about a worker from its settings, which are right by themselves (`workerSchema`). */
export function planWorker(key: string, settings: WorkerSettings, context: StackContext): WorkerPlan {
  const { project, region, environment } = context;
  const { officeHours, lead, drain, image } = settings;
  const calendar: Calendar = { ...officeHours, lead, drain };
  const { shifts, derivedTimeout } = shiftsOf(calendar);
  const accountId = runtimeAccountId(key);
  const name = jobName(key);
  return {
    key,
    jobName: name,
    project,
    region,
    protect: context.protect,
    image,
    prepared: image === undefined,
    accountId,
    accountEmail: accountEmail(accountId, project),
    cpu: settings.cpu,
    memory: settings.memory,
    supervised: settings.supervise,
    entryPoint: settings.supervise ? [RUNTIME_PATH] : [],
    args: settings.supervise ? ["--", ...(settings.command ?? [])] : [],
    env: { ...contractEnv(settings, calendar, name, context), ...settings.env },
    secretEnv: secretReferences(settings),
    timeout: settings.timeout ?? derivedTimeout,
    timeoutGiven: settings.timeout !== undefined,
    maxRetries: settings.maxRetries,
    heartbeat: settings.heartbeat,
    calendar,
    shifts,
    starts: image === undefined ? [] : planStarts(key, calendar, shifts, context),
    labels: labelsFor(context.labels, environment, "worker"),
  };
}

/** How a run of some workers ends, for people who start one by hand. */
export function endOfRun(workers: readonly Pick<WorkerPlan, "supervised">[]): string {
  const left = workers.filter(({ supervised }) => !supervised).length;
  if (left === 0) return "It leaves at closing by itself.";
  const alone = "runs until its timeout, or until it ends by itself";
  return left === workers.length
    ? `Without the runtime it ${alone}.`
    : `It leaves at closing by itself; a worker without the runtime ${alone}.`;
}

/** The full name by which Google's APIs know a Job. */
export function jobResource(project: string, region: string, job: string): string {
  return `projects/${project}/locations/${region}/jobs/${job}`;
}

/** The call that starts one execution. https://docs.cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs/run */
export function runUri(project: string, region: string, job: string): string {
  return `https://run.googleapis.com/v2/${jobResource(project, region, job)}:run`;
}

function contractEnv(
  { supervise, heartbeat }: WorkerSettings,
  calendar: Calendar,
  job: string,
  { environment, project, region }: StackContext,
): Record<string, string> {
  const own = { [variable.environment]: environment === "prod" ? "production" : "development" };
  if (!supervise) return own;
  return {
    ...own,
    [variable.contract]: String(CONTRACT_VERSION),
    [variable.job]: jobResource(project, region, job),
    [variable.calendar]: encodeCalendar(calendar),
    [variable.heartbeatInterval]: formatDuration(heartbeat.interval),
    [variable.orphanAfter]: formatDuration(heartbeat.orphanAfter),
  };
}

function secretReferences({ secrets }: WorkerSettings): Record<string, SecretReference> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, { secret, version, generate }]) => {
      const rotation = generate?.rotations.at(-1);
      return [name, { secretId: secret, version: rotation === undefined ? { number: version ?? "" } : { rotation } }];
    }),
  );
}

function planStarts(
  key: string,
  { timeZone, lead }: Calendar,
  shifts: readonly Shift[],
  { project, region }: StackContext,
): readonly StartPlan[] {
  const uri = runUri(project, region, jobName(key));
  return startsOfWeek(shifts, lead).map(({ window, days, at, cron }) => ({
    name: startName(key, window.name),
    window: window.name,
    project,
    region,
    description: `Starts ${key} for ${window.name}, ${formatWindow(window)} ${timeZone}`,
    cron,
    timeZone,
    at,
    days,
    uri,
    token: tokenFor(uri),
    ...startAttempts,
  }));
}

/** Many workers share a calendar, and following a zone through its changes takes milliseconds. */
const known = new Map<string, { shifts: readonly Shift[]; derivedTimeout: Seconds }>();

function shiftsOf(calendar: Calendar): { shifts: readonly Shift[]; derivedTimeout: Seconds } {
  const key = encodeCalendar({ ...calendar, holidays: [] });
  const before = known.get(key);
  if (before !== undefined) return before;
  const shifts = shiftsOfWeek(calendar.windows, calendar);
  if (shifts === "endless") throw new Error("endless office hours reached the plan: workerSchema refuses them");
  const found = { shifts, derivedTimeout: taskTimeout(calendar.timeZone, shifts, calendar) };
  known.set(key, found);
  return found;
}
