/** What can no longer be deleted by mistake. (What can be again is a danger: `dangers.ts`.) */
import type { ResourceChange } from "./resources.ts";
import { listed, type Sentence } from "./sentence.ts";

export function protectionSentences(changes: readonly ResourceChange[]): readonly Sentence[] {
  const gained = changes.filter(
    ({ options, properties, step }) =>
      options.some(({ option, after }) => option === "protect" && after === true) ||
      (step === "update" && properties.some(({ path, after }) => path === "deletionProtection" && after === true)),
  );
  if (gained.length === 0) return [];
  const names = gained.map(({ kind, label }) => `${kind} ${label}`);
  return [{ topic: "protection", about: "protection", text: `now also of ${listed(names)}` }];
}
