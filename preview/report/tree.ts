import { type Paper, paint, wrap } from "./layout.ts";
import type { ResourceReport } from "./model.ts";
import { plural } from "./words.ts";

/** The resources as a tree of components, with what matters about each. */
export function tree(resources: readonly ResourceReport[], paper: Paper): readonly string[] {
  const children = Map.groupBy(resources, ({ parent }) => parent);
  const [stack] = children.get(undefined) ?? [];
  return stack === undefined ? [] : branches(children.get(stack.urn) ?? [], children, "", paper);
}

function branches(
  siblings: readonly ResourceReport[],
  children: ReadonlyMap<string | undefined, readonly ResourceReport[]>,
  indent: string,
  paper: Paper,
): readonly string[] {
  const entries = gathered(siblings, children);
  return entries.flatMap((entry, index) => {
    const last = index === entries.length - 1;
    const below = `${indent}${last ? "   " : "│  "}`;
    const [head = "", ...rest] = wrap(entry.text, Math.max(30, paper.width - indent.length - 5), 3);
    const inner = children.get(entry.resource.urn) ?? [];
    const more = inner.length > 0 ? "│  " : "   ";
    return [
      `  ${indent}${last ? "└─ " : "├─ "}${coloured(head, entry, paper)}`,
      ...rest.map((line) => `  ${below}${more}${line.slice(3)}`),
      ...branches(inner, children, below, paper),
    ];
  });
}

interface Entry {
  readonly text: string;
  readonly name: string;
  readonly resource: ResourceReport;
}

/** Resources of which the same is to be said share an entry; a component, empty or not, has one of its own. */
function gathered(
  siblings: readonly ResourceReport[],
  children: ReadonlyMap<string | undefined, readonly ResourceReport[]>,
): readonly Entry[] {
  const alike = ({ urn, kind, facts, protect }: ResourceReport) =>
    kind === "component" || children.has(urn) ? urn : [kind, protect, ...facts].join("\n");
  return [...Map.groupBy(siblings, alike).values()].map((group) => entry(group as [ResourceReport]));
}

function entry(group: readonly [ResourceReport, ...ResourceReport[]]): Entry {
  const [first] = group;
  if (first.kind === "component") {
    return { name: first.label, resource: first, text: `${first.label}  (${first.type.split(":").at(-1)})` };
  }
  const labels = group.map(({ label }) => label);
  const name = group.length > 1 ? `${group.length} ${plural(first.kind)}` : `${first.kind} ${first.label}`;
  const list = group.length > 1 ? [labels.join(labels.some((label) => label.includes(",")) ? "; " : ", ")] : [];
  const said = [...list, ...first.facts, ...(first.protect ? ["protected"] : [])].join(" · ");
  return { name, resource: first, text: `${name}  ${said}` };
}

function coloured(head: string, { name, resource }: Entry, paper: Paper): string {
  if (!head.startsWith(name)) return head;
  const style = resource.kind === "component" ? "cyan" : "bold";
  return paint(paper, style, name) + head.slice(name.length);
}
