import { type Identity, identityOf, membersOf, same, shown } from "../identities.ts";
import { notYetKnown, type Problem, type StackResource, type StackRule } from "../rule.ts";
import { SECRET_BINDING, SECRET_MEMBER } from "../types.ts";
import { at, isHidden } from "../value.ts";
import { inSecrets, isWorkload, secretId, taskPath } from "../workloads.ts";

const ACCESSOR = "roles/secretmanager.secretAccessor";

interface Grant {
  readonly resource: StackResource;
  /** Undefined where it is not known yet. */
  readonly secret: string | undefined;
  /** Undefined where nobody can tell yet who it is. */
  readonly reader: Identity | undefined;
}

interface Reader {
  readonly resource: StackResource;
  readonly identity: Identity;
  readonly reads: ReadonlySet<string>;
  /** Problems with what it reads that is not known. */
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
function isAccessor(type: string, role: unknown): boolean {
  return (type === SECRET_MEMBER || type === SECRET_BINDING) && (role === ACCESSOR || typeof role === "symbol");
}

function grantsOf(resource: StackResource): readonly Grant[] {
  const { secretId: on, role } = resource.inputs;
  return membersOf(resource).map(({ member, property }) => ({
    resource,
    secret: typeof on === "string" ? secretId(on) : undefined,
    reader: role === ACCESSOR ? identityOf(member, resource, property) : undefined,
  }));
}

/** One without an account, or with one that nobody knows, is found by own-account. */
function readerOf(resource: StackResource): readonly Reader[] {
  const identity = identityOf(at(resource.inputs, `${taskPath(resource)}.serviceAccount`), resource, "template");
  if (identity === undefined) return [];
  const reads = new Set<string>();
  const undecided = inSecrets(resource, ({ secret, goesTo }) => {
    if (isHidden(secret)) return [notYetKnown(`the secret of ${goesTo}`, secret)];
    if (typeof secret === "string") reads.add(secretId(secret));
    return [];
  });
  return [{ resource, identity, reads, undecided }];
}

function missing({ identity, resource }: Reader, secret: string, candidates: readonly Grant[]) {
  const matches = candidates.map((grant) =>
    grant.secret === undefined || grant.reader === undefined ? undefined : same(grant.reader, identity),
  );
  if (matches.includes(true)) return [];
  if (!matches.includes(undefined))
    return [{ problem: `nothing gives ${shown(identity)} the right to read ${secret}.`, resource }];
  return [
    {
      ...notYetKnown(secret),
      problem: `whether ${shown(identity)} may read ${secret} is not yet known: this rule cannot decide.`,
      resource,
    },
  ];
}

/** The account of a worker that is only prepared reads nothing yet, and is nobody's here. */
function surplus({ resource, secret, reader }: Grant, readers: readonly Reader[]) {
  if (secret === undefined || reader === undefined) return [];
  const own = readers.filter(({ identity }) => same(identity, reader) === true);
  // What it reads besides is not known yet: then so is whether this is too much, and that is said of the worker.
  if (own.length === 0 || own.some(({ reads, undecided }) => reads.has(secret) || undecided.length > 0)) return [];
  return [
    {
      problem: `gives ${shown(reader)} the right to read ${secret}, which ${own[0]?.resource.name} does not use.`,
      resource,
    },
  ];
}
