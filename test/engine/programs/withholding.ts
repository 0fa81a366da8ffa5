/** From now on the workers' image is what another resource makes: nobody knows it before it is there. */
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/index.js";
import type { Properties, Value } from "../../../policies/value.ts";
import { changed, IMAGE } from "../../policies/resources.ts";

const made = new RandomPassword("made-by-another-resource", { length: 16, special: true, overrideSpecial: "-_" });
pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  type === "gcp:cloudrunv2/job:Job"
    ? { props: changed(props as Properties, { [IMAGE]: made.id as unknown as Value }), opts }
    : undefined,
);
