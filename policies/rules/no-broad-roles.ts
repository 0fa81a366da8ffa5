import { inPolicy, isGrant, isWide } from "../grants.ts";
import { knownText, type Problem, type ResourceRule } from "../rule.ts";

const BASIC = /^roles\/(owner|editor|viewer|admin|writer|reader)$/;
/** Whoever has it can become any account of the project. */
const BECOMES_OTHERS =
  /^roles\/iam\.(serviceAccountUser|serviceAccountTokenCreator|serviceAccountOpenIdTokenCreator|serviceAccountKeyAdmin|workloadIdentityUser)$/;
const ADMIN = /(?:admin|owner)(?:\.v\d+)?$/i;

export const noBroadRoles: ResourceRule = {
  name: "no-broad-roles",
  title: "No basic role, no administrator, nobody who can become every account of a project",
  level: "mandatory",
  why: "Such a role is worth every other: who has it can give itself the rest.",
  remedy: "Give the one predefined role that is needed, on the one resource.",
  from: [20],
  frameworks: [
    {
      name: "CIS Google Cloud Platform Foundation Benchmark",
      version: "3.0.0",
      reference: "1.5, 1.6",
      specification:
        "Service accounts have no admin privileges; nobody is Service Account User or Token Creator at project level",
    },
  ],
  appliesTo: isGrant,
  check: ({ type, inputs }) => [
    ...knownText(inputs, "role", (role) => roleProblems(role, isWide(type))),
    ...inPolicy(inputs, (policy) =>
      [...new Set(policy.match(/roles\/[\w.]+/g))].flatMap((role) => roleProblems(role, isWide(type))),
    ),
  ],
};

function roleProblems(role: string, wide: boolean): readonly Problem[] {
  if (BASIC.test(role)) return [{ problem: `gives the basic role ${role}.` }];
  if (wide && BECOMES_OTHERS.test(role))
    return [{ problem: `gives ${role} on the whole project: whoever has it can become any of its accounts.` }];
  return wide && ADMIN.test(role) ? [{ problem: `gives ${role} on the whole project.` }] : [];
}
