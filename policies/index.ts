/** The policy pack, as the Pulumi CLI starts it: `--policy-pack policies`. Making one serves it, so nobody imports this. */
import { PolicyPack } from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";
import { configurationOf } from "../domain/settings/configuration.ts";
import { factsOf } from "./facts.ts";
import { policiesOf } from "./pulumi.ts";
import { rules } from "./rules.ts";

// The CLI gives a pack the stack's configuration as it gives it to the program (sdk/go/common/resource/plugin/
// analyzer_plugin.go, 3.259.0).
const facts = factsOf(configurationOf(pulumi.runtime.allConfig(), pulumi.getProject()));

new PolicyPack("agent-worker", { policies: policiesOf(rules, facts) });
