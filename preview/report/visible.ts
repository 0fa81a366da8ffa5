import { visible } from "../../domain/findings.ts";

/**
 * Names, labels and descriptions come from settings. A control character in one of them could move the cursor, forge a
 * line or rename the window of whoever reads a preview: it is written out instead (`\u001b`), so that it is seen.
 */

/** A text that may have several lines. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

/** Every text in a model, wherever it is. */
export function allVisible<Model>(model: Model): Model {
  return walk(model) as Model;
}

function walk(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
}
