import type { Collections } from "./store.ts";

export type Kind = keyof Collections;
export const kinds: readonly Kind[] = ["campaigns", "shifts", "containers"];
