/** A GitHub comment as it is rendered: GitHub Flavored Markdown, as a tree to look for what came alive. */
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";

export type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

export function rendered(markdown: string): string {
  // HTML in it is taken as it is: what GitHub would take out afterwards must not be there in the first place.
  return micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
}

export function treeOf(markdown: string): readonly Node[] {
  return parseFragment(rendered(markdown)).childNodes;
}

const isElement = (node: Node): node is Element => "tagName" in node;

/** Every element, outside in, in the order of the page. */
export function elementsOf(nodes: readonly Node[]): readonly Element[] {
  return nodes.filter(isElement).flatMap((element) => [element, ...elementsOf(element.childNodes)]);
}

/** The text in which GitHub looks for mentions, references, emoji and addresses: not that in code or in a link. */
export function livingText(nodes: readonly Node[]): string {
  return nodes
    .map((node) => {
      if ("value" in node) return node.value;
      if (!isElement(node)) return "";
      return ["code", "pre", "a"].includes(node.tagName) ? " " : livingText(node.childNodes);
    })
    .join("");
}

export function textOf(nodes: readonly Node[]): string {
  return nodes.map((node) => ("value" in node ? node.value : isElement(node) ? textOf(node.childNodes) : "")).join("");
}

/** The elements as a tree of their names, without `code`, which may stand around any word. */
export function skeleton(nodes: readonly Node[]): string {
  return nodes
    .filter(isElement)
    .filter(({ tagName }) => tagName !== "code")
    .map(({ tagName, childNodes }) => `${tagName}(${skeleton(childNodes)})`)
    .join("");
}

export function commentsIn(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap((node) => {
    if (node.nodeName === "#comment" && "data" in node) return [node.data.trim()];
    return isElement(node) ? commentsIn(node.childNodes) : [];
  });
}
