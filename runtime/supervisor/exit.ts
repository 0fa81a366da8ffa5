import { constants } from "node:os";
import { exitCode as sysexits } from "../exit-codes.ts";
import type { Leaving } from "../leases.ts";
import type { Severity } from "../ports.ts";
import type { Ended } from "./processes.ts";

/** Why a container leaves. */
export type Reason =
  | "closed"
  | "completed"
  | "duplicate"
  | "closing"
  | "runOver"
  | "shiftLost"
  | "terminated"
  | "interrupted"
  | "workerEnded"
  | "gaveUp"
  | "notStarted"
  | "stuck"
  | "failed";

interface Exit {
  /** `worker`: the worker's own, 128 and the signal's number for one that a signal ended. */
  readonly code: number | "worker";
  /** Instead of the worker's 0, where that would say that all is well. */
  readonly insteadOf0?: number;
  /** What becomes of the shift's record. Undefined: nothing is given back. */
  readonly leaving: Leaving | undefined;
  readonly severity: Severity;
  /** What happened, for people. */
  readonly when: string;
  /** Why it is this code: what follows from it. */
  readonly so: string;
}

/**
 * What the runtime exits with. Cloud Run starts a task that exits with anything but 0 again, as often as its retries
 * allow: 0 ends the day, and so it is for what is over, and nothing else.
 */
export const exits: Readonly<Record<Reason, Exit>> = {
  closed: {
    code: 0,
    leaving: "released",
    severity: "INFO",
    when: "the clinic is closed: outside office hours, or a holiday",
    so: "nothing was started; AGENT_RUN_FOR starts it anyway",
  },
  completed: {
    code: 0,
    leaving: "released",
    severity: "INFO",
    when: "the shift is over: its record says so",
    so: "nothing was started",
  },
  duplicate: {
    code: 0,
    leaving: "released",
    severity: "INFO",
    when: "another execution serves this shift, and its heartbeats were seen",
    so: "nothing was started",
  },
  closing: {
    code: 0,
    leaving: "completed",
    severity: "INFO",
    when: "the clinic closes, also with a SIGTERM at or after closing",
    so: "the shift is over, and nobody starts it again",
  },
  runOver: {
    code: 0,
    leaving: "released",
    severity: "INFO",
    when: "AGENT_RUN_FOR is over",
    so: "the shift, if there is one, is free for the next start",
  },
  shiftLost: {
    code: 0,
    leaving: "released",
    severity: "NOTICE",
    when: "the shift belongs to another execution",
    so: "it was drained first; the other one goes on",
  },
  terminated: {
    code: 143,
    leaving: "released",
    severity: "NOTICE",
    when: "SIGTERM before closing, or without a calendar",
    so: "the task is not done: Cloud Run starts it again, unless the execution was cancelled",
  },
  interrupted: {
    code: 130,
    leaving: "released",
    severity: "NOTICE",
    when: "SIGINT (Ctrl-C) before closing, or without a calendar",
    so: "as for SIGTERM; a shell expects this code",
  },
  workerEnded: {
    code: "worker",
    leaving: "released",
    severity: "INFO",
    when: "the worker ended, and there is neither a calendar nor AGENT_RUN_FOR",
    so: "its own code, as if it ran alone",
  },
  gaveUp: {
    code: "worker",
    insteadOf0: sysexits.software,
    leaving: "released",
    severity: "ERROR",
    when: "the worker died more often in a shift than AGENT_RESTARTS allows",
    so: "its last code, 70 if that was 0: the task has failed, and Cloud Run starts it again",
  },
  notStarted: {
    code: "worker",
    leaving: "released",
    severity: "ERROR",
    when: "the worker's command was not found (127), or cannot be run (126)",
    so: "another start in place would not find it either",
  },
  stuck: {
    code: sysexits.software,
    leaving: undefined,
    severity: "ERROR",
    when: "the worker's processes outlive SIGKILL",
    so: "only the end of the container can end them; nothing is given back before the leases end by themselves",
  },
  failed: {
    code: sysexits.software,
    leaving: undefined,
    severity: "CRITICAL",
    when: "a mistake in the runtime itself",
    so: "the log has it; the worker was killed",
  },
};

/** @param ended how the worker ended, for the reasons that take its code */
export function exitCode(reason: Reason, ended?: Ended): number {
  const { code, insteadOf0 } = exits[reason];
  if (code !== "worker") return code;
  const own = ended === undefined ? sysexits.software : codeOf(ended);
  return own === 0 ? (insteadOf0 ?? 0) : own;
}

/** As a shell puts it: 137 for a worker that was killed. */
export function codeOf(ended: Ended): number {
  if ("code" in ended) return ended.code;
  const signals: Readonly<Record<string, number>> = constants.signals;
  return 128 + (signals[ended.signal] ?? 0);
}

/** The rows of the documentation's table: when, code, why. */
export function exitTable(): readonly (readonly [when: string, code: string, so: string])[] {
  return [
    // Before there is a container that could leave.
    ["the settings are wrong", `${sysexits.settings}`, "nothing was started; the log says what is wrong"],
    ...Object.values(exits).map(
      ({ when, code, so }) => [when, code === "worker" ? "the worker's" : `${code}`, so] as const,
    ),
  ];
}
