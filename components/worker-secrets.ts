import { Secret, SecretVersion } from "@pulumi/gcp/secretmanager/index.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/index.js";
import type { SecretPlan } from "../domain/secrets.ts";
import type { WorkerInput } from "../domain/settings/worker.ts";
import { type ContextArgs, checkedPlan, protection } from "./checked.ts";

export interface WorkerSecretsArgs extends ContextArgs {
  /** The workers whose secrets these are, by key. A secret that several of them read is declared once. */
  readonly workers: Readonly<Record<string, WorkerInput>>;
}

/**
 * The secrets of a stack's workers, each once.
 *
 * People add the versions of a declared secret; those of a generated one are made here. A secret of somebody else
 * (`existing`) is not declared. Who may read a secret is declared with the worker that reads it.
 */
export class WorkerSecrets extends pulumi.ComponentResource {
  readonly plan: readonly SecretPlan[];
  /** Secrets by id. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Generated versions by secret and rotation. */
  readonly versions: Readonly<Record<string, Readonly<Record<string, SecretVersion>>>>;

  constructor(name: string, { workers, ...context }: WorkerSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    const plan = checkedPlan(`WorkerSecrets ${name}`, context, { workers }, "").secrets;
    super("agent-worker:secrets:WorkerSecrets", name, {}, opts);
    this.plan = plan;
    const ours = plan.filter(({ origin }) => origin !== "existing");
    this.secrets = Object.fromEntries(ours.map((secret) => [secret.secretId, declaredSecret(name, secret, this)]));
    this.versions = Object.fromEntries(
      ours.map((secret) => [secret.secretId, generatedVersions(name, secret, this.secrets[secret.secretId], this)]),
    );
    this.registerOutputs({ secrets: Object.keys(this.secrets) });
  }

  /** What has to exist before a worker can read a secret: nothing, where it is not declared here. */
  declared(secretId: string): readonly pulumi.Resource[] {
    // A secret may be called what every object has: `constructor`.
    const secret = Object.hasOwn(this.secrets, secretId) ? this.secrets[secretId] : undefined;
    return secret === undefined ? [] : [secret, ...Object.values(this.versions[secretId] ?? {})];
  }
}

function declaredSecret(prefix: string, plan: SecretPlan, parent: pulumi.Resource): Secret {
  return new Secret(
    `${prefix}-${plan.secretId}`,
    {
      project: plan.project,
      secretId: plan.secretId,
      replication: { auto: {} },
      labels: plan.labels,
      deletionProtection: plan.protect,
    },
    { parent, ...protection(plan.protect) },
  );
}

/** One resource a rotation, so that an old version lives until its label is removed. */
function generatedVersions(
  prefix: string,
  plan: SecretPlan,
  secret: pulumi.Resource | undefined,
  parent: pulumi.Resource,
): Readonly<Record<string, SecretVersion>> {
  return Object.fromEntries(
    plan.rotations.map((rotation) => {
      // A dot is in neither of the two, so that no two pairs share a name.
      const name = `${prefix}-${plan.secretId}.${rotation}`;
      const payload = randomPayload(`${name}-payload`, plan.bytes, parent);
      const version = new SecretVersion(
        name,
        {
          // The id of the secret in full, as text: what it will be is known, and a reviewer sees it.
          secret: `projects/${plan.project}/secrets/${plan.secretId}`,
          secretData: payload.result,
          enabled: true,
          deletionPolicy: "DELETE",
        },
        { parent, ...(secret === undefined ? {} : { dependsOn: secret }) },
      );
      return [rotation, version];
    }),
  );
}

/**
 * Random text in the 64 characters of base64url, six bits each.
 *
 * Not a `RandomBytes`: its id is the payload itself, and ids stand in the state, and in what the CLI prints, in plain
 * (pulumi-random, provider/resources.go; November 2026).
 */
function randomPayload(name: string, bytes: number, parent: pulumi.Resource): RandomPassword {
  const length = Math.ceil((bytes * 8) / 6);
  return new RandomPassword(name, { length, special: true, overrideSpecial: "-_" }, { parent });
}
