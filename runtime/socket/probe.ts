import type { Answer } from "./answer.ts";

/** How the runtime stands, for people and probes. */
export interface Standing {
  /** Whether the runtime works at all; where not, it should be started anew. */
  readonly live: boolean;
  /** Whether new work may come: the worker runs, and nothing is ending. */
  readonly ready: boolean;
  /** Anything that helps people: nothing secret, nothing about patients. Plain values of JSON. */
  readonly details: Readonly<Record<string, unknown>>;
}

export type Probe = () => Standing;

export const probePaths = { live: "/live", ready: "/ready" } as const;

/** 200 while it holds, and 503 while it does not. */
export function probed(what: keyof typeof probePaths, probe: Probe): Answer {
  const holds = probe()[what];
  return { status: holds ? 200 : 503, body: { [what]: holds } };
}
