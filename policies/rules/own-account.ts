import { type Identity, identityOf, same, shown } from "../identities.ts";
import { notYetKnown, type Problem, type StackRule } from "../rule.ts";
import { at, isHidden } from "../value.ts";
import { accountPath, isWorkload } from "../workloads.ts";

/** Google's own: https://docs.cloud.google.com/iam/docs/service-account-types (November 2026) */
const DEFAULT_ACCOUNT = /(-compute@developer|@appspot)\.gserviceaccount\.com$/;

export const ownAccount: StackRule = {
  name: "own-account",
  title: "What Cloud Run runs has an account of its own, and never a project's default one",
  level: "mandatory",
  why: "The default account may often edit the whole project, and whoever shares an account shares its secrets.",
  remedy: "Declare a service account for it alone, and set serviceAccount to its email.",
  from: [1],
  checkStack: (resources) => {
    const seen: { readonly name: string; readonly identity: Identity }[] = [];
    return resources
      .filter(({ type }) => isWorkload(type))
      .flatMap((resource) => {
        const path = accountPath(resource);
        const value = at(resource.inputs, path);
        const about = (problem: Problem) => [{ ...problem, resource }];
        if (value === undefined || value === "")
          return about({ problem: `${path} is left out: it runs as the project's default account.` });
        const identity = identityOf(value, resource, "template");
        if (identity === undefined) return about(notYetKnown(path, isHidden(value) ? value : undefined));
        if (DEFAULT_ACCOUNT.test(identity.address ?? ""))
          return about({ problem: `runs as ${identity.address}, a default account of the project.` });
        const other = seen.find((before) => same(before.identity, identity) !== false);
        seen.push({ name: resource.name, identity });
        if (other === undefined) return [];
        return about(
          same(other.identity, identity) === true
            ? { problem: `runs as ${shown(identity)}, as ${other.name} does.` }
            : {
                ...notYetKnown(path),
                problem: `whether ${shown(identity)} is also the account of ${other.name} is not yet known: this rule cannot decide.`,
              },
        );
      });
  },
};
