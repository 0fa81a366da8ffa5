/** The policy pack, as the Pulumi CLI starts it: `--policy-pack policies`. Making one serves it, so nobody imports this. */
import { PolicyPack } from "@pulumi/policy";
import { policiesOf } from "./pulumi.ts";
import { rules } from "./rules.ts";
import { listenToTheEngine } from "./stack-told.ts";

// A pack serves one command, and so one stack.
const facts = listenToTheEngine();

new PolicyPack("agent-worker", { policies: policiesOf(rules, facts) });
