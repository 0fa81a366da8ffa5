/** The rules as Pulumi's own policies: what a pack is made of. */
import {
  type PolicyResource,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
  UnknownValueError,
} from "@pulumi/policy";
import { defaultLevel, parametersOf } from "./configuration.ts";
import { type Located, problemsOf, type Resources } from "./evaluate.ts";
import type { Context, Resource, Rule, StackFacts, StackResource } from "./rule.ts";
import { type Properties, UNKNOWN, type Value } from "./value.ts";

type Policy = ResourceValidationPolicy | StackValidationPolicy;
type Report = (message: string, urn?: string) => void;

/** @param facts what is known of the stack whenever it is asked: a pack is made before it is told of its stack */
export function policiesOf(rules: readonly Rule[], facts: () => StackFacts): Policy[] {
  return rules.map((rule) => policyOf(rule, facts));
}

function policyOf(rule: Rule, facts: () => StackFacts): Policy {
  const about = {
    name: rule.name,
    displayName: rule.title,
    description: `${rule.title}.`,
    remediationSteps: rule.remedy,
    url: pageOf(rule),
    configSchema: schemaOf(rule),
    ...(rule.frameworks?.[0] === undefined ? {} : { framework: { ...rule.frameworks[0] } }),
  };
  const problems = (resources: Resources, args: { getConfig<T extends object>(): T }, report: Report) =>
    tell(rule, problemsOf(rule, resources, facts(), args.getConfig<Context["parameters"]>()), report);
  const policy: Policy =
    "checkStack" in rule
      ? { ...about, validateStack: (args, report) => problems({ all: stackResources(args.resources) }, args, report) }
      : {
          ...about,
          validateResource: (args, report) => {
            if (rule.appliesTo(args.type)) problems({ one: resourceOf(args) }, args, report);
          },
        };
  // The engine asks for it after it has told of the stack.
  return Object.defineProperty(policy, "enforcementLevel", {
    get: () => defaultLevel(rule, facts().environment),
    enumerable: true,
  });
}

/** In the repository, where whoever reads a message of the CLI is. */
export function pageOf({ name }: Pick<Rule, "name">): string {
  return `docs/policies.md#${name}`;
}

function schemaOf(rule: Rule): NonNullable<Policy["configSchema"]> {
  const parameters = Object.entries(parametersOf(rule)).map(([name, { default: value, meaning }]) => [
    name,
    { type: "array" as const, items: { type: "string" as const }, default: [...value], description: meaning },
  ]);
  return { properties: Object.fromEntries(parameters) };
}

function tell(rule: Rule, problems: readonly Located[], report: Report): void {
  for (const { problem, remedy, resource } of problems) {
    report(`${problem} ${remedy ?? rule.remedy} (${pageOf(rule)})`, resource?.urn);
  }
}

function resourceOf({ urn, type, name, props, opts }: ResourceValidationArgs | PolicyResource): Resource {
  let inputs: Properties | undefined;
  return {
    urn,
    type,
    name,
    protect: opts.protect,
    // Read when a rule asks: most ask for a few types alone, and each policy is given all resources anew.
    get inputs(): Properties {
      inputs ??= plain(props) as Properties;
      return inputs;
    },
  };
}

function stackResources(given: readonly PolicyResource[]): readonly StackResource[] {
  const all = new Map<PolicyResource, StackResource>();
  for (const resource of given) {
    all.set(
      resource,
      Object.defineProperty(resourceOf(resource), "propertyDependencies", {
        get: () =>
          Object.fromEntries(
            Object.entries(resource.propertyDependencies).map(([property, on]) => [
              property,
              on.flatMap((each) => all.get(each) ?? []),
            ]),
          ),
      }) as StackResource,
    );
  }
  return [...all.values()];
}

/**
 * Properties without Pulumi's guard, which throws when something unknown is read: an exception would make an advisory
 * remark of a mandatory policy, and end it (@pulumi/policy 1.21, server.js). Each unknown becomes a mark instead.
 */
export function plain(value: unknown): Value {
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => read(value, index));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.keys(value).map((key) => [key, read(value as Record<string, unknown>, key)]));
  }
  return value as Value;
}

function read(from: Readonly<Record<string | number, unknown>> | readonly unknown[], key: string | number): Value {
  try {
    return plain((from as Record<string | number, unknown>)[key]);
  } catch (error) {
    if (error instanceof UnknownValueError) return UNKNOWN;
    throw error;
  }
}
