/** A clinic whose program declares just what a scenario gives it: raw resources, as no component declares them. */
import * as type from "../../support/cloud/names.ts";
import { createSecret, enableApis } from "../../support/cloud/people.ts";
import type { World } from "../../support/engine/world.ts";
import type { Stage } from "../stage.ts";

export const project = "clinic-project";
export const location = "us-central1";
export const email = `dental@${project}.iam.gserviceaccount.com`;

export interface Given {
  readonly type: string;
  readonly name: string;
  readonly properties: Record<string, unknown>;
  readonly alias?: string;
}

export const account: Given = { type: type.ACCOUNT, name: "account", properties: { project, accountId: "dental" } };

/** Nothing deployed; people have enabled what is needed, made a secret and pushed an image. */
export async function clinic(stage: Stage): Promise<World> {
  const world = await stage.program("test/engine/programs/given.ts");
  const apis = ["run", "iam", "secretmanager", "monitoring", "artifactregistry"];
  enableApis(world.cloud, project, ...apis.map((api) => `${api}.googleapis.com`));
  createSecret(world.cloud, project, "token");
  world.cloud.images.add("image");
  return world;
}

export async function up(world: World, ...resources: readonly Given[]) {
  await world.configure({ "given:resources": resources });
  return world.pulumi("up", "--yes", "--skip-preview");
}
