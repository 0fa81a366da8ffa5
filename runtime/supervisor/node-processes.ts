import { type ChildProcess, spawn } from "node:child_process";
import { lives, processTable } from "./process-table.ts";
import { type Child, type Ended, NOT_EXECUTABLE, NOT_FOUND, type Processes, SpawnFailure } from "./processes.ts";

/** Real processes. They have the runtime's own standard streams: what a worker prints goes where it always went. */
export const nodeProcesses: Processes = {
  spawn: (command, environment) =>
    new Promise((resolve, reject) => {
      const [program = "", ...args] = command;
      const started = spawn(program, args, { detached: true, stdio: "inherit", env: { ...environment } });
      started.once("error", (error) => reject(failureOf(program, error)));
      started.once("spawn", () => resolve(childOf(started)));
    }),
};

function childOf(started: ChildProcess): Child {
  const { pid } = started;
  if (pid === undefined) throw new Error("a process that was started has no id");
  const exited = new Promise<Ended>((resolve) => {
    started.once("exit", (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
  const group = groupOf(pid);
  // Whatever ends the runtime, an error of its own included: a worker without it would go on with nobody watching.
  process.on("exit", group.kill);
  let told = false;
  return {
    pid,
    exited,
    term: () => {
      // Node sends nothing once it has reaped the process, whose id may be another's by then.
      if (!told) started.kill("SIGTERM");
      told = true;
    },
    killGroup: group.kill,
    groupAlive: () => {
      const alive = group.alive();
      // Nobody's any more: a group that comes after it may have its number.
      if (!alive) process.off("exit", group.kill);
      return alive;
    },
  };
}

/**
 * The processes of a group, and those of its session: a shell with job control, or anything that calls setpgid, puts
 * what it starts into groups of their own.
 */
function groupOf(pid: number): { kill: () => void; alive: () => boolean } {
  let over = false;
  const members = () =>
    processTable()
      ?.filter((entry) => entry.group === pid || entry.session === pid)
      .filter(lives);
  return {
    kill: () => {
      if (over) return;
      send(-pid);
      for (const member of members() ?? []) if (member.group !== pid) send(member.pid);
    },
    alive: () => {
      if (over) return false;
      const found = members();
      over = found === undefined ? !answers(-pid) : found.length === 0;
      return !over;
    },
  };
}

function send(target: number): void {
  try {
    process.kill(target, "SIGKILL");
  } catch (error) {
    // ESRCH: nobody is left to kill. EPERM: not one of them may be killed, and `groupAlive` goes on to say so.
    if (!["ESRCH", "EPERM"].includes(codeOf(error))) throw error;
  }
}

/** Where no table tells: also true for zombies, so that in doubt something lives. */
function answers(target: number): boolean {
  try {
    process.kill(target, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}

function failureOf(program: string, error: Error): SpawnFailure {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new SpawnFailure(
      `${program} was not found: neither on the PATH nor as a file, or it is a script whose interpreter is missing (${code}).`,
      NOT_FOUND,
      false,
    );
  }
  const passing = ["EAGAIN", "ENOMEM", "EMFILE", "ENFILE", "ETXTBSY"].includes(code);
  const reason = passing ? "The system has no room for it now" : "It is there, but the system cannot run it";
  return new SpawnFailure(`${program} was not started. ${reason} (${code || error.message}).`, NOT_EXECUTABLE, passing);
}
