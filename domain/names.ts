import type { Finding } from "./findings.ts";

/** What Google takes as a name of each kind of resource, and what must be distinct from what. */
const rules = {
  /**
   * "49 characters or less": https://docs.cloud.google.com/run/docs/create-jobs (November 2026). The API says "less
   * than 50": https://github.com/pulumi/pulumi-gcp/pull/3167; the provider checks nothing.
   */
  job: { max: 49, form: /^[a-z]([a-z0-9-]*[a-z0-9])?$/ },
  /** https://docs.cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs (November 2026) */
  schedulerJob: { max: 500, form: /^[A-Za-z0-9_-]+$/ },
  /** https://docs.cloud.google.com/iam/docs/service-accounts-create (November 2026): 6 to 30 */
  account: { max: 30, form: /^[a-z]([a-z0-9-]{4,28}[a-z0-9])$/ },
  /** https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/projects.metrics (November 2026); of its letters only PromQL's */
  metric: { max: 100, form: /^[a-z][a-z0-9_]*$/ },
} as const;

export type NameKind = keyof typeof rules;

/** A physical name, with what it was made for: enough to say which two collide. */
export interface PhysicalName {
  readonly kind: NameKind;
  /** Project and region the name must be distinct in. */
  readonly scope: string;
  readonly name: string;
  /** Path of the setting that it follows from. */
  readonly path: string;
}

/** A worker's Cloud Run job: its key. */
export function jobName(worker: string): string {
  return worker;
}

/** The account a worker runs as. */
export function runtimeAccountId(worker: string): string {
  return shorten(worker.length < 6 ? `${worker}-worker` : worker, rules.account.max);
}

/** The account that starts the stack's workers. */
export const startInvokerId = "agent-worker-starts";

/** The account that calls the rounds' service (source 002: `careflow-scheduler`). */
export function roundInvokerId(rounds: string): string {
  return shorten(`${rounds}-scheduler`, rules.account.max);
}

/** The scheduler job that starts a window's shifts (source 001: `dental-agent-start-weekday`). */
export function startName(worker: string, window: string): string {
  return `${worker.replace(/-worker$/, "")}-start-${window}`;
}

/** The scheduler job of a round (source 002: `careflow-morning-rounds`, with hospitals `careflow-morning-rounds-hospital-a`). */
export function roundName(rounds: string, round: string, hospital?: string): string {
  return `${rounds}-${round}-rounds${hospital === undefined ? "" : `-${hospital}`}`;
}

/** An account's address. */
export function accountEmail(accountId: string, project: string): string {
  return `${accountId}@${project}.iam.gserviceaccount.com`;
}

/** What the name of every image in a repository begins with. */
export function imagePrefix({ region, project, repositoryId }: ImagePlace): string {
  return `${region}-docker.pkg.dev/${project}/${repositoryId}`;
}

interface ImagePlace {
  readonly region: string;
  readonly project: string;
  readonly repositoryId: string;
}

/** A log-based metric: letters, digits and underscores alone, so that PromQL reads the name as it is. */
export function metricName(owner: string, key: string): string {
  return shorten(`${owner}-${key}`, rules.metric.max).replaceAll("-", "_");
}

/** Cuts a name to a limit so that two long names with the same beginning stay distinct: the end becomes a hash of the whole. */
export function shorten(name: string, max: number): string {
  if (name.length <= max) return name;
  const hash = fnv1a(name).toString(36).padStart(7, "0");
  return `${name.slice(0, max - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}

/** FNV-1a, 32 bit: http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}

/** What of a stack decides names. */
export interface NamedStack {
  readonly project: string;
  readonly region: string;
  readonly workers: readonly { readonly key: string; readonly windows: readonly string[] }[];
  readonly rounds:
    | {
        readonly name: string;
        readonly project: string;
        readonly region: string;
        readonly daily: readonly string[];
        readonly hospitals: readonly string[];
      }
    | undefined;
}

/**
 * Every physical name that follows from a key of the settings. A window counts even where its shift is merged with
 * another's and needs no start: which ones merge changes with lead and drain, and names must not.
 */
export function physicalNames({ project, region, workers, rounds }: NamedStack): readonly PhysicalName[] {
  const place = `${project}/${region}`;
  return [
    ...(workers.length === 0
      ? []
      : [{ kind: "account", scope: project, name: startInvokerId, path: "workers" } as const]),
    ...workers.flatMap(({ key, windows }): PhysicalName[] => [
      { kind: "job", scope: place, name: jobName(key), path: `workers.${key}` },
      { kind: "account", scope: project, name: runtimeAccountId(key), path: `workers.${key}` },
      ...windows.map((window) => ({
        kind: "schedulerJob" as const,
        scope: place,
        name: startName(key, window),
        path: `workers.${key}.officeHours.week.${window}`,
      })),
    ]),
    ...(rounds === undefined ? [] : roundNames(rounds)),
  ];
}

function roundNames({
  name,
  project,
  region,
  daily,
  hospitals,
}: NonNullable<NamedStack["rounds"]>): readonly PhysicalName[] {
  const scope = `${project}/${region}`;
  const kind = "schedulerJob";
  return [
    { kind: "account", scope: project, name: roundInvokerId(name), path: "rounds.name" },
    ...daily.flatMap((round) => [
      { kind, scope, name: roundName(name, round), path: `rounds.daily.${round}` } as const,
      ...hospitals.map((hospital) => {
        return { kind, scope, name: roundName(name, round, hospital), path: `rounds.hospitals.${hospital}` } as const;
      }),
    ]),
  ];
}

const words: Record<NameKind, string> = {
  job: "Cloud Run job",
  schedulerJob: "scheduler job",
  account: "service account",
  metric: "log-based metric",
};

/** Names that Google would refuse, or that two settings share. */
export function nameFindings(names: readonly PhysicalName[]): readonly Finding[] {
  const findings: Finding[] = [];
  const taken = new Map<string, PhysicalName>();
  for (const entry of names) {
    const { kind, scope, name, path } = entry;
    const { max, form } = rules[kind];
    if (name.length > max) {
      findings.push({
        path,
        problem: `the ${words[kind]} ${name} would have ${name.length} characters, over Google's ${max}.`,
        remedy: "Shorten the key.",
      });
    } else if (!form.test(name)) {
      findings.push({ path, problem: `Google takes no ${words[kind]} named ${name}.`, remedy: "Rename the key." });
    }
    const key = `${kind} ${scope} ${name}`;
    const other = taken.get(key);
    if (other === undefined) taken.set(key, entry);
    else {
      findings.push({
        path,
        problem: `the ${words[kind]} ${name} is already that of ${other.path}.`,
        remedy: "Rename this key.",
      });
    }
  }
  return findings;
}
