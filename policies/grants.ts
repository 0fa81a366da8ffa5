import { known, type Problem } from "./rule.ts";
import type { Properties } from "./value.ts";

/** Types that give rights: `…IamMember`, `…IAMBinding`, `…IamPolicy`. */
const grant = /^gcp:[^:]+:[A-Za-z]*(?:Iam|IAM)(?:Member|Binding|Policy)$/;

/** Those on a whole project, folder or organization. */
const wide = /^gcp:(?:projects|folder|organizations)\/i(?:am|AM)(?:Member|Binding|Policy):/;

export function isGrant(type: string): boolean {
  return grant.test(type);
}

export function isWide(type: string): boolean {
  return wide.test(type);
}

/** The same policy as it reads: `roles\u002fowner` is `roles/owner`. */
function unescaped(policy: string): string {
  try {
    return JSON.stringify(JSON.parse(policy));
  } catch {
    return policy; // what is no JSON is looked at as it is
  }
}

/** Looks at a policy as a whole, which Google takes as JSON in a text. */
export function inPolicy(inputs: Properties, look: (text: string) => readonly Problem[]): readonly Problem[] {
  return known(inputs, "policyData", (policy) => {
    if (policy === undefined) return [];
    return typeof policy === "string"
      ? look(unescaped(policy))
      : [{ problem: "policyData is no text, and tells nobody who is in it." }];
  });
}
