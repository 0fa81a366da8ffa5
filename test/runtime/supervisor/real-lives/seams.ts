/**
 * What the production code does to processes, noted where it does it: a SIGTERM when it is sent (two at once arrive as
 * one), the first kill, and the looks for whoever outlives it.
 */
import { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Log } from "../../../../runtime/ports.ts";
import type { Child } from "../../../../runtime/supervisor/processes.ts";
import type { Fact } from "./facts.ts";
import { type Living, queuedOf, youngest } from "./living.ts";

export interface Notes {
  readonly tell: (fact: Fact) => void;
  /** What of this life lives. */
  readonly alive: () => readonly Living[];
  /** Whether a process has a parent in this life that could tell it. */
  readonly hasParent: (pid: number) => boolean;
}

/** From now on, whichever of Node's ways it takes. */
export function noteSigterms({ tell, hasParent }: Pick<Notes, "tell" | "hasParent">): void {
  const note = (to: number, signal: string | number | undefined) => {
    // Without a name it is one.
    if (signal !== undefined && signal !== "SIGTERM" && signal !== constants.signals.SIGTERM) return;
    tell({ what: "sends", to, below: hasParent(to) });
  };
  const kill = process.kill.bind(process);
  process.kill = (pid, signal) => {
    note(pid, signal);
    return kill(pid, signal);
  };
  const { kill: killChild } = ChildProcess.prototype;
  // It does not go through `process.kill`.
  ChildProcess.prototype.kill = function (this: ChildProcess, signal) {
    note(this.pid ?? 0, signal);
    return killChild.call(this, signal);
  };
}

/** Of the looks since the last kill began. */
let born = 0;
let looks = 0;

export function noted(child: Child, { tell }: Pick<Notes, "tell">): Child {
  const worker = child.pid;
  tell({ what: "runs", worker });
  child.exited.then(() => tell({ what: "exited", worker }));
  let killed = false;
  return {
    ...child,
    termOrphans: () => {
      tell({ what: "looks for orphans", worker });
      return child.termOrphans();
    },
    killAll: () => {
      if (!killed) {
        looks = 0;
        tell({ what: "kills", worker, queued: queuedOf(process.pid) });
      }
      killed = true;
      child.killAll();
    },
    alive: () => {
      const before = youngest();
      const found = child.alive();
      const after = youngest();
      // Smaller where the numbers have begun anew.
      born = after < before ? after : after - before;
      looks += 1;
      return found;
    },
  };
}

export function notedLog(log: Log, { tell, alive }: Pick<Notes, "tell" | "alive">): Log {
  return (severity, event, message, fields) => {
    if (event === "kill_unconfirmed")
      tell({ what: "unconfirmed", born, looks, queued: queuedOf(process.pid), alive: alive() });
    tell({ what: "says", event, reason: fields?.reason });
    log(severity, event, message, fields);
  };
}
