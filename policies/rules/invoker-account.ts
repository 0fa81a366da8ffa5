import { identityOf, same, shown } from "../identities.ts";
import { notYetKnown, type StackRule } from "../rule.ts";
import { SCHEDULER_JOB } from "../types.ts";
import { at, isHidden } from "../value.ts";
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
        const identity = identityOf(value, resource, "template");
        // Without an account, or with one that nobody knows: own-account says so.
        return identity === undefined ? [] : [{ name: resource.name, identity }];
      });
    return resources
      .filter(({ type }) => type === SCHEDULER_JOB)
      .flatMap((resource) =>
        ["oauthToken", "oidcToken"].flatMap((token) => {
          const path = `httpTarget.${token}.serviceAccountEmail`;
          const value = at(resource.inputs, path);
          if (value === undefined) return [];
          const caller = identityOf(value, resource, "httpTarget");
          if (caller === undefined) return [{ ...notYetKnown(path, isHidden(value) ? value : undefined), resource }];
          const found = runners.find(({ identity }) => same(identity, caller) !== false);
          if (found === undefined) return [];
          return same(found.identity, caller) === true
            ? [{ problem: `is called by ${shown(caller)}, as which ${found.name} runs.`, resource }]
            : [
                {
                  ...notYetKnown(path),
                  problem: `whether ${shown(caller)} is the account of ${found.name} is not yet known: this rule cannot decide.`,
                  resource,
                },
              ];
        }),
      );
  },
};
