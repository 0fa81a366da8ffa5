import { defaultLevel, EXEMPT, type PackConfiguration, parametersOf } from "./configuration.ts";
import type { PolicyFinding } from "./finding.ts";
import type { Context, Problem, Resource, Rule, StackFacts, StackResource } from "./rule.ts";

/** A problem with what it is about; without a resource it is about the stack. */
export type Located = Problem & { readonly resource?: Resource };

/** One resource before it is made, or all of a stack. */
export type Resources = { readonly one: Resource } | { readonly all: readonly StackResource[] };

/** What a rule finds in one resource, or in all together. */
export function problemsOf(
  rule: Rule,
  resources: Resources,
  facts: StackFacts,
  given: Context["parameters"],
): readonly Located[] {
  const defaults = Object.entries(parametersOf(rule)).map(([name, { default: value }]) => [name, value] as const);
  const parameters = { ...Object.fromEntries(defaults), ...given };
  const context = { ...facts, parameters };
  return located(rule, resources, context).filter(
    ({ resource }) => resource === undefined || parameters[EXEMPT]?.includes(resource.name) !== true,
  );
}

function located(rule: Rule, resources: Resources, context: Context): readonly Located[] {
  if ("checkStack" in rule) return "all" in resources ? rule.checkStack(inOrder(resources.all), context) : [];
  const each = "all" in resources ? resources.all : [resources.one];
  return each
    .filter(({ type }) => rule.appliesTo(type))
    .flatMap((resource) => rule.check(resource, context).map((problem) => ({ ...problem, resource })));
}

/** Of several resources a rule may name the first: not the one that happened to be registered first. */
function inOrder(resources: readonly StackResource[]): readonly StackResource[] {
  return resources.toSorted(({ urn: a }, { urn: b }) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Exemptions of what there is not: misspelled, or of what is gone, and then of whoever takes its name. */
function needless(
  { name }: Rule,
  exempt: readonly string[],
  resources: readonly StackResource[],
): readonly PolicyFinding[] {
  const names = new Set(resources.map((resource) => resource.name));
  return exempt
    .filter((each) => !names.has(each))
    .map(
      (each): PolicyFinding => ({
        rule: name,
        level: "advisory",
        problem: `exempts ${each}, and no resource of the stack has this name.`,
        remedy: "Give the name with which the URN ends, or take it out of exempt.",
      }),
    );
}

/** Everything that the rules find in a stack: mandatory first, then in the order of the rules. */
export function policyFindings(
  rules: readonly Rule[],
  resources: readonly StackResource[],
  facts: StackFacts,
  configuration: PackConfiguration = new Map(),
): readonly PolicyFinding[] {
  const found = rules.flatMap((rule): readonly PolicyFinding[] => {
    const { enforcementLevel = defaultLevel(rule, facts.environment), parameters = {} } =
      configuration.get(rule.name) ?? {};
    if (enforcementLevel === "disabled") return [];
    const level = enforcementLevel === "advisory" ? "advisory" : "mandatory";
    const problems = problemsOf(rule, { all: resources }, facts, parameters);
    return [
      ...problems.map(
        ({ resource, problem, remedy, unknown }): PolicyFinding => ({
          rule: rule.name,
          level,
          ...(resource === undefined ? {} : { urn: resource.urn }),
          problem,
          remedy: remedy ?? rule.remedy,
          ...(unknown && { unknown }),
        }),
      ),
      ...needless(rule, parameters[EXEMPT] ?? [], resources),
    ];
  });
  return found.toSorted((a, b) => Number(a.level === "advisory") - Number(b.level === "advisory"));
}
