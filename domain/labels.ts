import type { Finding } from "./findings.ts";

/** What a resource belongs to, for the label `component`. */
export type ComponentLabel = "worker" | "rounds" | "secrets" | "images" | "alerts";

/**
 * What Google takes; the settings keep names and values to the ASCII letters.
 * https://docs.cloud.google.com/resource-manager/docs/labels-overview (November 2026)
 */
export const labelForm = { name: /^[a-z][a-z0-9_-]{0,62}$/, value: /^[a-z0-9_-]{0,63}$/ } as const;

const ours = ["environment", "component", "managed-by"] as const;

/** The labels of a resource: the stack's own, and what it is. Labels reach the invoice: nothing about patients. */
export function labelsFor(
  stack: Readonly<Record<string, string>>,
  environment: string,
  component: ComponentLabel,
): Readonly<Record<string, string>> {
  return { ...stack, environment, component, "managed-by": "agent-worker" };
}

/** Labels of the settings that would be overwritten. */
export function labelFindings(labels: Readonly<Record<string, unknown>>): readonly Finding[] {
  return ours
    .filter((name) => Object.hasOwn(labels, name))
    .map((name) => ({
      path: `labels.${name}`,
      problem: `${name} is a label the stack sets itself.`,
      remedy: "Leave it out.",
    }));
}
