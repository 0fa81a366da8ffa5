import type { Environment } from "../settings/environment.ts";

/** How a process ended. */
export type Ended = { readonly code: number } | { readonly signal: string };

/** The worker's own process, and with it whatever it started. */
export interface Child {
  readonly pid: number;
  /** When the process itself has ended. What it started may still live. */
  readonly exited: Promise<Ended>;
  /** Sends one SIGTERM to the process alone. LiveKit's worker ends at once on a second one, with calls in its hands. */
  term(): void;
  /**
   * Once the process has ended: sends one SIGTERM to each one that it left and that got none, and so on, parents first.
   *
   * @returns how many got one now
   */
  termOrphans(): number;
  /** Sends SIGKILL to all of them. */
  killAll(): void;
  /** Whether any of them lives. One that ended and that nobody has reaped (a zombie) does not. */
  alive(): boolean;
}

export interface Processes {
  /**
   * Starts a command in a session and a group of its own, so that a signal to the runtime's group is not one to it.
   *
   * @throws SpawnFailure when the system does not start it
   */
  spawn(command: readonly string[], environment: Environment): Promise<Child>;
}

/** A shell's own codes, which people know: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02 (November 2026) */
export const NOT_EXECUTABLE = 126;
export const NOT_FOUND = 127;

/** The system did not start a command. */
export class SpawnFailure extends Error {
  override readonly name = "SpawnFailure";
  readonly code: typeof NOT_EXECUTABLE | typeof NOT_FOUND;
  /** Whether it may work another time: the system had no room. What is not there does not appear by itself. */
  readonly passing: boolean;

  constructor(message: string, code: typeof NOT_EXECUTABLE | typeof NOT_FOUND, passing: boolean) {
    super(message);
    this.code = code;
    this.passing = passing;
  }
}
