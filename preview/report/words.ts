import { formatDuration, parseDuration } from "../../domain/duration.ts";
import { type DeclaredResource, isProperties, isSecret, isUnknown, type Properties, type Value } from "../resources.ts";

/** A resource in words: what kind of thing it is, which one, and what matters about it. */
export interface Described {
  /** Singular: `scheduler job`. */
  readonly kind: string;
  /** Its physical name where it is known, else its logical one. */
  readonly label: string;
  /** The properties that matter to a reviewer, the most important first. */
  readonly facts: readonly string[];
}

/** Says in words what a resource is. Secrets and unknowns are never spelled out. */
export function describe({ type, name, custom, inputs, dependencies }: DeclaredResource): Described {
  const inWords = custom ? words[type] : undefined;
  if (inWords === undefined)
    return { kind: custom ? (type.split(":").at(-1) ?? type) : "component", label: name, facts: [] };
  const { kind, label, facts } = inWords;
  return { kind, label: label?.(inputs) || name, facts: facts(inputs, dependencies).filter((fact) => fact !== "") };
}

/** `alert policies`: of a kind. */
export function plural(kind: string): string {
  if (kind.endsWith("repository") || kind.endsWith("policy")) return `${kind.slice(0, -1)}ies`;
  return kind.endsWith("s") ? kind : `${kind}s`;
}

interface Words {
  readonly kind: string;
  /** What names it, where its logical name does not. */
  readonly label?: (inputs: Properties) => string;
  /** @param dependencies the URNs that it depends on */
  readonly facts: (inputs: Properties, dependencies: readonly string[]) => readonly string[];
}

/** By type, the words for what our stacks declare. */
const words: Readonly<Record<string, Words>> = {
  "gcp:projects/service:Service": {
    kind: "API",
    label: (inputs) => shown(inputs.service).replace(".googleapis.com", ""),
    facts: (inputs) => [`in ${shown(inputs.project)}`],
  },
  "gcp:artifactregistry/repository:Repository": {
    kind: "image repository",
    label: named("repositoryId"),
    facts: (inputs) => [
      `${shown(inputs.location)} of ${shown(inputs.project)}`,
      at(inputs, "dockerConfig.immutableTags") === true ? "immutable tags" : "tags may move",
    ],
  },
  "gcp:serviceaccount/account:Account": {
    kind: "service account",
    label: named("accountId"),
    facts: (inputs) => [shown(inputs.displayName), `in ${shown(inputs.project)}`],
  },
  "gcp:cloudrunv2/job:Job": { kind: "Cloud Run job", label: named("name"), facts: jobFacts },
  "gcp:cloudscheduler/job:Job": { kind: "scheduler job", label: named("name"), facts: schedulerFacts },
  "gcp:secretmanager/secret:Secret": {
    kind: "secret",
    label: named("secretId"),
    facts: (inputs) => [`in ${shown(inputs.project)}`],
  },
  "gcp:secretmanager/secretVersion:SecretVersion": {
    kind: "secret version",
    facts: () => ["payload made by the stack"],
  },
  "gcp:secretmanager/secretIamMember:SecretIamMember": grantOn("secretId"),
  "gcp:cloudrunv2/jobIamMember:JobIamMember": grantOn("name"),
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": grantOn("name"),
  "gcp:logging/metric:Metric": {
    kind: "log-based metric",
    label: named("name"),
    facts: (inputs) => [`in ${shown(inputs.project)}`],
  },
  "gcp:monitoring/alertPolicy:AlertPolicy": {
    kind: "alert policy",
    label: named("displayName"),
    facts: (inputs, dependencies) => [shown(inputs.severity).toLowerCase(), told(inputs, dependencies)],
  },
  "gcp:monitoring/notificationChannel:NotificationChannel": {
    kind: "notification channel",
    label: named("displayName"),
    facts: (inputs) => [shown(inputs.type), shown(at(inputs, "labels.email_address")), `in ${shown(inputs.project)}`],
  },
  "gcp:monitoring/dashboard:Dashboard": {
    kind: "dashboard",
    facts: (inputs) => [`in ${shown(inputs.project)}`],
  },
  "random:index/randomPassword:RandomPassword": {
    kind: "random payload",
    facts: (inputs) => [`${shown(inputs.length)} characters`],
  },
};

function jobFacts(inputs: Properties): readonly string[] {
  const task = at(inputs, "template.template");
  const container = at(task, "containers.0");
  const variables = at(container, "envs");
  const list = Array.isArray(variables) ? variables : [];
  const fromSecrets = list.flatMap((entry) => {
    const key = at(entry, "valueSource.secretKeyRef");
    return key === undefined
      ? []
      : [`${shown(at(entry, "name"))} (${shown(at(key, "secret"))} ${shown(at(key, "version"))})`];
  });
  const plainNames = list.flatMap((entry) =>
    at(entry, "valueSource") === undefined ? [shown(at(entry, "name"))] : [],
  );
  return [
    `${shown(at(container, "resources.limits.cpu"))} vCPU, ${shown(at(container, "resources.limits.memory"))}`,
    `timeout ${readableDuration(at(task, "timeout"))}`,
    retries(shown(at(task, "maxRetries"))),
    `image ${shortImage(shown(at(container, "image")))}`,
    `runs as ${shown(at(task, "serviceAccount")).split("@")[0]}`,
    plainNames.length === 0 ? "" : `variables ${plainNames.join(", ")}`,
    fromSecrets.length === 0 ? "" : `secrets ${fromSecrets.join(", ")}`,
  ];
}

function schedulerFacts(inputs: Properties): readonly string[] {
  const oidc = at(inputs, "httpTarget.oidcToken") !== undefined;
  return [
    `${shown(inputs.schedule)} ${shown(inputs.timeZone)}`,
    `${oidc ? "OIDC" : "OAuth"} to ${shortUri(shown(at(inputs, "httpTarget.uri")))}`,
    retries(shown(at(inputs, "retryConfig.retryCount"))),
    `deadline ${readableDuration(inputs.attemptDeadline)}`,
    inputs.paused === true ? "PAUSED" : "",
  ];
}

const retries = (count: string): string => `${count || "no"} ${count === "1" ? "retry" : "retries"}`;

/** Whom a policy tells. The names of new channels come with the deployment, so these are told by their keys. */
function told({ notificationChannels }: Properties, dependencies: readonly string[]): string {
  const made = dependencies.filter((urn) => urn.includes(":NotificationChannel::")).map((urn) => urn.split(".").at(-1));
  const existing = Array.isArray(notificationChannels)
    ? notificationChannels.filter((name) => typeof name === "string").map((name) => name.split("/").at(-1))
    : [];
  const all = [...made, ...existing];
  return all.length === 0 ? "tells NOBODY" : `tells ${all.join(", ")}`;
}

function named(input: string): (inputs: Properties) => string {
  return (inputs) => shown(inputs[input]);
}

/** A grant is told by what it is on, which role, and to whom. */
function grantOn(target: string): Words {
  return {
    kind: "grant",
    label: (inputs) => `on ${shown(inputs[target]).split("/").at(-1)}`,
    facts: (inputs) => {
      const member = shown(inputs.member)
        .replace(/^serviceAccount:/, "")
        .split("@")[0];
      return [`${shown(inputs.role).replace(/^roles\//, "")} to ${member}`];
    },
  };
}

/** The value at a dotted path, `containers.0.image`. */
function at(value: Value | undefined, path: string): Value | undefined {
  return path.split(".").reduce<Value | undefined>(step, value);
}

function step(value: Value | undefined, key: string): Value | undefined {
  if (Array.isArray(value)) return value[Number(key)];
  return isProperties(value) ? value[key] : undefined;
}

function shown(value: Value | undefined): string {
  if (value === undefined || value === null) return "";
  if (isUnknown(value)) return "(known after up)";
  return isSecret(value) || typeof value === "object" ? "[secret]" : String(value);
}

function readableDuration(value: Value | undefined): string {
  const seconds = parseDuration(shown(value));
  return seconds === undefined ? shown(value) : formatDuration(seconds);
}

/** Registry and most of a digest left out: what tells one image from another. */
function shortImage(image: string): string {
  const [path = "", digest] = image.split("@sha256:");
  return `${path.split("/").at(-1)}${digest === undefined ? "" : `@${digest.slice(0, 12)}`}`;
}

function shortUri(uri: string): string {
  const job = /\/jobs\/([^/]+:run)$/.exec(uri)?.[1];
  return job ?? uri;
}
