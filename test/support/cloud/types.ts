/**
 * The types that our programs use: what they keep, and what Google adds (what replaces them is known to the preview
 * too, and stands there). Each fact names the place where it was read (November 2026):
 *
 * - `magic-modules`: github.com/GoogleCloudPlatform/magic-modules under mmv1/, from which the provider is generated
 * - `typings`: @pulumi/gcp 9.37.0; an optional input whose output is always there is one that Google fills in
 * - `measured`: facts/pulumi.md section 10, provider 9.35.0
 */
import { randomInt, randomUUID } from "node:crypto";
import { accountSource, passwordSource, replacedBy } from "../../../preview/compare/replacement.ts";
import {
  ACCOUNT,
  API,
  CHANNEL,
  DASHBOARD,
  JOB,
  JOB_GRANT,
  METRIC,
  POLICY,
  RANDOM_PASSWORD,
  REPOSITORY,
  SCHEDULER_JOB,
  SECRET,
  SECRET_GRANT,
  SECRET_VERSION,
  SERVICE_GRANT,
  withProjectNumber,
} from "./names.ts";
import type { Attributes, ResourceType, Source } from "./resource-type.ts";

const measured: Source = "measured (facts/pulumi.md 10.6): leaving it out does not reset it";
const mm = (path: string): Source => `magic-modules, ${path}`;
const all = (source: Source, ...paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, source]));

/** Every input of a binding is its identity: there is nothing to change in place. */
function binding(
  type: typeof SECRET_GRANT | typeof JOB_GRANT | typeof SERVICE_GRANT,
  api: string,
  parent: (inputs: Attributes) => string,
): ResourceType {
  return {
    api,
    named: "binding",
    id: (inputs) => `${parent(inputs)}/${inputs.role}/${inputs.member}`,
    replacedBy: replacedBy[type],
    keeps: {},
    computed: {},
  };
}

const job = ({ project, location, name }: Attributes) => `projects/${project}/locations/${location}/jobs/${name}`;
const service = ({ project, location, name }: Attributes) =>
  `projects/${project}/locations/${location}/services/${name}`;
const secret = ({ project, secretId }: Attributes) => `projects/${project}/secrets/${secretId}`;
const email = ({ accountId, project }: Attributes) => `${accountId}@${project}.iam.gserviceaccount.com`;

/** As long as those that Google gives out: 18 to 20 digits. */
const decimal = (number: string) => `1${number.padStart(18, "0")}`;

export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  [API]: {
    api: "serviceusage.googleapis.com",
    named: "people",
    id: ({ project, service }) => `${project}/${service}`,
    replacedBy: replacedBy[API],
    keeps: {},
    computed: {},
    outlives: ({ disableOnDestroy }) => disableOnDestroy === false,
  },
  [REPOSITORY]: {
    api: "artifactregistry.googleapis.com",
    named: "people",
    id: ({ project, location, repositoryId }) =>
      `projects/${project}/locations/${location}/repositories/${repositoryId}`,
    replacedBy: replacedBy[REPOSITORY],
    keeps: {},
    computed: {},
  },
  [SECRET]: {
    api: "secretmanager.googleapis.com",
    named: "people",
    id: secret,
    replacedBy: replacedBy[SECRET],
    keeps: {},
    computed: {},
  },
  [SECRET_VERSION]: {
    api: "secretmanager.googleapis.com",
    named: "google",
    id: (inputs, number) => withProjectNumber(`${inputs.secret}/versions/${number(`${inputs.secret}/versions`)}`),
    replacedBy: replacedBy[SECRET_VERSION],
    keeps: {},
    computed: {
      version: {
        source: mm("products/secretmanager/SecretVersion.yaml: the part after /versions/, as text"),
        value: (_, { id }) => id.split("/").at(-1),
      },
    },
  },
  [SECRET_GRANT]: binding(SECRET_GRANT, "secretmanager.googleapis.com", secret),
  [ACCOUNT]: {
    api: "iam.googleapis.com",
    named: "people",
    id: (inputs) => `projects/${inputs.project}/serviceAccounts/${email(inputs)}`,
    replacedBy: replacedBy[ACCOUNT],
    keeps: {},
    computed: {
      email: { source: accountSource, knownInPreview: true, value: email },
      member: { source: accountSource, knownInPreview: true, value: (inputs) => `serviceAccount:${email(inputs)}` },
    },
  },
  [JOB]: {
    api: "run.googleapis.com",
    named: "people",
    id: job,
    replacedBy: replacedBy[JOB],
    keeps: all(
      measured,
      "template.taskCount",
      "template.parallelism",
      "template.template.timeout",
      "template.template.serviceAccount",
      "template.template.containers[0].resources.limits",
    ),
    computed: {},
  },
  [JOB_GRANT]: binding(JOB_GRANT, "run.googleapis.com", job),
  [SERVICE_GRANT]: binding(SERVICE_GRANT, "run.googleapis.com", service),
  [SCHEDULER_JOB]: {
    api: "cloudscheduler.googleapis.com",
    named: "people",
    id: ({ project, region, name }) => `projects/${project}/locations/${region}/jobs/${name}`,
    replacedBy: replacedBy[SCHEDULER_JOB],
    keeps: all(measured, "paused"),
    computed: {},
  },
  [METRIC]: {
    api: "logging.googleapis.com",
    named: "people",
    id: ({ name }) => String(name),
    replacedBy: replacedBy[METRIC],
    keeps: {},
    computed: {},
  },
  [CHANNEL]: {
    api: "monitoring.googleapis.com",
    named: "google",
    id: ({ project }, number) => `projects/${project}/notificationChannels/${decimal(number(CHANNEL))}`,
    replacedBy: replacedBy[CHANNEL],
    keeps: {},
    computed: {
      name: { source: mm("products/monitoring/NotificationChannel.yaml: the id"), value: (_, { id }) => id },
    },
  },
  [POLICY]: {
    api: "monitoring.googleapis.com",
    named: "google",
    id: ({ project }, number) => `projects/${project}/alertPolicies/${decimal(number(POLICY))}`,
    replacedBy: replacedBy[POLICY],
    keeps: {},
    computed: {
      name: { source: mm("products/monitoring/AlertPolicy.yaml: the id"), value: (_, { id }) => id },
    },
  },
  [DASHBOARD]: {
    api: "monitoring.googleapis.com",
    named: "google",
    id: ({ project }) => withProjectNumber(`projects/${project}/dashboards/${randomUUID()}`),
    replacedBy: replacedBy[DASHBOARD],
    keeps: {},
    computed: {},
  },
  [RANDOM_PASSWORD]: {
    named: "google",
    id: () => "none",
    replacedBy: replacedBy[RANDOM_PASSWORD],
    keeps: {},
    computed: {
      result: {
        source: passwordSource,
        value: ({ length, overrideSpecial }) => password(Number(length), String(overrideSpecial)),
      },
    },
  },
};

function password(length: number, special: string): string {
  const letters = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${special}`;
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join("");
}
