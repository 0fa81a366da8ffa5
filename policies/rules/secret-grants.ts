import { type Identity, identityOf, membersOf, same, shown } from "../identities.ts";
import { notYetKnown, type Problem, type StackResource, type StackRule } from "../rule.ts";
import { SECRET_BINDING, SECRET_MEMBER, SECRET_RESOURCE } from "../types.ts";
import { at, isHidden } from "../value.ts";
import { inSecrets, isWorkload, secretId, taskPath } from "../workloads.ts";

const ACCESSOR = "roles/secretmanager.secretAccessor";

interface Grant {
  readonly resource: StackResource;
  /** Undefined where it is not known yet. */
  readonly secret: string | undefined;
  /** Undefined where nobody can tell yet who it is, or whether it is this right. */
  readonly reader: Identity | undefined;
}

interface Reader {
  readonly resource: StackResource;
  /** Undefined where nobody can tell yet who it is. */
  readonly identity: Identity | undefined;
  readonly reads: ReadonlySet<string>;
  /** What it reads besides, and nobody knows yet. */
  readonly undecided: readonly Problem[];
}

export const secretGrants: StackRule = {
  name: "secret-grants",
  title: "A worker may read each secret that it uses, and no other",
  level: "mandatory",
  why: "Cloud Run refuses a Job whose account cannot read a secret of it; and a right that nobody uses is one that somebody else can.",
  remedy:
    "Declare a SecretIamMember with roles/secretmanager.secretAccessor for the worker's account on exactly the secrets that it reads.",
  from: [22],
  frameworks: [
    {
      name: "HIPAA Security Rule",
      version: "45 CFR 164",
      reference: "164.312(a)(1)",
      specification: "Allow access only to those persons or software programs that have been granted access rights",
    },
  ],
  checkStack: (resources) => {
    const grants = resources.filter(({ type, inputs }) => isAccessor(type, inputs.role)).flatMap(grantsOf);
    const bySecret = Map.groupBy(grants, ({ secret }) => secret);
    const readers = resources.filter(({ type }) => isWorkload(type)).flatMap(readerOf);
    return [
      ...readers.flatMap((reader) => [
        ...reader.undecided.map((problem) => ({ ...problem, resource: reader.resource })),
        ...[...reader.reads].flatMap((secret) =>
          missing(reader, secret, [...(bySecret.get(secret) ?? []), ...(bySecret.get(undefined) ?? [])]),
        ),
      ]),
      ...grants.flatMap((grant) => surplus(grant, readers)),
    ];
  },
};

/** A role that is not known yet may be this one. */
function isAccessor(type: string, role: StackResource["inputs"][string] | undefined): boolean {
  return (type === SECRET_MEMBER || type === SECRET_BINDING) && (role === ACCESSOR || isHidden(role));
}

function grantsOf(resource: StackResource): readonly Grant[] {
  return membersOf(resource).map(({ member, property }) => ({
    resource,
    secret: secretOf(resource),
    reader: resource.inputs.role === ACCESSOR ? identityOf(member, resource, property) : undefined,
  }));
}

/** The secret of a right: by its id, or, not known yet, by the secret of this stack whose id it is. */
function secretOf({ inputs, propertyDependencies }: StackResource): string | undefined {
  if (typeof inputs.secretId === "string") return secretId(inputs.secretId);
  const secrets = (propertyDependencies.secretId ?? []).filter(({ type }) => type === SECRET_RESOURCE);
  const id = secrets.length === 1 ? secrets[0]?.inputs.secretId : undefined;
  return typeof id === "string" ? id : undefined;
}

/** One that runs as the default account is found by own-account. */
function readerOf(resource: StackResource): readonly Reader[] {
  const account = at(resource.inputs, `${taskPath(resource)}.serviceAccount`);
  if (account === undefined || account === "") return [];
  const reads = new Set<string>();
  const undecided = inSecrets(resource, ({ secret, goesTo }) => {
    if (isHidden(secret)) return [notYetKnown(`the secret of ${goesTo}`, secret)];
    if (typeof secret === "string") reads.add(secretId(secret));
    return [];
  });
  return [{ resource, identity: identityOf(account, resource, "template"), reads, undecided }];
}

function missing({ identity, resource }: Reader, secret: string, candidates: readonly Grant[]) {
  const who = identity === undefined ? "its account" : shown(identity);
  const matches = candidates.map((grant) =>
    identity === undefined || grant.secret === undefined || grant.reader === undefined
      ? undefined
      : same(grant.reader, identity),
  );
  if (matches.includes(true)) return [];
  if (identity !== undefined && !matches.includes(undefined)) {
    return [{ problem: `nothing gives ${who} the right to read ${secret}.`, resource }];
  }
  const problem = `whether ${who} may read ${secret} is not yet known: this rule cannot decide.`;
  return [{ ...notYetKnown(secret), problem, resource }];
}

/** The account of a worker that is only prepared reads nothing yet, and is nobody's here. */
function surplus({ resource, secret, reader }: Grant, readers: readonly Reader[]) {
  const perhaps = readers.map((each) => ({
    each,
    is: reader === undefined || each.identity === undefined ? undefined : same(each.identity, reader),
  }));
  const own = perhaps.filter(({ is }) => is !== false);
  if (own.length === 0) return [];
  // Whoever it is: somebody who may be meant uses it.
  if (secret !== undefined && own.some(({ each }) => each.reads.has(secret))) return [];
  if (secret === undefined || own.some(({ each, is }) => is === undefined || each.undecided.length > 0)) {
    const problem = `whether the right to read ${secret ?? "this secret"} is used is not yet known: this rule cannot decide.`;
    return [{ ...notYetKnown("secretId"), problem, resource }];
  }
  const [first] = own;
  const problem = `gives ${first?.each.identity === undefined ? "" : shown(first.each.identity)} the right to read ${secret}, which ${first?.each.resource.name} does not use.`;
  return [{ problem, resource }];
}
