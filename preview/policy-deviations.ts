/** Where a stack's own configuration of the rules asks for less than the rules do by themselves. */
import type { Environment } from "../domain/settings/settings.ts";
import { defaultLevel, EXEMPT, type PackConfiguration } from "../policies/configuration.ts";
import type { Rule } from "../policies/rule.ts";
import { rules as all } from "../policies/rules.ts";
import type { Danger } from "./compare/dangers.ts";

export type PolicyLevel = "mandatory" | "advisory" | "disabled";

/** A rule that is off, weaker than by itself, or has exceptions. */
export interface PolicyDeviation {
  readonly rule: string;
  readonly level: PolicyLevel;
  /** What it is where nothing is configured. */
  readonly defaultLevel: PolicyLevel;
  /** Those that are set: whom it leaves alone, what it allows on top. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
}

const strength: Readonly<Record<PolicyLevel, number>> = { disabled: 0, advisory: 1, mandatory: 2 };

export const isWeaker = ({ level, defaultLevel }: PolicyDeviation): boolean => strength[level] < strength[defaultLevel];

/** In the order of the rules. */
export function deviationsOf(
  configuration: PackConfiguration,
  environment: Environment,
  rules: readonly Rule[] = all,
): readonly PolicyDeviation[] {
  return rules
    .map((rule): PolicyDeviation => {
      const { parameters = {} } = configuration.get(rule.name) ?? {};
      const set = Object.entries(parameters).filter(([name, values]) => name !== EXEMPT || values.length > 0);
      return {
        rule: rule.name,
        level: levelOf(rule, configuration, environment),
        defaultLevel: defaultLevel(rule, environment),
        parameters: Object.fromEntries(set),
      };
    })
    .filter((deviation) => isWeaker(deviation) || Object.keys(deviation.parameters).length > 0);
}

function levelOf(rule: Rule, configuration: PackConfiguration, environment: Environment): PolicyLevel {
  const level = configuration.get(rule.name)?.enforcementLevel ?? defaultLevel(rule, environment);
  return level === "remediate" ? "mandatory" : level;
}

/** A stack's configuration of the rules, and the environment whose levels it changes. */
export interface ConfiguredPolicies {
  readonly configuration: PackConfiguration;
  readonly environment: Environment;
}

/** What is no longer looked at, although it was at the other revision. A change must not switch off its own judge unseen. */
export function policyDangers(
  before: ConfiguredPolicies,
  after: ConfiguredPolicies,
  rules: readonly Rule[] = all,
): readonly Danger[] {
  const lowered = rules.flatMap((rule) => {
    const [was, is] = [before, after].map((side) => levelOf(rule, side.configuration, side.environment));
    return was === undefined || is === undefined || strength[is] >= strength[was] ? [] : [{ name: rule.name, is }];
  });
  const off = lowered.filter(({ is }) => is === "disabled").map(({ name }) => name);
  const weaker = lowered.filter(({ is }) => is !== "disabled").map(({ name }) => name);
  const exempt = rules.flatMap(({ name }) => {
    const [was = [], is = []] = [before, after].map(({ configuration }) => exemptIn(configuration, name));
    const more = is.filter((resource) => !was.includes(resource));
    return more.length === 0 ? [] : [`${name} no longer looks at ${more.join(", ")}`];
  });
  const danger = (text: string): Danger => ({ kind: "policy", text, urns: [] });
  return [
    ...(off.length === 0 ? [] : [danger(`${counted(off)} switched off: ${off.join(", ")}.`)]),
    ...(weaker.length === 0 ? [] : [danger(`${counted(weaker)} only advisory now: ${weaker.join(", ")}.`)]),
    ...exempt.map((text) => danger(`The policy ${text}.`)),
  ];
}

const counted = (names: readonly string[]): string =>
  names.length === 1 ? "A policy is" : `${names.length} policies are`;

const exemptIn = (configuration: PackConfiguration, rule: string): readonly string[] =>
  configuration.get(rule)?.parameters[EXEMPT] ?? [];
