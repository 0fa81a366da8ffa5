/**
 * What a stack sets of the rules, in the form of the Pulumi CLI's `--policy-pack-config`: a level, or a map with
 * `enforcementLevel` and the rule's parameters, by the rule's name; `all` for every rule.
 */
import { z } from "zod";
import type { Environment } from "../domain/settings/settings.ts";
import type { Rule } from "./rule.ts";

/** `remediate` is Pulumi's; rules here change nothing, and the CLI takes it as mandatory too. */
const level = z.enum(["advisory", "mandatory", "remediate", "disabled"]);

const names = z.array(z.string());

export interface RuleConfiguration {
  readonly enforcementLevel?: z.output<typeof level> | undefined;
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
 * @throws Error that says what is wrong with it, for people
 */
export function readConfiguration(text: string, rules: readonly Rule[]): PackConfiguration {
  const given = z.strictObject(shape(rules)).safeParse(text.trim() === "" ? {} : JSON.parse(text));
  if (!given.success) throw new Error(z.prettifyError(given.error));
  const { all, ...each } = given.data as Record<string, unknown>;
  const fallback = all === undefined ? undefined : configured(all).enforcementLevel;
  return new Map(
    rules.map(({ name }) => {
      const own = configured(each[name] ?? {});
      return [name, { ...own, enforcementLevel: own.enforcementLevel ?? fallback }];
    }),
  );
}

function shape(rules: readonly Rule[]): Record<string, z.ZodType> {
  const each = rules.map((rule) => {
    const parameters = Object.keys(parametersOf(rule)).map((name) => [name, names.optional()] as const);
    const map = z.strictObject({ enforcementLevel: level.optional(), ...Object.fromEntries(parameters) });
    return [rule.name, z.union([level, map]).optional()] as const;
  });
  return { all: z.union([level, z.strictObject({ enforcementLevel: level })]).optional(), ...Object.fromEntries(each) };
}

function configured(given: unknown): RuleConfiguration {
  if (typeof given === "string") return { enforcementLevel: level.parse(given), parameters: {} };
  const { enforcementLevel, ...parameters } = given as { enforcementLevel?: z.output<typeof level> };
  return { enforcementLevel, parameters };
}

/** A rule's level where nothing is configured. */
export function defaultLevel(rule: Rule, environment: Environment): "mandatory" | "advisory" {
  if (rule.level !== "mandatory in prod") return rule.level;
  return environment === "prod" ? "mandatory" : "advisory";
}
