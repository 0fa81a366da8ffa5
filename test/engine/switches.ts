/**
 * What each habit of the simulated cloud is for: the scenario that notices when it is switched off. A habit that none
 * notices would be decoration.
 */
import * as type from "../support/cloud/names.ts";

const paths = (habit: string, of: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.entries(of).flatMap(([type, properties]) => properties.map((property) => `${type} ${habit} ${property}`));

const noticed = (habits: readonly string[], by: string): Readonly<Record<string, string>> =>
  Object.fromEntries(habits.map((habit) => [habit, by]));

const granted = ["role", "member"];

/** What each resource of the scenario about identities needs: each has one property, and so one of these. */
export const identities = paths("is replaced by", {
  [type.API]: ["project", "service"],
  [type.REPOSITORY]: ["project", "location", "repositoryId", "format", "mode"],
  [type.SECRET]: ["project", "secretId", "replication"],
  [type.SECRET_VERSION]: ["secret", "secretData"],
  [type.SECRET_GRANT]: ["project", "secretId", ...granted],
  [type.ACCOUNT]: ["accountId", "project"],
  [type.JOB]: ["name", "location", "project"],
  [type.JOB_GRANT]: ["project", "location", "name", ...granted],
  [type.SERVICE_GRANT]: ["project", "location", "name", ...granted],
  [type.SCHEDULER_JOB]: ["name", "region", "project"],
  [type.METRIC]: ["project"],
  [type.CHANNEL]: ["project"],
  [type.POLICY]: ["project"],
  [type.DASHBOARD]: ["project"],
  [type.RANDOM_PASSWORD]: ["length", "special", "overrideSpecial"],
});

/** Inputs of a Job that are not reset, by what the scenarios call them. */
const leftOut = {
  taskCount: "template.taskCount",
  parallelism: "template.parallelism",
  timeout: "template.template.timeout",
  serviceAccount: "template.template.serviceAccount",
  limits: "template.template.containers[0].resources.limits",
};

const firstDeployment = "an empty project takes a first deployment: prepared, image pushed, versions added, image set";
const rotation =
  "a generated secret is rotated: the old version stays until its label goes, and no payload is readable";

export const noticedBy: Readonly<Record<string, string>> = {
  "the API is not enabled": "what is declared in a project whose API nobody enabled is refused",
  "the name is taken": "what Google made, and the engine never heard of, is refused as taken until it is imported",
  "the image is missing": "a Job whose image is missing fails the up by name, and nothing starts it",
  "the secret's version is missing":
    "a Job whose secret's version is missing fails the up by name, and nothing starts it",
  "the account may not read the secret": "what is declared as a Job whose account may not read its secret is refused",
  "the grant has not arrived yet":
    "a Job that is created before its grants have arrived is said to be broken, and looks finished afterwards",
  "the account of a binding is unknown": "what is declared for an account that does not exist yet is refused",
  "what a binding is on is missing": "what is declared on something that does not exist yet is refused",
  "it is protected from deletion":
    "a Job whose deletion protection was never lifted is not deleted, even when the engine's own is",
  "it is still referred to": "a channel that a policy of somebody else still tells is not deleted",

  ...noticed(identities, "what a thing is at Google is never changed in place: it is made anew"),

  ...Object.fromEntries(
    Object.entries(leftOut).map(([what, path]) => [
      `${type.JOB} keeps ${path}`,
      `a Job's ${what} that is left out is not reset, and no preview says so`,
    ]),
  ),
  [`${type.SCHEDULER_JOB} keeps paused`]:
    "an operator's pause survives an up and a refresh, until the settings say otherwise",

  ...noticed(paths("computes", { [type.ACCOUNT]: ["email", "member"] }), firstDeployment),
  ...noticed(paths("computes", { [type.CHANNEL]: ["name"], [type.POLICY]: ["name"] }), firstDeployment),
  ...noticed(paths("computes", { [type.SECRET_VERSION]: ["version"], [type.RANDOM_PASSWORD]: ["result"] }), rotation),
};
