/** Who may do what: the grants of a stack, whatever they are called there. */
import { type DeclaredStack, isProperties, isUnknown, type Properties, type Value } from "../resources.ts";
import type { Sentence } from "./sentence.ts";

/** One right of one member on one thing. */
export interface Grant {
  /** Without `serviceAccount:` and the domain of Google's own; `(known after up)` where it is not known yet. */
  readonly member: string;
  /** Without `roles/`. */
  readonly role: string;
  /** `secret livekit-url`, `job dental-agent-worker`, `service careflow-agent`. */
  readonly target: string;
  readonly project: string;
  /** Everybody on the internet, or everybody who has an account with Google. */
  readonly everybody: boolean;
}

/** What a grant of each type is on, and which of its inputs names that. */
const targets: Readonly<Record<string, { readonly noun: string; readonly input: string }>> = {
  "gcp:secretmanager/secretIamMember:SecretIamMember": { noun: "secret", input: "secretId" },
  "gcp:cloudrunv2/jobIamMember:JobIamMember": { noun: "job", input: "name" },
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": { noun: "service", input: "name" },
};

/** The grants that a stack declares, in its order. One of a type that is not known here is on whatever its type says. */
export function grantsOf(stack: DeclaredStack | undefined): readonly Grant[] {
  return (stack?.resources ?? []).flatMap(({ type, name, inputs }): Grant[] => {
    // Of one thing the grants can be given one by one, by role, or all at once.
    const known = targets[type.replace(/I(am|AM)(?:Binding|Policy)\b/g, "I$1Member")];
    const on = known === undefined ? `${type.split(":").at(-1)} ${name}` : `${known.noun} ${last(inputs[known.input])}`;
    return given(inputs).map(({ role, member }) => ({
      member: shown(member)
        .replace(/^serviceAccount:/, "")
        .replace(/\.iam\.gserviceaccount\.com$/, ""),
      role: shown(role).replace(/^roles\//, ""),
      target: on,
      project: shown(inputs.project),
      everybody: Object.hasOwn(everybody, shown(member)),
    }));
  });
}

/** Who they are. */
const everybody: Readonly<Record<string, string>> = {
  allUsers: "Everybody on the internet",
  allAuthenticatedUsers: "Everybody with a Google account",
};

/** For a danger: `Everybody on the internet`. */
export const everybodyInWords = (member: string): string => everybody[member] ?? member;

/** The roles that a resource gives, member by member. */
function given(inputs: Properties): readonly { readonly role: Value; readonly member: Value }[] {
  const { role, member, members, policyData } = inputs;
  if (role !== undefined) {
    const list = Array.isArray(members) ? (members as readonly Value[]) : [members];
    return [member, ...list].flatMap((one) => (one === undefined ? [] : [{ role, member: one }]));
  }
  return typeof policyData === "string" ? inPolicy(policyData) : [];
}

/** A policy as Google takes it, in JSON. */
function inPolicy(text: string): ReturnType<typeof given> {
  try {
    const { bindings } = JSON.parse(text) as { bindings?: unknown };
    return (Array.isArray(bindings) ? bindings : []).flatMap((binding) =>
      isProperties(binding) ? given(binding) : [],
    );
  } catch {
    return [];
  }
}

const shown = (value: Value | undefined): string =>
  value === undefined ? "" : isUnknown(value) ? "(known after up)" : typeof value === "string" ? value : "[secret]";
const last = (value: Value | undefined): string => shown(value).split("/").at(-1) ?? "";

/** What a role lets somebody do, in a verb. */
const verbs: Readonly<Record<string, string>> = {
  "secretmanager.secretAccessor": "read",
  "run.invoker": "invoke",
};

/** `read`, or `use as run.developer`. */
export const verbOf = (role: string): string => verbs[role] ?? `use as ${role}`;

export function accessSentences(
  before: DeclaredStack | undefined,
  after: DeclaredStack | undefined,
): readonly Sentence[] {
  const [old, now] = [grantsOf(before), grantsOf(after)];
  return [...told(without(now, old), "may now"), ...told(without(old, now), "may no longer")];
}

/** The grants of everybody that were not there before. */
export function openedToEverybody(before: DeclaredStack | undefined, after: DeclaredStack | undefined) {
  return without(grantsOf(after), grantsOf(before)).filter(({ everybody }) => everybody);
}

const without = (grants: readonly Grant[], others: readonly Grant[]): readonly Grant[] => {
  const there = new Set(others.map((grant) => JSON.stringify(grant)));
  return grants.filter((grant) => !there.has(JSON.stringify(grant)));
};

/** One sentence a member and role: `may now read secret a, secret b`. */
function told(grants: readonly Grant[], may: string): readonly Sentence[] {
  const groups = Map.groupBy(grants, ({ member, role }) => `${member}\n${role}`);
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const targets = [first, ...others].map(({ target }) => target).join(", ");
    return [{ topic: "access" as const, about: first.member, text: `${may} ${verbOf(first.role)} ${targets}` }];
  });
}
