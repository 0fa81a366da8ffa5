/**
 * What a stack sets of the rules, in the form of the Pulumi CLI's `--policy-pack-config`: a level, or a map with
 * `enforcementLevel` and the rule's parameters, by the rule's name; `all` for every rule.
 */
import { closest, distance } from "fastest-levenshtein";
import { type Finding, FindingsError } from "../domain/findings.ts";
import type { Environment } from "../domain/settings/settings.ts";
import type { Rule } from "./rule.ts";

/** `remediate` is Pulumi's; rules here change nothing, and the CLI takes it as mandatory too. */
const levels = ["advisory", "mandatory", "remediate", "disabled"] as const;
type Enforcement = (typeof levels)[number];

export interface RuleConfiguration {
  readonly enforcementLevel?: Enforcement | undefined;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
}

/** By rule. */
export type PackConfiguration = ReadonlyMap<string, RuleConfiguration>;

/** Names of the resources that a rule leaves alone: every rule has it. */
export const EXEMPT = "exempt";

/** The parameters of a rule with their defaults. */
export function parametersOf(
  rule: Rule,
): Readonly<Record<string, { readonly default: readonly string[]; readonly meaning: string }>> {
  return {
    ...rule.parameters,
    [EXEMPT]: { default: [], meaning: "Names of resources in the program that the rule leaves alone" },
  };
}

/**
 * Reads the text of a configuration file.
 *
 * @throws FindingsError with everything that is wrong with it
 */
export function readConfiguration(text: string, rules: readonly Rule[]): PackConfiguration {
  const given = text.trim() === "" ? {} : parsed(text);
  if (!isMap(given)) throw new FindingsError([{ path: "(file)", problem: "is no map.", remedy: MAP }]);
  const findings: Finding[] = [];
  const { all, ...each } = given;
  const fallback = all === undefined ? undefined : configured("all", all, [], findings).enforcementLevel;
  for (const name of Object.keys(each)) {
    if (rules.every((rule) => rule.name !== name)) findings.push(unknownName(name, "policy", rulesNames(rules)));
  }
  const configuration = rules.map((rule) => {
    const own = configured(
      rule.name,
      Object.hasOwn(each, rule.name) ? each[rule.name] : {},
      Object.keys(parametersOf(rule)),
      findings,
    );
    return [rule.name, { ...own, enforcementLevel: own.enforcementLevel ?? fallback }] as const;
  });
  if (findings.length > 0) throw new FindingsError(findings);
  return new Map(configuration);
}

const MAP = 'Write { "image-pinned": "advisory" }: policies, and what is set of each.';
const rulesNames = (rules: readonly Rule[]) => rules.map(({ name }) => name);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const problem = `is not JSON: ${error instanceof Error ? error.message : String(error)}.`;
    throw new FindingsError([{ path: "(file)", problem, remedy: "Mend it there, or take the file away." }]);
  }
}

/** @param findings gets what is wrong */
function configured(
  name: string,
  given: unknown,
  parameters: readonly string[],
  findings: Finding[],
): RuleConfiguration {
  if (!isMap(given)) return { enforcementLevel: levelOf(name, given, findings), parameters: {} };
  const { enforcementLevel, ...rest } = given;
  const lists = Object.entries(rest).flatMap(([parameter, value]) => {
    const path = `${name}.${parameter}`;
    if (!parameters.includes(parameter)) {
      findings.push(unknownName(path, "parameter", ["enforcementLevel", ...parameters], parameter));
      return [];
    }
    if (isListOfTexts(value)) return [[parameter, value] as const];
    findings.push({ path, problem: "is no list of texts.", remedy: `Write "${parameter}": ["…"].` });
    return [];
  });
  return {
    enforcementLevel:
      enforcementLevel === undefined ? undefined : levelOf(`${name}.enforcementLevel`, enforcementLevel, findings),
    parameters: Object.fromEntries(lists),
  };
}

function levelOf(path: string, given: unknown, findings: Finding[]): Enforcement | undefined {
  const found = levels.find((level) => level === given);
  if (found === undefined) {
    const remedy = "Give advisory, mandatory or disabled; or a map with enforcementLevel and the policy's parameters.";
    findings.push({ path, problem: `is ${JSON.stringify(given)}: there is no such level.`, remedy });
  }
  return found;
}

function unknownName(path: string, what: string, known: readonly string[], name = path): Finding {
  const near = closest(name, known);
  const meant = distance(name, near) <= Math.max(1, name.length / 3);
  return {
    path,
    problem: `there is no such ${what}.`,
    remedy: meant ? `Did you mean ${near}?` : `Known here: ${[...known].sort().join(", ")}.`,
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** A rule's level where nothing is configured. */
export function defaultLevel(rule: Rule, environment: Environment): "mandatory" | "advisory" {
  if (rule.level !== "mandatory in prod") return rule.level;
  return environment === "prod" ? "mandatory" : "advisory";
}
