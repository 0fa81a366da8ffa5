/** What the policies say of a stack, as every form of a report tells it: once for all resources of which it is the same. */
import type { PolicyFinding } from "../../policies/finding.ts";
import { isWeaker, type PolicyDeviation } from "../policy-deviations.ts";
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

/** `1 mandatory, 3 advisory`, `all kept`; `nothing found, 30 off` where not everything is looked at. */
export function countedPolicies({ policies, policyDeviations }: Policies): string {
  const levels = ["mandatory", "advisory"] as const;
  const found = levels
    .map((level) => [policies.filter((finding) => finding.level === level).length, level] as const)
    .filter(([count]) => count > 0);
  const { off, weaker, excepted } = sorted(policyDeviations);
  const less = [
    [off.length, "off"] as const,
    [weaker.length, "weaker"] as const,
    [excepted.length, "with exceptions"] as const,
  ].filter(([count]) => count > 0);
  if (found.length + less.length === 0) return "all kept";
  return [...(found.length === 0 ? ["nothing found"] : []), ...[...found, ...less].map((part) => part.join(" "))].join(
    ", ",
  );
}

type Policies = Pick<StackReport, "policies" | "policyDeviations">;

/** Whether there is anything to say of them but that all are kept. */
export const speaksOfPolicies = ({ policies, policyDeviations }: Policies): boolean =>
  policies.length + policyDeviations.length > 0;

/** Whether a rule is off, or weaker than by itself: then nothing found is no good news. */
export const looksAway = ({ policyDeviations }: Policies): boolean => policyDeviations.some(isWeaker);

/** What the stack's own file takes from the rules, a line each: it comes with the change that the rules are to judge. */
export function toldDeviations({ policyDeviations }: Policies): readonly string[] {
  const { off, weaker, excepted } = sorted(policyDeviations);
  const names = (those: readonly PolicyDeviation[]) => those.map(({ rule }) => rule).join(", ");
  return [
    ...(off.length === 0 ? [] : [`off: ${names(off)}`]),
    ...(weaker.length === 0 ? [] : [`only advisory: ${names(weaker)}`]),
    ...excepted.map(({ rule, parameters }) => {
      const set = Object.entries(parameters).map(([name, values]) => `${name} ${values.join(", ") || "nothing"}`);
      return `with exceptions: ${rule} (${set.join("; ")})`;
    }),
  ];
}

/** One that is off has no exceptions any more; a weaker one may have some too. */
function sorted(all: readonly PolicyDeviation[]) {
  const [off, on] = [all.filter(({ level }) => level === "disabled"), all.filter(({ level }) => level !== "disabled")];
  return {
    off,
    weaker: on.filter(isWeaker),
    excepted: on.filter(({ parameters }) => Object.keys(parameters).length > 0),
  };
}
