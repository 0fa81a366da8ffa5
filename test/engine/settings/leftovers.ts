/** What is at Google and nobody asked for, or names what is not there. */
import { isDeepStrictEqual } from "node:util";
import { at, differences } from "../../support/cloud/attributes.ts";
import {
  ACCOUNT,
  CHANNEL,
  JOB,
  JOB_GRANT,
  POLICY,
  SCHEDULER_JOB,
  SECRET_GRANT,
  SECRET_VERSION,
  SERVICE_GRANT,
} from "../../support/cloud/names.ts";
import type { Attributes } from "../../support/cloud/resource-type.ts";
import { resourceTypes } from "../../support/cloud/types.ts";
import { type Deployed, type DeployedResource, ENCRYPTED, given, isAtGoogle } from "./deployed.ts";
import { shownName } from "./names.ts";

/** Differences between what the program asked for last and what is there: `round noon: paused`. */
export function leftovers(before: Deployed, after: Deployed): readonly string[] {
  const ours = [...after.resources.values()].filter(isAtGoogle);
  return [...ours.flatMap(unasked), ...orphans(before, after)].sort();
}

function unasked(resource: DeployedResource): readonly string[] {
  const { type, inputs, there } = resource;
  const name = shownName(resource);
  if (there === undefined) return [`${name}: is not there`];
  const asked = withSecrets(inputs, given(type, there));
  return differences(asked, given(type, there)).map((path) => `${name}: ${path}`);
}

/** What is encrypted in the state may be anything, if it is something. */
function withSecrets(asked: unknown, there: unknown): unknown {
  if (asked === ENCRYPTED) return there ?? "a secret";
  if (Array.isArray(asked)) return asked.map((item, index) => withSecrets(item, (there as unknown[])?.[index]));
  if (typeof asked !== "object" || asked === null) return asked;
  return Object.fromEntries(
    Object.entries(asked).map(([key, inner]) => [key, withSecrets(inner, (there as Attributes)?.[key])]),
  );
}

const keyOf = ({ type, id }: DeployedResource): string => `${type} ${id}`;

/** What the stack made and no longer knows. */
function orphans(before: Deployed, after: Deployed): readonly string[] {
  const known = new Set([...after.resources.values()].map(keyOf));
  const others = othersOf(before);
  return [...after.cloud].flatMap(([key, attributes]) => {
    const { api, outlives } = resourceTypes[typeOf(key)] ?? {};
    const stays = api === undefined || outlives?.(attributes) === true;
    return stays || known.has(key) || others.has(key) ? [] : [`${key}: is left behind`];
  });
}

/** What somebody else had made. */
function othersOf({ cloud, resources }: Deployed): ReadonlySet<string> {
  const ours = new Set([...resources.values()].map(keyOf));
  return new Set([...cloud.keys()].filter((key) => !ours.has(key)));
}

const typeOf = (key: string): string => key.split(" ")[0] ?? "";

/** What names something that does not exist: an account, a channel, a policy; and a secret without a payload. */
export function dangling({ cloud, outputs }: Deployed): readonly string[] {
  const ids = (type: string) => [...cloud.keys()].filter((key) => typeOf(key) === type).map((key) => key.split(" ")[1]);
  const accounts = new Set(ids(ACCOUNT).map((id) => `serviceAccount:${id?.split("/").at(-1)}`));
  const channels = new Set(ids(CHANNEL));
  const fits: Readonly<Record<string, (attributes: Attributes) => boolean>> = {
    [JOB]: ({ template }) => accounts.has(`serviceAccount:${at(template, "template.serviceAccount")}`),
    [SCHEDULER_JOB]: ({ httpTarget }) => accounts.has(`serviceAccount:${callerOf(httpTarget)}`),
    [SECRET_GRANT]: ({ member }) => accounts.has(String(member)),
    [JOB_GRANT]: ({ member }) => accounts.has(String(member)),
    [SERVICE_GRANT]: ({ member }) => accounts.has(String(member)),
    [SECRET_VERSION]: ({ secretData }) => typeof secretData === "string",
    [POLICY]: ({ notificationChannels }) => (notificationChannels as readonly string[]).every((id) => channels.has(id)),
  };
  const told = Object.values((outputs.alerts ?? {}) as Record<string, unknown>);
  return [
    ...[...cloud].filter(([key, attributes]) => fits[typeOf(key)]?.(attributes) === false).map(([key]) => key),
    ...(isDeepStrictEqual(told.sort(), ids(POLICY).sort()) ? [] : ["the stack's output alerts"]),
  ];
}

const callerOf = (target: unknown) =>
  at(target, "oauthToken.serviceAccountEmail") ?? at(target, "oidcToken.serviceAccountEmail");
