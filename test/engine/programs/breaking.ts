/** From now on what this program declares is broken as its configuration says: `broken:rule`. */
import * as pulumi from "@pulumi/pulumi";
import type { Properties } from "../../../policies/value.ts";
import { breaks } from "../../policies/breaks.ts";
import { changed } from "../../policies/resources.ts";

class Raw extends pulumi.CustomResource {}

const rule = new pulumi.Config("broken").get("rule");
const broken = breaks.find((each) => each.rule === rule);
if (broken === undefined && rule !== undefined) throw new Error(`nothing breaks ${rule}`);

const { change, adds = [] } = broken ?? {};
pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
  if (type !== change?.type || name !== change.name) return undefined;
  // Outputs among them stay as they are: what is changed is never inside of one.
  const inputs = props as Properties;
  return { props: changed(inputs, change.inputs(inputs)), opts };
});
for (const { type, name, inputs } of adds) new Raw(type, name, { ...inputs }, { protect: true });
