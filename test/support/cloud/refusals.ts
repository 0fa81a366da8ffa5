/**
 * What Google, or the provider in its place, refuses in the life of a resource. Values are not among it: what a
 * memory or a cron may be is checked by `domain`, long before.
 */
import type { Call, SimulatedCloud } from "./cloud.ts";
import {
  ACCOUNT,
  API,
  CHANNEL,
  JOB,
  JOB_GRANT,
  POLICY,
  SECRET,
  SECRET_GRANT,
  SERVICE_GRANT,
  withProjectNumber,
} from "./names.ts";
import { versionsOf } from "./people.ts";
import type { Attributes, ResourceType, Source } from "./resource-type.ts";

export interface Request {
  readonly verb: Call["verb"];
  readonly type: string;
  readonly knows: ResourceType;
  readonly id: string;
  /** Of a deletion: what is deleted, as the stack's state has it. */
  readonly inputs: Attributes;
}

export interface Refusal {
  readonly source: Source;
  /**
   * What is left behind: `nothing`, or the thing itself, made but `broken`, where the request was accepted and the
   * operation that should bring it up ends in an error.
   */
  readonly leaves: "nothing" | "broken";
  /** Google's answer, or undefined where it does not refuse. */
  readonly answer: (request: Request, cloud: SimulatedCloud) => string | undefined;
}

export const refusals: Readonly<Record<string, Refusal>> = {
  "the API is not enabled": {
    source: "docs.cloud.google.com/service-usage, SERVICE_DISABLED (November 2026)",
    leaves: "nothing",
    answer: ({ verb, type, knows, inputs }, cloud) => {
      if (verb !== "create" || type === API || knows.api === undefined) return undefined;
      const project = projectOf(inputs);
      if (cloud.object(API, `${project}/${knows.api}`) !== undefined) return undefined;
      return `googleapi: Error 403: ${knows.api} has not been used in project ${project} before or it is disabled. (SERVICE_DISABLED)`;
    },
  },
  "the name is taken": {
    source: "facts/pulumi.md 10.4, measured: fixed names answer 409 for ever",
    leaves: "nothing",
    answer: ({ verb, type, knows, id }, cloud) =>
      // An API that is enabled already is enabled.
      verb === "create" && type !== API && knows.named === "people" && cloud.object(type, id) !== undefined
        ? `Error creating ${type.split(":").at(-1)}: googleapi: Error 409: ${id} already exists.`
        : undefined,
  },
  "the image is missing": {
    source: "facts/pulumi.md 10.2, measured: the Job's operation ends in an error, and the Job is there",
    leaves: "broken",
    answer: ({ verb, type, inputs }, cloud) => {
      if (!isWritten(verb) || type !== JOB) return undefined;
      const missing = imagesOf(inputs).filter((image) => !cloud.images.has(image));
      return missing.length === 0 ? undefined : operation(5, `Image '${missing[0]}' not found.`);
    },
  },
  "the secret's version is missing": {
    source: "docs.cloud.google.com/run/docs/configuring/jobs/secrets: access to all is checked (November 2026)",
    leaves: "broken",
    answer: ({ verb, type, inputs }, cloud) => {
      if (!isWritten(verb) || type !== JOB) return undefined;
      const missing = secretsOf(inputs).find(({ secret, version }) => {
        const there = versionsOf(cloud, secret);
        return version === "latest" ? there.length === 0 : !there.includes(version);
      });
      if (missing === undefined) return undefined;
      return operation(9, `Secret ${withProjectNumber(missing.secret)}/versions/${missing.version} was not found`);
    },
  },
  "the account may not read the secret": {
    source: "docs.cloud.google.com/run/docs/configuring/jobs/secrets: access to all is checked (November 2026)",
    leaves: "broken",
    answer: (request, cloud) => unreadable(request, (secret, member) => granted(cloud, secret, member) === undefined),
  },
  "the grant has not arrived yet": {
    source: "docs.cloud.google.com/iam/docs/access-change-propagation: typically 2 minutes (November 2026)",
    leaves: "broken",
    answer: (request, cloud) =>
      unreadable(request, (secret, member) => {
        const grant = granted(cloud, secret, member);
        return grant !== undefined && !cloud.hasArrived(SECRET_GRANT, grant);
      }),
  },
  "the account of a binding is unknown": {
    source:
      "docs.cloud.google.com/iam/docs: setIamPolicy answers 400 for an account that does not exist (November 2026)",
    leaves: "nothing",
    answer: ({ verb, inputs, knows }, cloud) => {
      if (verb !== "create" || knows.named !== "binding") return undefined;
      const email = String(inputs.member).replace(/^serviceAccount:/, "");
      if (cloud.ofType(ACCOUNT).some(({ id }) => id.endsWith(`/serviceAccounts/${email}`))) return undefined;
      return `Error applying IAM policy: googleapi: Error 400: Service account ${email} does not exist.`;
    },
  },
  "what a binding is on is missing": {
    source: "getIamPolicy of something that is not there answers 404 (facts/pulumi.md 4.3)",
    leaves: "nothing",
    answer: ({ verb, type, inputs }, cloud) => {
      if (verb !== "create") return undefined;
      const { project, location, name, secretId } = inputs;
      const there: Record<string, () => boolean> = {
        [JOB_GRANT]: () => cloud.object(JOB, `projects/${project}/locations/${location}/jobs/${name}`) !== undefined,
        [SERVICE_GRANT]: () => cloud.services.has(`${project}/${location}/${name}`),
        [SECRET_GRANT]: () => cloud.object(SECRET, `projects/${project}/secrets/${secretId}`) !== undefined,
      };
      return there[type]?.() === false
        ? `Error retrieving IAM policy: googleapi: Error 404: Resource '${name ?? secretId}' was not found.`
        : undefined;
    },
  },
  "it is protected from deletion": {
    source: "facts/pulumi.md 10.3, measured: the provider refuses by what the state says",
    leaves: "nothing",
    answer: ({ verb, inputs, id }) =>
      verb === "delete" && inputs.deletionProtection === true
        ? `cannot destroy ${id} without setting deletion_protection=false and running \`terraform apply\``
        : undefined,
  },
  "it is still referred to": {
    source:
      "cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.notificationChannels/delete, force (November 2026)",
    leaves: "nothing",
    answer: ({ verb, type, id }, cloud) => {
      if (verb !== "delete" || type !== CHANNEL) return undefined;
      const policy = cloud
        .ofType(POLICY)
        .find(({ attributes }) => (attributes.notificationChannels as readonly string[]).includes(id));
      return (
        policy && `googleapi: Error 400: Could not delete "${id}" because it is still referenced by: "${policy.id}"`
      );
    },
  },
};

const isWritten = (verb: Request["verb"]): boolean => verb === "create" || verb === "update";

function projectOf({ project, secret }: Attributes): string {
  return typeof project === "string" ? project : (String(secret).split("/")[1] ?? "");
}

interface Template {
  readonly serviceAccount: string;
  readonly containers: readonly { readonly image: string; readonly envs?: readonly Variable[] }[];
}

interface Variable {
  readonly valueSource?: { readonly secretKeyRef: { readonly secret: string; readonly version: string } };
}

function templateOf(inputs: Attributes): Template {
  return (inputs.template as { template: Template }).template;
}

const imagesOf = (inputs: Attributes) => templateOf(inputs).containers.map(({ image }) => image);

/** The secrets that a Job reads, in full: `projects/P/secrets/S`. */
function secretsOf(inputs: Attributes) {
  return templateOf(inputs).containers.flatMap(({ envs = [] }) =>
    envs.flatMap(({ valueSource }) => {
      if (valueSource === undefined) return [];
      const { secret, version } = valueSource.secretKeyRef;
      return [{ secret: `projects/${inputs.project}/secrets/${secret}`, version }];
    }),
  );
}

function unreadable(
  { verb, type, inputs }: Request,
  refused: (secret: string, member: string) => boolean,
): string | undefined {
  if (!isWritten(verb) || type !== JOB) return undefined;
  const account = templateOf(inputs).serviceAccount;
  const found = secretsOf(inputs).find(({ secret }) => refused(secret, `serviceAccount:${account}`));
  const version = found && `${withProjectNumber(found.secret)}/versions/${found.version}`;
  return found && operation(9, `Permission denied on secret: ${version} for Revision service account ${account}.`);
}

/** The id of the grant by which a member may read a secret. */
function granted(cloud: SimulatedCloud, secret: string, member: string): string | undefined {
  const reads = `${secret}/roles/secretmanager.secretAccessor/${member}`;
  return cloud.object(SECRET_GRANT, reads) && reads;
}

/** What the provider makes of an operation that ends in an error. */
const operation = (code: number, message: string): string =>
  `Error waiting to create Job: Error waiting for Creating Job: Error code ${code}, message: ${message}`;
