/** Who may do what: the grants of a stack, whatever they are called there. */
import { type DeclaredStack, isUnknown, type Value } from "../resources.ts";
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
    const { role, member } = inputs;
    if (role === undefined || member === undefined) return [];
    const known = targets[type];
    const on = known === undefined ? `${type.split(":").at(-1)} ${name}` : `${known.noun} ${last(inputs[known.input])}`;
    return [
      {
        member: shown(member)
          .replace(/^serviceAccount:/, "")
          .replace(/\.iam\.gserviceaccount\.com$/, ""),
        role: shown(role).replace(/^roles\//, ""),
        target: on,
        project: shown(inputs.project),
        everybody: /^all(Authenticated)?Users$/.test(shown(member)),
      },
    ];
  });
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
