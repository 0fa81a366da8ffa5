import { beganWith, codeOf, lives, type ProcessEntry, processTable } from "./process-table.ts";

/**
 * The processes of one worker: its group and its session (a shell with job control, or anything that calls setpgid,
 * puts what it starts into groups of their own), and whatever has left both (`setsid`, Node's `detached`, a browser, a
 * daemon) but began with a variable that only this runtime's worker has.
 */
export class Family {
  readonly #leader: number;
  readonly #mark: string | undefined;
  /** Who got a SIGTERM. */
  readonly #told = new Set<number>();
  /** Once nothing of it was seen alive: its numbers may be others' by now. */
  #over = false;

  /** @param mark `NAME=value`; without one what has left the session is not seen */
  constructor(leader: number, mark: string | undefined) {
    this.#leader = leader;
    this.#mark = mark;
  }

  /**
   * Sends one SIGTERM to each living process that has lost its parent and got none, once the leader has ended: a shell
   * in front of a worker ends at once and tells nobody. Not to those below them: a parent that lives tells its own, as
   * LiveKit's worker its job processes, in its own order.
   *
   * @returns how many got one
   */
  termOrphans(): number {
    if (this.#over) return 0;
    const members = this.#seen();
    if (typeof members === "string") return 0;
    const pids = new Set(members.map(({ pid }) => pid));
    const orphans = members.filter(({ pid, parent }) => !pids.has(parent) && !this.#told.has(pid));
    for (const { pid } of orphans) {
      this.#told.add(pid);
      send("SIGTERM", pid);
    }
    return orphans.length;
  }

  kill(): void {
    if (this.#over) return;
    const members = this.#seen();
    // The group at once: what is being forked in it is killed too.
    send("SIGKILL", -this.#leader);
    if (typeof members === "string") return;
    for (const { pid, group } of members) if (group !== this.#leader) send("SIGKILL", pid);
  }

  alive(): boolean {
    if (this.#over) return false;
    const members = this.#seen();
    // In doubt something lives.
    if (members === "unreadable") return true;
    this.#over = members === "no table" ? !answers(-this.#leader) : members.length === 0;
    return !this.#over;
  }

  #seen(): readonly ProcessEntry[] | "no table" | "unreadable" {
    try {
      return processTable()?.filter((entry) => lives(entry) && this.#has(entry)) ?? "no table";
    } catch {
      // Asked again in a moment, by whoever waits for this family's end.
      return "unreadable";
    }
  }

  #has({ pid, group, session }: ProcessEntry): boolean {
    if (group === this.#leader || session === this.#leader) return true;
    return this.#mark !== undefined && beganWith(pid, this.#mark);
  }
}

function send(signal: "SIGTERM" | "SIGKILL", target: number): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    // ESRCH: nobody is left to tell. EPERM: not one of them may be told, and `alive` goes on to say so.
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
