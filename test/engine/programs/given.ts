/** Declares just what its configuration says, in that order: for what the components never declare. */
import * as pulumi from "@pulumi/pulumi";

interface Given {
  readonly type: string;
  readonly name: string;
  readonly properties: Record<string, unknown>;
  readonly alias?: string;
  readonly deleteBeforeReplace?: boolean;
}

class Raw extends pulumi.CustomResource {}

let before: pulumi.Resource[] = [];
for (const { type, name, properties, alias, deleteBeforeReplace = false } of new pulumi.Config("given").requireObject<
  readonly Given[]
>("resources")) {
  const aliases = alias === undefined ? [] : [{ name: alias }];
  before = [new Raw(type, name, properties, { aliases, deleteBeforeReplace, dependsOn: before })];
}
