/** The table of policies, and what each is for, in docs/policies.md: from the rules themselves. */
import { parametersOf } from "../policies/configuration.ts";
import type { Rule } from "../policies/rule.ts";
import { rules } from "../policies/rules.ts";
import { table, withWritten } from "./marked.ts";

/** The page with what today's rules say between its marks. */
export function withPolicies(page: string, all: readonly Rule[] = rules): string {
  const tabled = withWritten(page, "table of policies", policiesTable(all));
  return withWritten(tabled, "policies one by one", all.map(section).join("\n"));
}

export function policiesTable(all: readonly Rule[]): string {
  const lines = all.map((rule) => {
    const when = "checkStack" in rule ? "the whole stack" : "each resource";
    return [`[${rule.name}](#${rule.name})`, rule.level, when, rule.title];
  });
  return table(["policy", "level", "looks at", "what holds"], lines);
}

function section(rule: Rule): string {
  const { name, title, level, why, remedy, frameworks = [] } = rule;
  const parameters = Object.entries(parametersOf(rule)).filter(([parameter]) =>
    Object.hasOwn(rule.parameters ?? {}, parameter),
  );
  return [
    `### ${name}`,
    "",
    `${title}. _${level[0]?.toUpperCase()}${level.slice(1)}._`,
    "",
    `**Why.** ${why}`,
    "",
    `**What to do.** ${remedy}`,
    "",
    ...parameters.flatMap(([parameter, { default: value, meaning }]) => [
      `**Parameter \`${parameter}\`.** ${meaning}. Default: ${value.length === 0 ? "none" : value.map((each) => `\`${each}\``).join(", ")}.`,
      "",
    ]),
    ...frameworks.flatMap(({ name, version, reference, specification }) => [
      `**Framework.** ${name} (${version}), ${reference}: ${specification}.`,
      "",
    ]),
  ].join("\n");
}
