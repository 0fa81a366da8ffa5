/**
 * The shipped prod stack, broken once for each rule, and for that rule alone: by a change to one of its resources, or by
 * one resource more. Data only, since the real engine's program and the preview's model both apply it.
 */

import * as type from "../../policies/types.ts";
import type { Properties, Value } from "../../policies/value.ts";
import * as make from "./resources.ts";

export interface Break {
  readonly rule: string;
  readonly change?: {
    readonly type: string;
    readonly name: string;
    readonly inputs: (inputs: Properties) => make.Changes;
  };
  readonly adds?: readonly { readonly type: string; readonly name: string; readonly inputs: Properties }[];
}

export const worker = "dental-agent-worker";
const TASK = "template.template";
const CONTAINER = `${TASK}.containers.0`;

/** A change to the worker's Job. */
const inJob = (rule: string, inputs: make.Changes): Break => ({
  rule,
  change: { type: type.JOB, name: `${worker}-job`, inputs: () => inputs },
});
const inRound = (rule: string, inputs: make.Changes): Break => ({
  rule,
  change: { type: type.SCHEDULER_JOB, name: "rounds-noon", inputs: () => inputs },
});
const inAlert = (rule: string, inputs: make.Changes): Break => ({
  rule,
  change: { type: type.ALERT_POLICY, name: "alerts-launch-failed", inputs: () => inputs },
});
/** Resources more, each right by itself but for the one thing. */
const more = (rule: string, ...resources: readonly { type: string; inputs: Properties }[]): Break => ({
  rule,
  adds: resources.map(({ type, inputs }, index) => ({ type, name: `more-${index}`, inputs })),
});

export const breaks: readonly Break[] = [
  more(
    "own-account",
    make.job(
      {
        name: "more",
        [make.ACCOUNT_OF_TASK]: "123-compute@developer.gserviceaccount.com",
        [`${make.ENVS}.1`]: undefined,
      },
      {},
    ),
  ),
  inJob("image-pinned", {
    [`${CONTAINER}.image`]: "us-central1-docker.pkg.dev/ortho-ai-485203/agent-repo/dental:prod",
  }),
  inJob("image-registry", { [`${CONTAINER}.image`]: `docker.io/acme/dental${make.digest}` }),
  inJob("no-plain-secrets", { [`${CONTAINER}.args.3`]: "--db=postgres://clinic:hunter2@db" }),
  {
    rule: "secret-version-pinned",
    change: {
      type: type.JOB,
      name: `${worker}-job`,
      inputs: (inputs) => ({ [`${variable(inputs, "LIVEKIT_URL")}.valueSource.secretKeyRef.version`]: "latest" }),
    },
  },
  inJob("task-timeout", { [`${TASK}.timeout`]: "14400s" }),
  inJob("one-task", { "template.taskCount": 2 }),
  inJob("cpu-and-memory", { [`${CONTAINER}.resources.limits.memory`]: "32Gi" }),
  inJob("deletion-protection", { deletionProtection: false }),
  inJob("vpc-egress", { [`${TASK}.vpcAccess`]: { egress: "PRIVATE_RANGES_ONLY" } }),
  more("no-public-access", make.runs({ name: worker, member: "allUsers" })),
  more("service-ingress", make.service({ ingress: "INGRESS_TRAFFIC_ALL" })),
  inRound("scheduler-token", { "httpTarget.oidcToken.audience": "https://elsewhere.example" }),
  inRound("scheduler-uri", { "httpTarget.headers.Authorization": "Bearer x" }),
  inRound("schedule", { timeZone: "EST" }),
  inRound("scheduler-attempts", { attemptDeadline: "3600s" }),
  inRound("retries-repeat-calls", {
    "httpTarget.uri": "https://elsewhere.example/",
    "httpTarget.oidcToken.audience": "https://elsewhere.example",
  }),
  {
    rule: "invoker-account",
    change: {
      type: type.SCHEDULER_JOB,
      name: `${worker}-start.weekday`,
      inputs: () => ({
        "httpTarget.oauthToken.serviceAccountEmail": `${worker}@ortho-ai-485203.iam.gserviceaccount.com`,
      }),
    },
  },
  more("grants-on-resources", make.onProject("roles/run.invoker")),
  more("no-broad-roles", make.runs({ name: worker, role: "roles/editor" })),
  more("no-account-keys", make.resource(type.ACCOUNT_KEY, { serviceAccountId: worker })),
  more("federation-condition", make.resource(type.IDENTITY_PROVIDER, { workloadIdentityPoolId: "github" })),
  more(
    "secret-grants",
    make.reads({ secretId: "other", member: `serviceAccount:${worker}@ortho-ai-485203.iam.gserviceaccount.com` }),
  ),
  more("secret-versions-kept", make.version(), make.version(), make.version()),
  inAlert("alert-told", { notificationChannels: [] }),
  inAlert("alert-runbook", { severity: undefined }),
  more("schedule-watched", make.start({ name: "more" })),
  inJob("labels", { "labels.owner": undefined }),
  inRound("no-patient-data", { "httpTarget.body": make.base64({ scheduleHour: 12, patientName: "Jane" }) }),
  {
    rule: "image-repository",
    change: { type: type.REPOSITORY, name: "images-repository", inputs: () => ({ cleanupPolicies: [] }) },
  },
];

/** Where a Job has a variable; their order follows from their names. */
function variable(inputs: Properties, name: string): string {
  const { template } = inputs as unknown as {
    template: { template: { containers: readonly { envs: readonly { name: Value }[] }[] } };
  };
  const index = template.template.containers[0]?.envs.findIndex((each) => each.name === name) ?? -1;
  if (index < 0) throw new Error(`the worker has no variable ${name}`);
  return `${CONTAINER}.envs.${index}`;
}

type Configuration = Readonly<Record<string, unknown>>;

/** The shipped stack without the one thing that its source left open: with it, no policy has anything to say. */
export function withIdempotentAgent(config: Configuration): Configuration {
  const rounds = config["agent-worker:rounds"] as { readonly service: object };
  return { ...config, "agent-worker:rounds": { ...rounds, service: { ...rounds.service, idempotent: true } } };
}
