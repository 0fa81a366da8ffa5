import type { Millis } from "../../../runtime/ports.ts";

/** Whether it ended before the other one began: Cloud Run starts a task's next attempt only then. */
export function endedBefore(containerId: string, other: string): boolean {
  const [execution, task, attempt] = containerId.split("/");
  const [otherExecution, otherTask, otherAttempt] = other.split("/");
  return execution === otherExecution && task === otherTask && Number(attempt) < Number(otherAttempt);
}

/** A container, as those see it who judge what it does. */
export interface Party {
  readonly name: string;
  /** Its container id. */
  readonly id: string;
  /** When it last said that it takes nothing over for a while. */
  readonly heldAt: Millis | undefined;
  /** When each takeover was first sent, in the world's time; by claim, or by campaign and epoch. */
  readonly sent: ReadonlyMap<string, Millis>;
  /** Whether one of its workers has died by itself, or hung. */
  readonly hasLostWorker: boolean;
  /** Whether something in it acts for a claim, or may. */
  mayAct(claimId: string): boolean;
  /** Whether something of the worker that was given a claim lives. */
  hasLivingWorkerOf(claimId: string): boolean;
  /** What last kept it from seeing everything, before a time. */
  interruptions(elected: readonly Millis[], before: Millis): Readonly<Record<string, Millis>>;
}
