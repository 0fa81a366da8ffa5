import { Job } from "@pulumi/gcp/cloudrunv2/index.js";
import { SecretIamMember } from "@pulumi/gcp/secretmanager/index.js";
import { Account } from "@pulumi/gcp/serviceaccount/index.js";
import * as pulumi from "@pulumi/pulumi";
import { apiDuration } from "../domain/duration.ts";
import { secretsOf } from "../domain/secrets.ts";
import type { WorkerInput } from "../domain/settings/worker.ts";
import type { SecretReference, WorkerPlan } from "../domain/worker.ts";
import { type ContextArgs, checkedPlan, protection, unusable } from "./checked.ts";
import type { WorkerSecrets } from "./worker-secrets.ts";

/** A worker's settings (`WorkerInput`), where values may also come from other resources. */
export interface AgentWorkerArgs extends ContextArgs, Omit<WorkerInput, "image" | "env"> {
  /** Image in Artifact Registry, by digest in prod. Without one the worker is only prepared: no Job, no starts. */
  readonly image?: pulumi.Input<string> | undefined;
  /** Plain variables of the worker. Never a secret. */
  readonly env?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
  /** Where the secrets are declared. Needed for generated ones; left out, all of them exist already. */
  readonly store?: WorkerSecrets | undefined;
}

/**
 * A voice-agent worker: a Cloud Run Job with an account of its own, which reads its own secrets and nothing else.
 *
 * As with all components here, `aliases` in the options hold for everything that it declares: a component can be moved
 * into another, and one whose name is no physical name can be renamed, without anything being replaced.
 *
 * @example
 * new AgentWorker("dental", {
 *   environment: "staging",
 *   project: "my-project",
 *   region: "us-central1",
 *   image: "us-central1-docker.pkg.dev/my-project/agent-repo/dental:latest",
 *   command: ["python", "worker_main.py"],
 *   officeHours: { timeZone: "Asia/Karachi", week: { weekday: { days: "mon-fri", open: "09:00", close: "17:00" } } },
 * });
 */
export class AgentWorker extends pulumi.ComponentResource {
  readonly plan: WorkerPlan;
  /** Whom the worker runs as. */
  readonly account: Account;
  /** Absent while the worker is only prepared. */
  readonly job: Job | undefined;

  /** @param name the worker's key, and the Job's name: a worker that is renamed is another worker */
  constructor(name: string, args: AgentWorkerArgs, opts?: pulumi.ComponentResourceOptions) {
    const plan = workerPlan(name, args);
    super("agent-worker:workers:AgentWorker", name, {}, opts);
    this.plan = plan;
    this.account = runtimeAccount(plan, this);
    const grants = secretGrants(plan, this.account, args.store, this);
    this.job = args.image === undefined ? undefined : workerJob(plan, args.image, args, this.account, grants, this);
    this.registerOutputs({ account: plan.accountEmail, job: plan.prepared ? "" : plan.jobName });
  }
}

/** Stands for values that other resources make, so that everything else can be checked now. */
const later = { image: "us-docker.pkg.dev/made/by/another-resource:later", value: "" } as const;

function workerPlan(name: string, args: AgentWorkerArgs): WorkerPlan {
  const { environment, project, region, protect, labels, image, env = {}, store, ...settings } = args;
  const worker: WorkerInput = {
    ...settings,
    image: image === undefined || typeof image === "string" ? image : later.image,
    env: Object.fromEntries(
      Object.entries(env).map(([variable, value]) => [variable, typeof value === "string" ? value : later.value]),
    ),
  };
  const context = { environment, project, region, protect, labels };
  const what = `AgentWorker ${name}`;
  const plan = checkedPlan(what, context, { workers: { [name]: worker } }, `workers.${name}`).workers[0];
  if (plan === undefined) throw new Error("a stack with a worker was planned without it");
  const unmade = Object.entries(plan.secretEnv).filter(
    ([, { secretId, version }]) => "rotation" in version && store?.versions[secretId]?.[version.rotation] === undefined,
  );
  if (unmade.length === 0) return plan;
  throw unusable(
    what,
    unmade.map(([variable, { secretId }]) => ({
      path: `secrets.${variable}.generate`,
      problem: `nothing in store makes this version of ${secretId}.`,
      remedy: "Give the same worker to a WorkerSecrets, and that as store.",
    })),
  );
}

function runtimeAccount(plan: WorkerPlan, parent: pulumi.Resource): Account {
  return new Account(
    `${plan.key}-account`,
    {
      project: plan.project,
      accountId: plan.accountId,
      displayName: `${plan.jobName} runtime`,
      description: `What the worker ${plan.jobName} runs as`,
      disabled: false,
    },
    { parent, ...protection(plan.protect) },
  );
}

/** The right to read each of the worker's secrets, on that secret alone. */
function secretGrants(
  plan: WorkerPlan,
  account: Account,
  store: WorkerSecrets | undefined,
  parent: pulumi.Resource,
): readonly pulumi.Resource[] {
  return secretsOf(plan).flatMap((secretId) => {
    const declared = store?.declared(secretId) ?? [];
    const grant = new SecretIamMember(
      `${plan.key}-reads.${secretId}`,
      {
        project: plan.project,
        secretId,
        role: "roles/secretmanager.secretAccessor",
        member: account.member,
      },
      // Delete first: Google keeps one binding per role and member, so that the new one would be nothing new,
      // and deleting the old one afterwards would take the right from both.
      { parent, deleteBeforeReplace: true, dependsOn: [...declared] },
    );
    return [...declared, grant];
  });
}

/**
 * Every value is stated: leaving one out would keep what was there before, not reset it.
 *
 * @param grants what must be in place before: Cloud Run refuses a Job whose account cannot read a secret of it,
 *   or that names a version which does not exist
 */
function workerJob(
  plan: WorkerPlan,
  image: pulumi.Input<string>,
  { env, store }: AgentWorkerArgs,
  account: Account,
  grants: readonly pulumi.Resource[],
  parent: pulumi.Resource,
): Job {
  return new Job(
    `${plan.key}-job`,
    {
      project: plan.project,
      location: plan.region,
      name: plan.jobName,
      labels: plan.labels,
      // Left out it would mean true.
      deletionProtection: plan.protect,
      template: {
        labels: plan.labels,
        taskCount: 1,
        parallelism: 1,
        template: {
          serviceAccount: account.email,
          timeout: apiDuration(plan.timeout),
          maxRetries: plan.maxRetries,
          executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
          containers: [
            {
              image,
              ...(plan.entryPoint.length === 0 ? {} : { commands: [...plan.entryPoint] }),
              ...(plan.args.length === 0 ? {} : { args: [...plan.args] }),
              resources: { limits: { cpu: String(plan.cpu), memory: plan.memory } },
              envs: variables(plan, env ?? {}, store),
            },
          ],
        },
      },
    },
    { parent, dependsOn: [...grants], ...protection(plan.protect) },
  );
}

/** Sorted: Google keeps them as a set, and another order would look like a change. */
function variables(plan: WorkerPlan, env: Readonly<Record<string, pulumi.Input<string>>>, store?: WorkerSecrets) {
  const plain = Object.entries({ ...plan.env, ...env }).map(([name, value]) => ({ name, value }));
  const secret = Object.entries(plan.secretEnv).map(([name, reference]) => ({
    name,
    valueSource: { secretKeyRef: { secret: reference.secretId, version: versionOf(reference, store) } },
  }));
  return [...plain, ...secret].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function versionOf({ secretId, version }: SecretReference, store?: WorkerSecrets): pulumi.Input<string> {
  if ("number" in version) return version.number;
  const made = store?.versions[secretId]?.[version.rotation];
  if (made === undefined) throw new Error(`${secretId} has no version ${version.rotation}`);
  return made.version;
}
