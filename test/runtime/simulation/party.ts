import type { Millis } from "../../../runtime/ports.ts";

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
  /** What last kept it from seeing everything, before a time. */
  interruptions(elected: readonly Millis[], before: Millis): Readonly<Record<string, Millis>>;
}
