import { distance } from "fastest-levenshtein";
import { visible } from "../../domain/findings.ts";
import type { Environment } from "./environment.ts";
import { othersVariables, type Variable, variables } from "./variables.ts";

/** A variable that looks like a setting and is none. */
export interface UnknownVariable {
  readonly name: string;
  /** The setting that was probably meant. */
  readonly meant: string | undefined;
}

const names = Object.values<Variable>(variables).map(({ name }) => name);
const known = new Set([...names, ...othersVariables]);

/**
 * Every `AGENT_…` that is not a setting, and whatever is one slip away from a setting that is not there: a threshold
 * that is misspelled would otherwise be a default that nobody chose.
 */
export function unknownVariables(env: Environment): readonly UnknownVariable[] {
  return Object.keys(env)
    .filter((name) => !known.has(name))
    .map((name) => ({ name, meant: nearest(name, env) }))
    .filter(({ name, meant }) => meant !== undefined || name.startsWith("AGENT_"))
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
}

/** The same for people. */
export function told({ name, meant }: UnknownVariable): string {
  const did = meant === undefined ? "it is ignored" : `did you mean ${meant}?`;
  return `${visible(name)} is no setting of the runtime: ${did}`;
}

/** A setting that is set as it should be was not meant by something else; in a short name two slips are another name. */
function nearest(name: string, env: Environment): string | undefined {
  const best = names
    .filter((candidate) => env[candidate] === undefined)
    .map((candidate) => ({ candidate, off: distance(name.toUpperCase(), candidate) }))
    .sort((a, b) => a.off - b.off)[0];
  return best !== undefined && best.off <= (best.candidate.length < 11 ? 1 : 2) ? best.candidate : undefined;
}
