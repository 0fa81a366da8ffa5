import type { Comparison } from "../compare/comparison.ts";
import { isAllowed, type StackReport } from "./model.ts";
import { visibleLines } from "./visible.ts";

/** Raised when a field changes its meaning or goes; fields may be added without. */
export const JSON_VERSION = 1;

interface Unavailable {
  readonly stack: string;
  readonly reason: string;
  readonly messages: readonly string[];
}

/** A stack that only the other revision has. */
interface Removed {
  readonly stack: string;
  readonly removed: Comparison;
}

/** The reports as JSON, in the order of the stacks. Secrets are `"[secret]"`, unknowns `"[unknown]"`. */
export function jsonReport(stacks: readonly ({ readonly report: StackReport } | Removed | Unavailable)[]): string {
  const each = stacks.map((told) => {
    if ("report" in told) return { ok: true, allowed: isAllowed(told.report), ...told.report };
    if ("removed" in told) return { ok: true, stack: told.stack, removed: true, comparison: told.removed };
    return { ok: false, ...told };
  });
  const text = JSON.stringify({ version: JSON_VERSION, stacks: each }, undefined, 2);
  // JSON itself leaves these control characters as they are; its own line ends are the only others in it.
  return visibleLines(text);
}
