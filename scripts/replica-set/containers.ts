/** Whether the containers themselves are as they promise: no fault here ends one, and none makes one say that it is wrong. Pure. */
import { event } from "../../domain/contract.ts";
import type { Violation } from "./rules.ts";

/** A container, as it is seen from outside. All times in seconds of CLOCK_MONOTONIC. */
export interface Life {
  /** Where it ran. */
  readonly seat: string;
  /** Its id. */
  readonly owner: string;
  readonly lines: readonly Line[];
  /** When it got its SIGTERM. */
  readonly toldAt: number | undefined;
  readonly ended: { readonly at: number; readonly code: number | null } | undefined;
}

/** A line of its log. */
export interface Line {
  readonly at: number;
  readonly event: string;
  readonly severity?: string;
  readonly message: string;
  readonly campaign?: string;
  readonly epoch?: number;
}

/** What a container exits with that was told to end before closing. */
export const TERMINATED = 143;

/** @param since what happened before was looked at already */
export function brokenIn(lives: readonly Life[], since: number): readonly Violation[] {
  return lives.flatMap((life) => [...endOf(life, since), ...mistakesOf(life, since)]);
}

function endOf({ seat, lines, toldAt, ended }: Life, since: number): readonly Violation[] {
  if (ended === undefined || ended.at < since) return [];
  if (toldAt !== undefined && ended.code === TERMINATED) return [];
  const how = ended.code === null ? "was killed" : `exited with ${ended.code}`;
  const why = toldAt === undefined ? "by itself" : `${(ended.at - toldAt).toFixed(1)} s after SIGTERM`;
  return [{ rule: "ended", of: seat, what: `it ${how} ${why}: ${lines.at(-1)?.message ?? "it had said nothing"}` }];
}

function mistakesOf({ seat, lines }: Life, since: number): readonly Violation[] {
  return lines
    .filter((line) => line.at >= since && (line.event === event.callFailed || line.severity === "CRITICAL"))
    .map(({ message }) => ({ rule: "mistake", of: seat, what: message }));
}
