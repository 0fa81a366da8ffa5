import type { Cancel } from "../ports.ts";

/**
 * The signals that the runtime understands. The rest keeps the system's meaning; SIGKILL and SIGSTOP nobody can catch.
 * None of them is forwarded as it comes: the worker gets one SIGTERM when it is to end.
 */
export const signalNames = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGTSTP", "SIGCONT"] as const;

export type SignalName = (typeof signalNames)[number];

/** Calls with each signal that comes, from now on. */
export type Signals = (call: (signal: SignalName) => void) => Cancel;
