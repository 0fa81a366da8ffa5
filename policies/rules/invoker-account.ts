import { type Identity, identityOf, same, shown } from "../identities.ts";
import { notYetKnown, type Problem, type StackRule } from "../rule.ts";
import { SCHEDULER_JOB } from "../types.ts";
import { at } from "../value.ts";
import { isWorkload, taskPath } from "../workloads.ts";

export const invokerAccount: StackRule = {
  name: "invoker-account",
  title: "Who starts a worker, or calls a service, is never who a worker runs as",
  level: "mandatory",
  why: "A worker that could start workers, or rounds, could do so when it is broken into.",
  remedy: "Give the scheduler job an account of its own, which may start its targets and nothing else.",
  from: [18],
  checkStack: (resources) => {
    const runners = resources
      .filter(({ type }) => isWorkload(type))
      .flatMap((resource) => {
        const value = at(resource.inputs, `${taskPath(resource)}.serviceAccount`);
        // One that runs as the default account is found by own-account.
        if (value === undefined || value === "") return [];
        return [{ name: resource.name, identity: identityOf(value, resource, "template") }];
      });
    return resources
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
  },
};

interface Runner {
  readonly name: string;
  /** Undefined where nobody can tell yet who it is. */
  readonly identity: Identity | undefined;
}

function callerProblems(caller: Identity | undefined, path: string, runners: readonly Runner[]): readonly Problem[] {
  const compared = runners.map(({ name, identity }) => ({
    name,
    is: caller === undefined || identity === undefined ? undefined : same(identity, caller),
  }));
  const found = compared.find(({ is }) => is === true);
  const who = caller === undefined ? "who calls" : shown(caller);
  if (found !== undefined) return [{ problem: `is called by ${who}, as which ${found.name} runs.` }];
  const undecided = compared.find(({ is }) => is === undefined);
  if (undecided === undefined) return [];
  const problem = `whether ${who} is the account of ${undecided.name} is not yet known: this rule cannot decide.`;
  return [{ ...notYetKnown(path), problem }];
}
