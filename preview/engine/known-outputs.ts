/**
 * What the real providers already know in a preview, beyond the inputs: measured, provider 9.35.0 under the Pulumi
 * CLI 3.259.0, November 2026. Everything else (`id`, `name` of a secret, `version`, …) is unknown until it is made.
 */
import type { Properties } from "../resources.ts";

type Computed = (inputs: Properties, project: string) => Readonly<Record<string, string>>;

const computed: Readonly<Record<string, Computed>> = {
  "gcp:serviceaccount/account:Account": ({ accountId }, project) => {
    // A project of a domain (example.com:name) spells its addresses differently; left unknown.
    if (typeof accountId !== "string" || project.includes(":")) return {};
    const email = `${accountId}@${project}.iam.gserviceaccount.com`;
    return { email, member: `serviceAccount:${email}` };
  },
};

/** @param providerProject the project of the resource's provider, where the inputs do not name one */
export function knownInPreview(
  type: string,
  inputs: Properties,
  providerProject: string | undefined,
): Readonly<Record<string, string>> {
  const project = inputs.project === undefined ? providerProject : inputs.project;
  return typeof project === "string" ? (computed[type]?.(inputs, project) ?? {}) : {};
}
