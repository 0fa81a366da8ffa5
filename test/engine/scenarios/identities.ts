/**
 * What a thing is at Google cannot be changed: the provider makes it anew. One resource for each such property, so that
 * none hides behind another one of the same thing.
 *
 * The settings' table shows what that means for a stack; most of these no setting changes, but an edit of a component may.
 */
import { expect } from "vitest";
import * as type from "../../support/cloud/names.ts";
import { createSecret, enableApis } from "../../support/cloud/people.ts";
import type { World } from "../../support/engine/world.ts";
import { changes, isDeclared } from "../expect.ts";
import type { Scenario, Stage } from "../stage.ts";
import { clinic, type Given, location, project, up } from "./given.ts";

const elsewhere = "moved-project";
const abroad = "europe-west1";
const apis = ["run", "iam", "secretmanager", "monitoring", "artifactregistry", "cloudscheduler", "logging"];
const member = (name: string) => `serviceAccount:${name}@${project}.iam.gserviceaccount.com`;

interface Identity {
  readonly type: string;
  /** With a name of its own, for there is one for each property. */
  readonly properties: (name: string) => Readonly<Record<string, unknown>>;
  /** Another value for each property that makes it another thing. */
  readonly others: Readonly<Record<string, unknown>>;
}

const template = {
  template: { serviceAccount: `dental@${project}.iam.gserviceaccount.com`, containers: [{ image: "image" }] },
};

const granted = (on: Readonly<Record<string, unknown>>) => (name: string) => ({
  ...on,
  role: `roles/${name}`,
  member: member("dental"),
});

const identities: readonly Identity[] = [
  {
    type: type.API,
    properties: (name) => ({ project, service: `${name}.googleapis.com`, disableOnDestroy: false }),
    others: { project: elsewhere, service: "other.googleapis.com" },
  },
  {
    type: type.REPOSITORY,
    properties: (repositoryId) => ({ project, location, repositoryId, format: "DOCKER", mode: "STANDARD_REPOSITORY" }),
    others: { project: elsewhere, location: abroad, repositoryId: "other", format: "NPM", mode: "VIRTUAL_REPOSITORY" },
  },
  {
    type: type.SECRET,
    properties: (secretId) => ({ project, secretId, replication: { auto: {} } }),
    others: { project: elsewhere, secretId: "other", replication: { userManaged: { replicas: [{ location }] } } },
  },
  {
    type: type.SECRET_VERSION,
    properties: (secretData) => ({ secret: `projects/${project}/secrets/token`, secretData }),
    others: { secret: `projects/${project}/secrets/second-token`, secretData: "other" },
  },
  {
    type: type.SECRET_GRANT,
    properties: granted({ project, secretId: "token" }),
    others: { project: elsewhere, secretId: "second-token", role: "roles/other", member: member("eye") },
  },
  {
    type: type.ACCOUNT,
    properties: (accountId) => ({ project, accountId }),
    others: { project: elsewhere, accountId: "other" },
  },
  {
    type: type.JOB,
    properties: (name) => ({ project, location, name, deletionProtection: false, template }),
    others: { project: elsewhere, location: abroad, name: "other" },
  },
  {
    type: type.JOB_GRANT,
    properties: granted({ project, location, name: "dental" }),
    others: { project: elsewhere, location: abroad, name: "eye", role: "roles/other", member: member("eye") },
  },
  {
    type: type.SERVICE_GRANT,
    properties: granted({ project, location, name: "careflow-agent" }),
    others: { project: elsewhere, location: abroad, name: "pulse-agent", role: "roles/other", member: member("eye") },
  },
  {
    type: type.SCHEDULER_JOB,
    properties: (name) => ({ project, region: location, name, schedule: "0 9 * * *" }),
    others: { project: elsewhere, region: abroad, name: "other" },
  },
  {
    type: type.METRIC,
    properties: (name) => ({ project, name, filter: "severity>=ERROR" }),
    others: { project: elsewhere },
  },
  {
    type: type.CHANNEL,
    properties: (displayName) => ({ project, displayName, type: "email" }),
    others: { project: elsewhere },
  },
  {
    type: type.POLICY,
    properties: (displayName) => ({ project, displayName, combiner: "OR", notificationChannels: [] }),
    others: { project: elsewhere },
  },
  {
    type: type.DASHBOARD,
    properties: (displayName) => ({ project, dashboardJson: JSON.stringify({ displayName }) }),
    others: { project: elsewhere },
  },
  {
    type: type.RANDOM_PASSWORD,
    properties: () => ({ length: 43, special: true, overrideSpecial: "-_" }),
    others: { length: 64, special: false, overrideSpecial: "-" },
  },
];

/** Each resource as it is first, and as it is with its one property changed. */
const changedOnce = identities.flatMap(({ type, properties, others }) =>
  Object.entries(others).map(([property, value]) => {
    const name = `${type.split(":").at(-1)}-${property}`.toLowerCase();
    const before: Given = { type, name, properties: properties(name) };
    return { property, before, after: { ...before, properties: { ...before.properties, [property]: value } } };
  }),
);

/** What grants are for, and whom they name: in both projects and regions, by other people. */
function peoplePrepare({ cloud }: World): void {
  for (const [where, region] of [project, elsewhere].flatMap((where) =>
    [location, abroad].map((r) => [where, r] as const),
  )) {
    enableApis(cloud, where, ...apis.map((api) => `${api}.googleapis.com`));
    for (const secret of ["token", "second-token"]) createSecret(cloud, where, secret);
    for (const service of ["careflow-agent", "pulse-agent"]) cloud.services.add(`${where}/${region}/${service}`);
    for (const name of ["dental", "eye"]) {
      const attributes = { project: where, location: region, name, template };
      cloud.put(type.JOB, `projects/${where}/locations/${region}/jobs/${name}`, { type: type.JOB, attributes });
      const account = `projects/${where}/serviceAccounts/${name}@${where}.iam.gserviceaccount.com`;
      cloud.put(type.ACCOUNT, account, { type: type.ACCOUNT, attributes: { project: where, accountId: name } });
    }
  }
}

/** Changes one property of each resource. @returns names of those that were made anew */
export async function replacedBy(stage: Stage): Promise<readonly string[]> {
  const world = await clinic(stage);
  peoplePrepare(world);
  const first = await up(world, ...changedOnce.map(({ before }) => before));
  expect(first.errors).toEqual([]);
  expect(changes(first)).toHaveLength(changedOnce.length);

  const second = await up(world, ...changedOnce.map(({ after }) => after));
  expect(second.errors).toEqual([]);
  return second.steps
    .filter(({ op, type }) => op === "create-replacement" && isDeclared(type))
    .map(({ name }) => name)
    .sort();
}

const replaced: Scenario = {
  name: "what a thing is at Google is never changed in place: it is made anew",
  play: async (stage) => {
    expect(await replacedBy(stage)).toEqual(changedOnce.map(({ before }) => before.name).sort());
  },
};

export const identitiesOfThings: readonly Scenario[] = [replaced];
