import { known, ofTypes, type ResourceRule } from "../rule.ts";
import { ACCOUNT, JOB, REPOSITORY, SECRET_RESOURCE } from "../types.ts";

/** Those that Google itself can be told to keep; left out it means true for both. */
const kept = [JOB, SECRET_RESOURCE];

export const deletionProtection: ResourceRule = {
  name: "deletion-protection",
  title: "In prod nothing is deleted by a mistake that would be lost for good",
  level: "mandatory in prod",
  why: "Secrets, accounts with their grants, images and Jobs do not come back with the next deployment.",
  remedy:
    "Take `protect: false` out of the settings (or give the resource protect, and deletionProtection where it has it). Where something has to go, make an exception for that deployment: see Removing something in prod in docs/deployment.md.",
  from: [9],
  appliesTo: ofTypes(JOB, SECRET_RESOURCE, ACCOUNT, REPOSITORY),
  check: ({ type, protect, inputs }, { environment }) => {
    // Staging may go at once: it can be made again from the stack file.
    if (environment !== "prod") return [];
    const keeps = (value: unknown) => !kept.includes(type) || value !== false;
    return known(inputs, "deletionProtection", (value) => {
      const open = [...(protect ? [] : ["protect"]), ...(keeps(value) ? [] : ["deletionProtection"])];
      return open.length === 0 ? [] : [{ problem: `${open.join(" and ")} ${open.length === 1 ? "is" : "are"} off.` }];
    });
  },
};
