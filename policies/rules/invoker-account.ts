import { isGrant } from "../grants.ts";
import { type Identity, identityOf, membersOf, same, shown } from "../identities.ts";
import { notYetKnown, type Problem, type StackResource, type StackRule } from "../rule.ts";
import { SCHEDULER_JOB } from "../types.ts";
import { at, isHidden } from "../value.ts";
import { accountPath, isWorkload } from "../workloads.ts";

/** Rights on one job, service or pool; to look at it starts nothing. */
const ON_WORKLOAD = /^gcp:cloudrun(?:v2)?\//;
const STARTS = /^roles\/run\.(?!viewer$)/;

export const invokerAccount: StackRule = {
  name: "invoker-account",
  title: "Who starts a worker, or calls a service, is never who a worker runs as",
  level: "mandatory",
  why: "A worker that could start workers, or rounds, could do so when it is broken into.",
  remedy:
    "Give the scheduler job an account of its own, which may start its targets and nothing else, and the worker no right to start any.",
  from: [18],
  checkStack: (resources) => {
    const runners = resources
      .filter(({ type }) => isWorkload(type))
      .flatMap((resource) => {
        const value = at(resource.inputs, accountPath(resource));
        // One that runs as the default account is found by own-account.
        if (value === undefined || value === "") return [];
        return [{ name: resource.name, identity: identityOf(value, resource, "template") }];
      });
    const calls = resources
      .filter(({ type }) => type === SCHEDULER_JOB)
      .flatMap((resource) =>
        ["oauthToken", "oidcToken"]
          .flatMap((token) => {
            const path = `httpTarget.${token}.serviceAccountEmail`;
            const value = at(resource.inputs, path);
            return value === undefined ? [] : callerProblems(identityOf(value, resource, "httpTarget"), path, runners);
          })
          .map((problem) => ({ ...problem, resource })),
      );
    const rights = resources
      .filter(({ type }) => isGrant(type) && ON_WORKLOAD.test(type))
      .flatMap((resource) => rightProblems(resource, runners).map((problem) => ({ ...problem, resource })));
    return [...calls, ...rights];
  },
};

function rightProblems(resource: StackResource, runners: readonly Runner[]): readonly Problem[] {
  const { role } = resource.inputs;
  if (typeof role === "string" ? !STARTS.test(role) : !isHidden(role)) return [];
  return membersOf(resource).flatMap(({ member, property }) => {
    // Who is no service account is nobody's account.
    if (typeof member === "string" && !member.startsWith("serviceAccount:")) return [];
    const found = whose(identityOf(member, resource, property), runners);
    if (found.is === false) return [];
    if (found.is === true && typeof role === "string")
      return [{ problem: `gives ${role} to ${found.who}, as which ${found.name} runs.` }];
    const problem = `whether the account of ${found.name} may start something is not yet known: this rule cannot decide.`;
    return [{ ...notYetKnown(property), problem }];
  });
}

interface Runner {
  readonly name: string;
  /** Undefined where nobody can tell yet who it is. */
  readonly identity: Identity | undefined;
}

interface Match {
  readonly who: string;
  /** Of the runner that it is, or may be. */
  readonly name: string;
  /** Undefined where nobody can tell yet. */
  readonly is: boolean | undefined;
}

/** Which of the runners somebody is; otherwise the first that it may be. */
function whose(somebody: Identity | undefined, runners: readonly Runner[]): Match {
  const who = somebody === undefined ? "who calls" : shown(somebody);
  const compared = runners.map(({ name, identity }) => ({
    who,
    name,
    is: somebody === undefined || identity === undefined ? undefined : same(identity, somebody),
  }));
  return (
    compared.find(({ is }) => is === true) ??
    compared.find(({ is }) => is === undefined) ?? { who, name: "", is: false }
  );
}

function callerProblems(caller: Identity | undefined, path: string, runners: readonly Runner[]): readonly Problem[] {
  const { who, name, is } = whose(caller, runners);
  if (is === true) return [{ problem: `is called by ${who}, as which ${name} runs.` }];
  if (is === false) return [];
  const problem = `whether ${who} is the account of ${name} is not yet known: this rule cannot decide.`;
  return [{ ...notYetKnown(path), problem }];
}
