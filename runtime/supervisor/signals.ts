import type { Cancel } from "../ports.ts";

/**
 * The signals that the runtime understands. None of them is forwarded as it comes: the worker gets one SIGTERM when it
 * is to end.
 */
const understood = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGTSTP", "SIGCONT"] as const;

/**
 * What would end the runtime by the system's default, and its worker would be nobody's: a terminal that hangs up, a
 * timer or a limit that is inherited from whoever started it, a signal that was meant for another. Logged, and no more.
 *
 * Not those that a mistake raises (SIGSEGV, SIGABRT), after which nothing can go on, nor SIGPROF, which is a profiler's.
 */
const ignored = [
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGVTALRM",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGIO",
  "SIGPWR",
  "SIGSTKFLT",
] as const;

export const signalNames = [...understood, ...ignored] as const;

export type SignalName = (typeof signalNames)[number];

/** Calls with each signal that comes, from now on. */
export type Signals = (call: (signal: SignalName) => void) => Cancel;

export function isIgnored(signal: SignalName): boolean {
  return ignored.some((name) => name === signal);
}
