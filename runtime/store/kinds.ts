import type { Collections, Records } from "./store.ts";

export type Kind = keyof Collections;
export const kinds: readonly Kind[] = ["campaigns", "shifts", "containers"];

export function collectionsOf(records: (kind: Kind) => Records): Collections {
  return { campaigns: records("campaigns"), shifts: records("shifts"), containers: records("containers") };
}
