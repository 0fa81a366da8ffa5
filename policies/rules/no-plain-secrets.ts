import { isSecretName, looksLikeKey } from "../credentials.ts";
import { notYetKnown, type Problem, type ResourceRule } from "../rule.ts";
import { at, SECRET, UNKNOWN, type Value } from "../value.ts";
import { inContainers, inEach, isWorkload } from "../workloads.ts";

export const noPlainSecrets: ResourceRule = {
  name: "no-plain-secrets",
  title: "No variable or argument holds a credential",
  level: "mandatory",
  why: "Whoever may look at the Job reads its plain variables and arguments: in the console, in the state, in previews.",
  remedy:
    "Put the value into Secret Manager, and name it under the worker's secrets. If it is no credential, allow the variable's name.",
  from: [4],
  frameworks: [
    {
      name: "HIPAA Security Rule",
      version: "45 CFR 164",
      reference: "164.312(a)(1)",
      specification: "Allow access only to those persons or software programs that have been granted access rights",
    },
  ],
  parameters: {
    allowed: { default: [], meaning: "Names of plain variables that only look like those of a credential" },
  },
  appliesTo: isWorkload,
  check: (resource, { parameters: { allowed = [] } }) =>
    inContainers(resource, (container, path) => [
      ...inEach(container, "envs", (variable, below) => variableProblems(variable, `${path}.${below}`, allowed)),
      ...["commands", "args"].flatMap((list) => argumentProblems(at(container, list), `${path}.${list}`)),
    ]),
};

function variableProblems(variable: Value, path: string, allowed: readonly string[]): readonly Problem[] {
  const [name, value] = [at(variable, "name"), at(variable, "value")];
  if (at(variable, "valueSource") !== undefined || value === undefined || value === "") return [];
  if (typeof name !== "string") return [notYetKnown(`${path}.name`)];
  if (allowed.includes(name)) return [];
  if (isSecretName(name)) return [{ problem: `the plain variable ${name} is named like a credential.` }];
  if (value === SECRET)
    return [{ problem: `the plain variable ${name} is given a secret, which would no longer be one.` }];
  if (value === UNKNOWN) return [notYetKnown(`the variable ${name}`)];
  return looksLikeKey(String(value))
    ? [{ problem: `the plain variable ${name} holds what looks like a credential.` }]
    : [];
}

function argumentProblems(list: Value | undefined, path: string): readonly Problem[] {
  const all = Array.isArray(list) ? (list as readonly Value[]) : [list];
  if (all.some((item) => item === SECRET))
    return [{ problem: `${path} holds a secret, which would no longer be one.` }];
  if (all.some((item) => item === UNKNOWN)) return [notYetKnown(path)];
  return all.some((item) => typeof item === "string" && looksLikeKey(item))
    ? [{ problem: `${path} holds what looks like a credential.` }]
    : [];
}
