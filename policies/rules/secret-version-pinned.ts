import { notYetKnown, type Problem, type StackResource, type StackRule } from "../rule.ts";
import { SECRET_VERSION } from "../types.ts";
import { isHidden } from "../value.ts";
import { inSecrets, isWorkload, type SecretUse, secretId } from "../workloads.ts";

export const secretVersionPinned: StackRule = {
  name: "secret-version-pinned",
  title: "Secrets are read at a version that is stated",
  level: "mandatory in prod",
  why: "With `latest` the next shift reads what somebody added meanwhile, and going back to the deployment before does not bring the old value back.",
  remedy: "Give the version's number.",
  from: [5],
  checkStack: (resources) =>
    resources
      .filter(({ type }) => isWorkload(type))
      .flatMap((resource) => {
        const moving: string[] = [];
        const undecided = inSecrets(resource, (use) => {
          if (isHidden(use.version))
            return isMadeHere(resource, use) ? [] : [notYetKnown(`the version of ${use.goesTo}`, use.version)];
          if (use.version === undefined || use.version === "" || use.version === "latest") moving.push(use.goesTo);
          return [];
        });
        const found: readonly Problem[] =
          moving.length === 0
            ? undecided
            : [
                ...undecided,
                {
                  problem: `${moving.join(", ")}: read as latest, so the next shift may read another value without a deployment.`,
                },
              ];
        return found.map((problem) => ({ ...problem, resource }));
      }),
};

/** The number of a version that this stack makes is known when it is made, and never moves. */
function isMadeHere({ propertyDependencies }: StackResource, { secret }: SecretUse): boolean {
  return (propertyDependencies.template ?? []).some(
    ({ type, inputs }) =>
      type === SECRET_VERSION &&
      typeof secret === "string" &&
      typeof inputs.secret === "string" &&
      secretId(inputs.secret) === secretId(secret),
  );
}
