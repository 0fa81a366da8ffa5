import { type ChildProcess, spawn } from "node:child_process";
import { variable } from "../../domain/contract.ts";
import { messageOf } from "../message.ts";
import { Family } from "./family.ts";
import { codeOf } from "./process-table.ts";
import { type Child, type Ended, NOT_EXECUTABLE, NOT_FOUND, type Processes, SpawnFailure } from "./processes.ts";

/** Real processes. They have the runtime's own standard streams: what a worker prints goes where it always went. */
export const nodeProcesses: Processes = {
  spawn: (command, environment) =>
    new Promise((resolve, reject) => {
      const [program = "", ...args] = command;
      const failed = (error: unknown) => reject(failureOf(program, error));
      try {
        const started = spawn(program, args, { detached: true, stdio: "inherit", env: { ...environment } });
        started.once("error", failed);
        started.once("spawn", () => resolve(childOf(started, environment[variable.socket])));
      } catch (error) {
        // Node tells some of the system's answers later, and the rest (ENOTDIR, ELOOP, ETXTBSY, ENOMEM) here.
        failed(error);
      }
    }),
};

/** @param socket the path of this run's own socket: whatever began with it is the worker's */
function childOf(started: ChildProcess, socket: string | undefined): Child {
  const { pid } = started;
  if (pid === undefined) throw new Error("a process that was started has no id");
  const exited = new Promise<Ended>((resolve) => {
    started.once("exit", (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
  const family = new Family(pid, socket && `${variable.socket}=${socket}`);
  const kill = () => family.kill();
  // Whatever ends the runtime, an error of its own included: a worker without it would go on with nobody watching.
  process.on("exit", kill);
  let told = false;
  return {
    pid,
    exited,
    term: () => {
      // Node sends nothing once it has reaped the process, whose id may be another's by then.
      if (!told) started.kill("SIGTERM");
      told = true;
    },
    termOrphans: () => family.termOrphans(),
    killAll: kill,
    alive: () => {
      const alive = family.alive();
      // Nobody's any more: a group that comes after it may have its number.
      if (!alive) process.off("exit", kill);
      return alive;
    },
  };
}

function failureOf(program: string, error: unknown): SpawnFailure {
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
  return new SpawnFailure(
    `${program} was not started. ${reason} (${code || messageOf(error)}).`,
    NOT_EXECUTABLE,
    passing,
  );
}
