/** The codes that are ours, of commands and of a supervised run. https://man.freebsd.org/cgi/man.cgi?sysexits (November 2026) */
export const exitCode = {
  ok: 0,
  /** The command line is wrong: nobody's settings are. */
  usage: 2,
  /** EX_USAGE: the environment is wrong. */
  settings: 64,
  /** EX_UNAVAILABLE: the database does not answer, or refuses. */
  unavailable: 69,
  /** EX_SOFTWARE: a mistake in the runtime itself. */
  software: 70,
} as const;
