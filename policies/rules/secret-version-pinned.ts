import { notYetKnown, type Problem, type StackResource, type StackRule } from "../rule.ts";
import { SECRET_VERSION } from "../types.ts";
import { isHidden } from "../value.ts";
import { inSecrets, isWorkload, type SecretUse, secretId } from "../workloads.ts";

/** An alias, such as `prod`, can be moved to another version. */
const NUMBER = /^[1-9]\d*$/;

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
        const named: string[] = [];
        const undecided = inSecrets(resource, (use) => {
          if (isHidden(use.version))
            return isMadeHere(resource, use) ? [] : [notYetKnown(`the version of ${use.goesTo}`, use.version)];
          const version = String(use.version ?? "");
          if (version === "" || version === "latest") moving.push(use.goesTo);
          else if (!NUMBER.test(version)) named.push(use.goesTo);
          return [];
        });
        const found: readonly Problem[] = [
          ...undecided,
          ...moves(moving, "read as latest"),
          ...moves(named, "read at what is no version's number"),
        ];
        return found.map((problem) => ({ ...problem, resource }));
      }),
};

function moves(goTo: readonly string[], how: string): readonly Problem[] {
  const problem = `${goTo.join(", ")}: ${how}, so the next shift may read another value without a deployment.`;
  return goTo.length === 0 ? [] : [{ problem }];
}

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
