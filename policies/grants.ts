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
