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
    "Put the value into Secret Manager, and name it under the worker's secrets. If it is no credential, allow the name of the variable or argument.",
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
    allowed: {
      default: [],
      meaning: "Names of plain variables and arguments that only look like those of a credential",
    },
  },
  appliesTo: isWorkload,
  check: (resource, { parameters: { allowed = [] } }) =>
    inContainers(resource, (container, path) => [
      ...inEach(container, "envs", (variable, below) => variableProblems(variable, `${path}.${below}`, allowed)),
      ...["commands", "args"].flatMap((list) => argumentProblems(at(container, list), `${path}.${list}`, allowed)),
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

function argumentProblems(list: Value | undefined, path: string, allowed: readonly string[]): readonly Problem[] {
  const all = Array.isArray(list) ? (list as readonly Value[]) : [list];
  if (all.some((item) => item === SECRET))
    return [{ problem: `${path} holds a secret, which would no longer be one.` }];
  if (all.some((item) => item === UNKNOWN)) return [notYetKnown(path)];
  const texts = all.filter((item) => typeof item === "string");
  if (texts.some(looksLikeKey)) return [{ problem: `${path} holds what looks like a credential.` }];
  return namedIn(texts)
    .filter((name) => isSecretName(name) && !allowed.includes(name))
    .map((name) => ({ problem: `${path} gives ${name}, which is named like a credential.` }));
}

/** What arguments give a value to: `--name=value`, `--name value`, `NAME=value`, also within a line for a shell. */
function namedIn(texts: readonly string[]): readonly string[] {
  const words = texts.flatMap((text) => text.split(/[\s;&|]+/)).filter((word) => word !== "");
  return words.flatMap((word, index) => {
    const [, dashes, name = "", value] = /^["']?(-{0,2})([A-Za-z][\w.-]*)(?:=(.*))?$/.exec(word) ?? [];
    const next = dashes === "" ? undefined : words[index + 1];
    const given = value ?? (next?.startsWith("-") === true ? undefined : next);
    return given === undefined || isElsewhere(given) ? [] : [name];
  });
}

/** Nothing, a variable that a shell or Cloud Run puts in, or the path of a file. */
function isElsewhere(value: string): boolean {
  return /^["']*(?:$|\$|\/[\w.-]+\/)/.test(value);
}
