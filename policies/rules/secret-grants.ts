import { inPolicy } from "../grants.ts";
import { type Identity, identityOf, membersOf, same, shown } from "../identities.ts";
import { notYetKnown, type Problem, type StackResource, type StackRule } from "../rule.ts";
import { SECRET_BINDING, SECRET_MEMBER, SECRET_POLICY, SECRET_RESOURCE } from "../types.ts";
import { at, isHidden, type Value } from "../value.ts";
import { accountPath, inSecrets, isWorkload, secretId } from "../workloads.ts";

const ACCESSOR = "roles/secretmanager.secretAccessor";

/** What a secret's own right to be read needs not; to look at it gives nothing away. */
const MORE = /^roles\/secretmanager\.(?!secretAccessor$|viewer$)/;

interface Secret {
  readonly id: string;
  /** Undefined where it is left out, and so the provider's; hidden where it is not known yet. */
  readonly project: Value | undefined;
}

interface Grant {
  readonly resource: StackResource;
  /** Undefined where it is not known yet. */
  readonly secret: Secret | undefined;
  /** Undefined where nobody can tell yet who it is, or whether it is this right. */
  readonly reader: Identity | undefined;
}

interface Reader {
  readonly resource: StackResource;
  /** Undefined where nobody can tell yet who it is. */
  readonly identity: Identity | undefined;
  readonly reads: readonly Secret[];
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
    const readers = resources.filter(({ type }) => isWorkload(type)).flatMap(readerOf);
    return [
      ...readers.flatMap((reader) => [
        ...reader.undecided.map((problem) => ({ ...problem, resource: reader.resource })),
        ...reader.reads.flatMap((secret) => missing(reader, secret, grants)),
      ]),
      ...grants.flatMap((grant) => surplus(grant, readers)),
      ...resources.flatMap((resource) =>
        [...more(resource, readers), ...replaced(resource, readers)].map((problem) => ({ ...problem, resource })),
      ),
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
function secretOf({ inputs, propertyDependencies }: StackResource): Secret | undefined {
  if (typeof inputs.secretId === "string") return secretNamed(inputs.secretId, inputs.project);
  const secrets = (propertyDependencies.secretId ?? []).filter(({ type }) => type === SECRET_RESOURCE);
  const only = secrets.length === 1 ? secrets[0]?.inputs : undefined;
  return typeof only?.secretId === "string" ? { id: only.secretId, project: only.project } : undefined;
}

/** @param project where the name says none */
function secretNamed(name: string, project: Value | undefined): Secret {
  return { id: secretId(name), project: /^projects\/([^/]+)\//.exec(name)?.[1] ?? project };
}

/** Whether two are the same secret; undefined where nobody can tell yet. A project that is left out may be any. */
function sameSecret(one: Secret | undefined, other: Secret): boolean | undefined {
  if (one === undefined) return undefined;
  if (one.id !== other.id) return false;
  if (isHidden(one.project) || isHidden(other.project)) return undefined;
  const names = [one.project, other.project].filter((name) => typeof name === "string");
  // A project's number is not its name, and may be the same project.
  return names.some((name) => /^\d+$/.test(name)) || names.length < 2 || names[0] === names[1];
}

/** What is true only where all are; undefined where nobody can tell yet. */
function all(...answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

/** One that runs as the default account is found by own-account. */
function readerOf(resource: StackResource): readonly Reader[] {
  const account = at(resource.inputs, accountPath(resource));
  if (account === undefined || account === "") return [];
  const reads: Secret[] = [];
  const undecided = inSecrets(resource, ({ secret, goesTo }) => {
    if (isHidden(secret)) return [notYetKnown(`the secret of ${goesTo}`, secret)];
    if (typeof secret !== "string") return [];
    const read = secretNamed(secret, resource.inputs.project);
    if (!reads.some(({ id, project }) => id === read.id && project === read.project)) reads.push(read);
    return [];
  });
  return [{ resource, identity: identityOf(account, resource, "template"), reads, undecided }];
}

function missing({ identity, resource }: Reader, secret: Secret, grants: readonly Grant[]) {
  const who = identity === undefined ? "its account" : shown(identity);
  const matches = grants.map((grant) => {
    const whose = identity === undefined || grant.reader === undefined ? undefined : same(grant.reader, identity);
    return { conditional: isConditional(grant), is: all(sameSecret(grant.secret, secret), whose) };
  });
  if (matches.some(({ is, conditional }) => is === true && !conditional)) return [];
  const perhaps = matches.filter(({ is }) => is !== false);
  if (identity !== undefined && perhaps.length === 0) {
    return [{ problem: `nothing gives ${who} the right to read ${secret.id}.`, resource }];
  }
  if (perhaps.some(({ is }) => is === true)) {
    const problem = `whether ${who} may read ${secret.id} depends on a condition: this rule cannot decide.`;
    return [{ ...notYetKnown(secret.id), problem, remedy: "Give the right without a condition.", resource }];
  }
  const problem = `whether ${who} may read ${secret.id} is not yet known: this rule cannot decide.`;
  return [{ ...notYetKnown(secret.id), problem, resource }];
}

/** When it holds is not read: a right until last year is none. */
function isConditional({ resource }: Grant): boolean {
  return at(resource.inputs, "condition") !== undefined;
}

/** The account of a worker that is only prepared reads nothing yet, and is nobody's here. */
function surplus({ resource, secret, reader }: Grant, readers: readonly Reader[]) {
  const own = whoseOf(reader, readers);
  if (own.length === 0) return [];
  const used = own.flatMap(({ each }) => each.reads.map((read) => sameSecret(secret, read)));
  // Whoever it is: somebody who may be meant uses it.
  if (used.includes(true)) return [];
  if (
    secret === undefined ||
    used.includes(undefined) ||
    own.some(({ each, is }) => is === undefined || each.undecided.length > 0)
  ) {
    const problem = `whether the right to read ${secret?.id ?? "this secret"} is used is not yet known: this rule cannot decide.`;
    return [{ ...notYetKnown("secretId"), problem, resource }];
  }
  const [first] = own;
  const problem = `gives ${nameOf(first?.each)} the right to read ${secret.id}, which ${first?.each.resource.name} does not use.`;
  return [{ problem, resource }];
}

/** A worker that may do more with a secret than to read it. */
function more(resource: StackResource, readers: readonly Reader[]): readonly Problem[] {
  const { role } = resource.inputs;
  const isOfSecret = resource.type === SECRET_MEMBER || resource.type === SECRET_BINDING;
  if (!isOfSecret || !(typeof role === "string" ? MORE.test(role) : isHidden(role))) return [];
  return membersOf(resource).flatMap(({ member, property }) => {
    const [first] = whoseOf(identityOf(member, resource, property), readers);
    if (first === undefined) return [];
    if (first.is === true && typeof role === "string")
      return [{ problem: `gives ${nameOf(first.each)} ${role}, which is more than to read.` }];
    const problem = `whether the account of ${first.each.resource.name} may do more than read is not yet known: this rule cannot decide.`;
    return [{ ...notYetKnown(property), problem }];
  });
}

/** A policy takes the secret from everybody who is not in it, whatever the other grants say. */
function replaced({ type, inputs }: StackResource, readers: readonly Reader[]): readonly Problem[] {
  if (type !== SECRET_POLICY || readers.length === 0) return [];
  return inPolicy(inputs, (policy) => {
    const named = readers.find(({ identity }) => identity?.address !== undefined && policy.includes(identity.address));
    return named === undefined
      ? []
      : [{ problem: `names ${nameOf(named)}, and replaces who may read: everybody who is not named loses it.` }];
  });
}

/** Whom a right is of among the readers: first who it is for certain, then who it may be. */
function whoseOf(identity: Identity | undefined, readers: readonly Reader[]) {
  return readers
    .map((each) => ({
      each,
      is: identity === undefined || each.identity === undefined ? undefined : same(each.identity, identity),
    }))
    .filter(({ is }) => is !== false)
    .toSorted((a, b) => Number(b.is === true) - Number(a.is === true));
}

function nameOf(reader: Reader | undefined): string {
  return reader?.identity === undefined ? "its account" : shown(reader.identity);
}
