import type { Millis } from "../../../runtime/ports.ts";
import { seeded } from "../../support/seeded.ts";
import { type FaultName, faultNames } from "./fault-names.ts";

/** A Cloud Run Job of a clinic, and how its containers are set up. */
export interface PlannedJob {
  readonly name: string;
  /** After so many minutes it opens; before, a start waits. */
  readonly opens: number;
  /** After so many minutes it closes; undefined: long after the world has ended. */
  readonly closes: number | undefined;
  readonly capacity: number;
  /** Whether its worker answers for itself. */
  readonly health: boolean;
}

export interface PlannedCampaign {
  readonly id: string;
  readonly policy: "resume" | "terminate" | "resume-if";
  readonly steps: number;
}

/** One thing that goes wrong. Whatever is left to chance in it has a seed of its own: without it the others stay as they are. */
export interface PlannedFault {
  readonly at: Millis;
  readonly kind: FaultName;
  /** Which job it comes upon. */
  readonly job: number;
  readonly seed: number;
  /** From 0 to 1: how long it lasts, of the longest that it may. */
  readonly size: number;
}

/** A world before it begins: everything that is decided by its seed alone. */
export interface Scenario {
  readonly seed: number;
  readonly jobs: readonly PlannedJob[];
  readonly campaigns: readonly PlannedCampaign[];
  readonly faults: readonly PlannedFault[];
  readonly length: Millis;
}

const MINUTE: Millis = 60_000;

export function scenarioOf(seed: number): Scenario {
  const { fraction } = seeded(seed * 7_919);
  const whole = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1));
  const oneOf = <T>(...list: readonly [T, ...T[]]): T => list[Math.floor(fraction() * list.length)] as T;
  // Often two or three, sometimes as many as it takes for most of them to be dead at once.
  const jobs = oneOf(1, 1, 1, 2, 2, 2, 3, 5);
  const length = whole(3, 6) * MINUTE;
  // A world with few kinds of faults has many of each, and one with all of them all their pairs.
  const few = Array.from({ length: whole(3, 7) }, () => faultNames[whole(0, faultNames.length - 1)] as FaultName);
  const kinds = fraction() < 0.5 ? faultNames : few;
  const faults: PlannedFault[] = [];
  for (let at = 0; at < length; at += fraction() * oneOf(8_000, 30_000, 80_000)) {
    const kind = kinds[Math.floor(fraction() * kinds.length)] as FaultName;
    faults.push({ at: Math.round(at), kind, job: whole(0, jobs - 1), seed: whole(1, 1e9), size: fraction() });
  }
  return {
    seed,
    // The first one is open all the time: somebody is there for what is left in the end.
    jobs: Array.from({ length: jobs }, (_, number) => ({
      name: String.fromCharCode(97 + number),
      opens: number > 0 && fraction() < 0.15 ? whole(1, 3) : 0,
      closes: number > 0 && fraction() < 0.3 ? whole(2, 6) : undefined,
      capacity: oneOf(1, 1, 2),
      health: fraction() < 0.3,
    })),
    campaigns: Array.from({ length: whole(1, 5) }, (_, number) => ({
      id: `c${number + 1}`,
      policy: oneOf("resume", "resume", "resume", "resume", "terminate", "resume-if"),
      steps: whole(1, 3),
    })),
    faults,
    length,
  };
}
