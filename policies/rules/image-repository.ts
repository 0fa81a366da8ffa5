import { known, notYetKnown, ofTypes, type Problem, type ResourceRule } from "../rule.ts";
import { REPOSITORY } from "../types.ts";
import { at, isHidden, isList, type Properties, type Value } from "../value.ts";

export const imageRepository: ResourceRule = {
  name: "image-repository",
  title: "Old images are cleaned up, and in prod a tag never moves",
  level: "mandatory",
  why: "Every image that was ever pushed costs money each month; and a tag that moves makes the console name another image than the one that runs.",
  remedy: "Give cleanupPolicies without cleanupPolicyDryRun, and in prod dockerConfig.immutableTags: true.",
  from: [25],
  appliesTo: ofTypes(REPOSITORY),
  check: ({ inputs }, { environment }) => [
    ...known(inputs, "cleanupPolicies", (policies) =>
      isList(policies) && policies.length > 0 ? deletionProblems(policies) : [{ problem: "has no cleanupPolicies." }],
    ),
    ...known(inputs, "cleanupPolicyDryRun", (dry) =>
      dry === true ? [{ problem: "cleanupPolicyDryRun is true: nothing is cleaned up." }] : [],
    ),
    ...(environment === "prod"
      ? known(inputs, "format", (format) => (String(format).toUpperCase() === "DOCKER" ? tagProblems(inputs) : []))
      : []),
  ],
};

/** Policies that keep only say what the others leave. */
function deletionProblems(policies: readonly Value[]): readonly Problem[] {
  const actions = policies.map((policy) => at(policy, "action"));
  if (actions.includes("DELETE")) return [];
  return actions.some(isHidden)
    ? [notYetKnown("cleanupPolicies")]
    : [{ problem: "cleanupPolicies delete nothing: none has the action DELETE." }];
}

function tagProblems(inputs: Properties): readonly Problem[] {
  return known(inputs, "dockerConfig.immutableTags", (immutable) =>
    immutable === true ? [] : [{ problem: "dockerConfig.immutableTags is off: a tag can be moved to another image." }],
  );
}
