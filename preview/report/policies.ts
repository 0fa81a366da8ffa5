/** What the policies say of a stack, as every form of a report tells it: once for all resources of which it is the same. */
import type { PolicyFinding } from "../../policies/finding.ts";
import type { StackReport } from "./model.ts";
import { plural } from "./words.ts";

export interface ToldPolicy extends Pick<PolicyFinding, "rule" | "level" | "problem" | "remedy" | "unknown"> {
  /** `3 scheduler jobs: a, b, c`; empty where it is about the stack. */
  readonly about: string;
}

/** Mandatory ones first, as they are in the report. */
export function toldPolicies({ policies, resources }: StackReport): readonly ToldPolicy[] {
  const alike = Map.groupBy(policies, ({ rule, problem, remedy }) => [rule, problem, remedy].join("\n"));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { urn: _, ...said } = first;
    const about = group.flatMap(({ urn }) => resources.find((resource) => resource.urn === urn) ?? []);
    return [{ ...said, about: named(about) }];
  });
}

function named(about: StackReport["resources"]): string {
  const kinds = Map.groupBy(about, ({ kind }) => kind);
  return [...kinds]
    .map(([kind, all]) => {
      const labels = all.map(({ label }) => label).join(", ");
      return all.length === 1 ? `${kind} ${labels}` : `${all.length} ${plural(kind)}: ${labels}`;
    })
    .join("; ");
}

/** `1 mandatory`, `3 advisory`; nothing where nothing was found. */
export function countedPolicies(all: StackReport["policies"]): readonly string[] {
  const levels = ["mandatory", "advisory"] as const;
  return levels
    .map((level) => ({ level, count: all.filter((finding) => finding.level === level).length }))
    .filter(({ count }) => count > 0)
    .map(({ level, count }) => `${count} ${level}`);
}
