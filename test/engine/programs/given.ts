/** Declares just what its configuration says, in that order: for what the components never declare. */
import * as pulumi from "@pulumi/pulumi";
import type { Given } from "../scenarios/given.ts";

class Raw extends pulumi.CustomResource {}

let before: pulumi.Resource[] = [];
for (const { type, name, properties, alias } of new pulumi.Config("given").requireObject<readonly Given[]>(
  "resources",
)) {
  const aliases = alias === undefined ? [] : [{ name: alias }];
  before = [new Raw(type, name, properties, { aliases, dependsOn: before })];
}
