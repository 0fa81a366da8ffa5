import { isWide } from "../grants.ts";
import { knownText, type ResourceRule } from "../rule.ts";

/** Rights that are only ever needed on one thing. */
const NARROW = /^roles\/(run\.|secretmanager\.|artifactregistry\.(writer|repoAdmin)|cloudscheduler\.)/;

export const grantsOnResources: ResourceRule = {
  name: "grants-on-resources",
  title: "Rights are given on one job, service or secret, and a project's list of rights is never replaced",
  level: "mandatory",
  why: "A right on the project is one on everything in it, also on what comes later; and a binding or a whole policy takes the role from everybody who is not in it.",
  remedy: "Use JobIamMember, ServiceIamMember or SecretIamMember on the one resource.",
  from: [19],
  appliesTo: isWide,
  check: ({ type, inputs }) => {
    if (!/Member$/.test(type))
      return [{ problem: "replaces who has the role in the whole project: everybody who is not named loses it." }];
    return knownText(inputs, "role", (role) =>
      NARROW.test(role) ? [{ problem: `gives ${role} on everything in the project.` }] : [],
    );
  },
};
