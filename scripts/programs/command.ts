import { describe } from "../../domain/findings.ts";
import type { Waiting } from "./child.ts";
import type { Program } from "./found.ts";

export interface ProgramCommand {
  readonly usage: string;
  /** As people call it: `Pulumi CLI`. */
  readonly name: string;
  readonly get: (waiting: Waiting) => Promise<Program>;
}

/** A command that gets a program: its path on stdout, everything else on stderr. @returns the exit code */
export async function programCommand({ usage, name, get }: ProgramCommand, [word]: readonly string[]): Promise<number> {
  if (word !== undefined) {
    console.error(usage);
    return word === "--help" ? 0 : 2;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  try {
    const program = await get({ say: console.error, stop: stop.signal });
    if (program.missing === undefined) {
      console.error(`${name} ${program.version}, ${program.origin}`);
      console.log(program.path);
      return 0;
    }
    console.error(`\nno ${name} was to be had:\n\n${describe(program.looked, process.stderr.columns)}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (stop.signal.aborted) console.error("interrupted; nothing half is left");
    // A disk that is full, a cache that is not ours.
    else if (code !== undefined) console.error(`no ${name}: its cache cannot be written (${message})`);
    else throw error;
  }
  return 1;
}
