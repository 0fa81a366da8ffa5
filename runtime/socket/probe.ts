import type { Answer } from "./answer.ts";

/** How the runtime stands, for people and probes. */
export interface Standing {
  /** Whether new work may come: the worker runs, and nothing is ending. */
  readonly ready: boolean;
  /** Anything that helps people: nothing secret, nothing about patients. Plain values of JSON. */
  readonly details: Readonly<Record<string, unknown>>;
}

export type Probe = () => Standing;

/** What a probe is answered with, by its path. What answers at all is live; it is ready, or it is not: 503. */
export const probes = new Map<string, (probe: Probe) => Answer>([
  ["/live", () => ({ status: 200, body: { live: true } })],
  ["/ready", readiness],
]);

function readiness(probe: Probe): Answer {
  const { ready } = probe();
  return { status: ready ? 200 : 503, body: { ready } };
}
