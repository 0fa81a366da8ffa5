/** Resources as rules see them: each as our stacks declare it, and then changed. */
import { encodeCalendar } from "../../domain/contract.ts";
import type { StackResource } from "../../policies/rule.ts";
import * as type from "../../policies/types.ts";
import { isList, isMap, type Properties, UNKNOWN, type Value } from "../../policies/value.ts";
import { calendar, dental } from "../domain/clinic.ts";

/** Changes by dotted path; `undefined` takes what is there away. */
export type Changes = Readonly<Record<string, Value | undefined>>;

export interface Surroundings {
  readonly name?: string;
  readonly protect?: boolean;
  readonly dependencies?: Readonly<Record<string, readonly StackResource[]>>;
}

export function resource(
  kind: string,
  inputs: Properties,
  changes: Changes = {},
  { name = "it", protect = true, dependencies = {} }: Surroundings = {},
): StackResource {
  return {
    urn: `urn:pulumi:prod::agent-worker::${kind}::${name}`,
    type: kind,
    name,
    inputs: changed(inputs, changes),
    protect,
    propertyDependencies: dependencies,
  };
}

export function changed(inputs: Properties, changes: Changes): Properties {
  return Object.entries(changes).reduce<Properties>(
    (all, [path, value]) => put(all, path.split("."), value) as Properties,
    inputs,
  );
}

function put(target: Value | undefined, [head = "", ...rest]: readonly string[], value: Value | undefined): Value {
  if (isList(target)) {
    const inner = rest.length === 0 ? value : put(target[Number(head)], rest, value);
    const before = target.slice(0, Number(head));
    const items: readonly Value[] = inner === undefined ? [] : [inner];
    return [...before, ...items, ...target.slice(Number(head) + 1)];
  }
  const map = isMap(target) ? target : {};
  if (rest.length > 0) return { ...map, [head]: put(map[head], rest, value) };
  const { [head]: _, ...others } = map;
  return value === undefined ? others : { ...others, [head]: value };
}

export const project = "clinic-project";
export const email = `dental@${project}.iam.gserviceaccount.com`;
export const starter = `starts@${project}.iam.gserviceaccount.com`;
export const labels = {
  environment: "prod",
  component: "worker",
  "managed-by": "agent-worker",
  owner: "o",
  "cost-center": "c",
};
export const digest = `@sha256:${"0".repeat(64)}`;
export const image = `us-central1-docker.pkg.dev/${project}/agents/dental${digest}`;

const TASK = "template.template";
export const IMAGE = `${TASK}.containers.0.image`;
export const ENVS = `${TASK}.containers.0.envs`;
export const LIMITS = `${TASK}.containers.0.resources.limits`;
export const ACCOUNT_OF_TASK = `${TASK}.serviceAccount`;
export const VERSION = `${ENVS}.1.valueSource.secretKeyRef.version`;
export const SECRET_OF_VARIABLE = `${ENVS}.1.valueSource.secretKeyRef.secret`;

export const job = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(
    type.JOB,
    {
      name: "dental",
      labels,
      deletionProtection: true,
      template: {
        labels,
        taskCount: 1,
        parallelism: 1,
        template: {
          serviceAccount: email,
          timeout: "30300s",
          maxRetries: 3,
          containers: [
            {
              image,
              args: ["--", "python", "worker_main.py"],
              resources: { limits: { cpu: "2", memory: "4Gi" } },
              envs: [
                { name: "AGENT_CALENDAR", value: encodeCalendar(calendar(dental, { drain: 900 })) },
                { name: "LIVEKIT_URL", valueSource: { secretKeyRef: { secret: "livekit-url", version: "1" } } },
              ],
            },
          ],
        },
      },
    },
    changes,
    around,
  );

export const service = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(
    type.SERVICE,
    { ingress: "INGRESS_TRAFFIC_INTERNAL_ONLY", labels, template: { serviceAccount: email, containers: [{ image }] } },
    changes,
    around,
  );

/** Of the API's first version. */
export const serviceV1 = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(
    type.SERVICE_V1,
    {
      template: {
        spec: {
          serviceAccountName: email,
          containers: [
            {
              image,
              envs: [{ name: "LIVEKIT_URL", valueFrom: { secretKeyRef: { name: "livekit-url", key: "1" } } }],
            },
          ],
          volumes: [{ name: "tls", secret: { secretName: "livekit-url", items: [{ key: "1", path: "tls" }] } }],
        },
      },
    },
    changes,
    around,
  );

export const start = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(
    type.SCHEDULER_JOB,
    {
      name: "dental-start-weekday",
      schedule: "0 9 * * 1-5",
      timeZone: "Asia/Karachi",
      attemptDeadline: "180s",
      retryConfig: { retryCount: 5 },
      httpTarget: {
        uri: `https://run.googleapis.com/v2/projects/${project}/locations/us-central1/jobs/dental:run`,
        oauthToken: { serviceAccountEmail: starter, scope: "https://www.googleapis.com/auth/cloud-platform" },
      },
    },
    changes,
    around,
  );

export const round = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(
    type.SCHEDULER_JOB,
    {
      name: "careflow-morning-rounds",
      schedule: "15 8 * * *",
      timeZone: "America/New_York",
      attemptDeadline: "600s",
      httpTarget: {
        uri: "https://careflow.example.run.app/",
        headers: { "Content-Type": "application/json" },
        body: base64({
          scheduleHour: 8,
          timezone: "America/New_York",
          source: "cloud-scheduler",
          hospitalId: "hosp-1",
        }),
        oidcToken: { serviceAccountEmail: starter, audience: "https://careflow.example.run.app" },
      },
    },
    changes,
    around,
  );

export const base64 = (body: unknown): string => Buffer.from(JSON.stringify(body)).toString("base64");

export const account = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(type.ACCOUNT, { accountId: "dental", project }, changes, { name: "dental-account", ...around });

export const secret = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(type.SECRET_RESOURCE, { secretId: "livekit-url", labels, deletionProtection: true }, changes, around);

export const version = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(type.SECRET_VERSION, { secret: `projects/${project}/secrets/livekit-url`, enabled: true }, changes, around);

export const reads = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(
    type.SECRET_MEMBER,
    { secretId: "livekit-url", role: "roles/secretmanager.secretAccessor", member: `serviceAccount:${email}` },
    changes,
    { name: "reads", ...around },
  );

export const runs = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(
    "gcp:cloudrunv2/jobIamMember:JobIamMember",
    { name: "dental", role: "roles/run.invoker", member: `serviceAccount:${starter}` },
    changes,
    around,
  );

export const onProject = (role: Value, kind = "Member"): StackResource =>
  resource(`gcp:projects/iAM${kind}:IAM${kind}`, { project, role, member: `serviceAccount:${email}` });

export const repository = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(
    type.REPOSITORY,
    {
      format: "DOCKER",
      labels,
      cleanupPolicies: [{ id: "old", action: "DELETE" }],
      dockerConfig: { immutableTags: true },
    },
    changes,
    around,
  );

export const alert = (changes?: Changes, around?: Surroundings): StackResource =>
  resource(
    type.ALERT_POLICY,
    {
      severity: "CRITICAL",
      documentation: { content: "Start it by hand." },
      userLabels: labels,
      notificationChannels: [UNKNOWN],
      conditions: [
        {
          conditionPrometheusQueryLanguage: {
            query: '(label_replace(vector(1),"job_id","dental-start-weekday","","")) unless on(job_id) x>0.5',
          },
        },
      ],
    },
    changes,
    { name: "missed", ...around },
  );

export const logged = (changes?: Changes): StackResource =>
  alert(
    {
      conditions: [
        {
          conditionMatchedLog: {
            filter:
              'resource.type="cloud_scheduler_job" AND resource.labels.job_id="dental-start-weekday" AND severity>=ERROR',
          },
        },
      ],
      ...changes,
    },
    { name: "failed" },
  );

export const metric = (changes?: Changes): StackResource =>
  resource(
    type.METRIC,
    { name: "starts_failed", filter: 'resource.labels.job_id=("dental-start-weekday" OR "other") AND severity>=ERROR' },
    changes,
  );

export const UNKNOWN_TIMEOUT: Changes = { "template.template.timeout": UNKNOWN };
