/** What people and other programs do in a project, without Pulumi. */
import { withValue } from "./attributes.ts";
import type { SimulatedCloud } from "./cloud.ts";
import { API, SECRET, SECRET_VERSION, withProjectNumber } from "./names.ts";
import type { Attributes } from "./resource-type.ts";

/** `docker push`: an image by its tag or digest. */
export function pushImage(cloud: SimulatedCloud, image: string): void {
  cloud.images.add(image);
}

/** `gcloud secrets versions add`: the next number. @throws as gcloud does where there is no such secret */
export function addVersion(cloud: SimulatedCloud, secret: string): string {
  if (cloud.object(SECRET, secret) === undefined) throw new Error(`NOT_FOUND: Secret [${secret}] not found`);
  // Numbers are never used again, also not those of destroyed versions.
  const number = String(cloud.count(`${secret}/versions`));
  cloud.versions.add(withProjectNumber(`${secret}/versions/${number}`));
  return number;
}

/** Numbers of the versions of a secret, whoever added them. */
export function versionsOf(cloud: SimulatedCloud, secret: string): readonly string[] {
  const names = [...cloud.versions, ...cloud.ofType(SECRET_VERSION).map(({ id }) => id)];
  const prefix = withProjectNumber(`${secret}/versions/`);
  return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

/** A secret that somebody made by hand. */
export function createSecret(cloud: SimulatedCloud, project: string, secretId: string): string {
  const id = `projects/${project}/secrets/${secretId}`;
  cloud.put(SECRET, id, { type: SECRET, attributes: { project, secretId, replication: { auto: {} } } });
  return id;
}

/** `gcloud services enable`. */
export function enableApis(cloud: SimulatedCloud, project: string, ...apis: readonly string[]): void {
  for (const service of apis) {
    cloud.put(API, `${project}/${service}`, { type: API, attributes: { project, service } });
  }
}

/** Somebody changes what is deployed, in the console or with gcloud. */
export function changeByHand(cloud: SimulatedCloud, type: string, ends: string, changes: Attributes): void {
  const found = [...cloud.objects].filter(([key]) => key.startsWith(`${type} `) && key.endsWith(ends));
  const [[, object] = []] = found;
  if (object === undefined || found.length > 1) throw new Error(`${found.length} of ${type} end with ${ends}`);
  object.attributes = Object.entries(changes).reduce<Attributes>(
    (all, [path, value]) => withValue(all, path, value),
    object.attributes,
  );
}
