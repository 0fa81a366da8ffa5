import { beganWith, codeOf, lives, type ProcessEntry, processTable } from "./process-table.ts";

/** What one look at the system's table has shown. */
interface Look {
  readonly members: readonly ProcessEntry[];
  /** Whether it has missed nobody. */
  readonly whole: boolean;
}

/** Ours: on a machine where much begins and ends all the time, a look may be in vain. */
const LOOKS = 3;

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
  /** Of the last look: who was another's, who had ended, and the groups of those who were its own. */
  #others: ReadonlySet<number> = new Set();
  #ended: ReadonlySet<number> = new Set();
  #groups: ReadonlySet<number> = new Set();
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
    const look = this.#look();
    if (typeof look === "string") return 0;
    const { members } = look;
    const pids = new Set(members.map(({ pid }) => pid));
    const orphans = members.filter(({ pid, parent }) => !pids.has(parent) && !this.#told.has(pid));
    for (const { pid } of orphans) {
      this.#told.add(pid);
      send("SIGTERM", pid);
    }
    return orphans.length;
  }

  /** Groups at once: what is being forked in one is killed too, and so is whoever is another process at each look. */
  kill(): void {
    if (this.#over) return;
    const before = this.#groups;
    this.#look();
    for (const group of new Set([this.#leader, ...before, ...this.#groups])) send("SIGKILL", -group);
  }

  alive(): boolean {
    if (this.#over) return false;
    for (let looks = 0; looks < LOOKS; looks++) {
      const look = this.#look();
      // In doubt something lives.
      if (look === "unreadable") return true;
      if (look === "no table") {
        this.#over = !answers(-this.#leader);
        return !this.#over;
      }
      if (look.members.length > 0) return true;
      this.#over = look.whole;
      if (this.#over) return false;
    }
    return true;
  }

  /**
   * Whoever forks, goes on in the child and ends may be missed: it has ended when it is read, and its child was not there
   * when the list was made. So a look is whole only if all that have ended in it were others for certain: known from the
   * look before, as others or as dead, or of a session where others live.
   */
  #look(): Look | "no table" | "unreadable" {
    const members: ProcessEntry[] = [];
    const others: ProcessEntry[] = [];
    const ended: ProcessEntry[] = [];
    try {
      for (const entry of processTable()) {
        const has = lives(entry) ? this.#has(entry) : "gone";
        if (has === true) members.push(entry);
        else if (has === "gone") ended.push(entry);
        else others.push(entry);
      }
    } catch {
      // Asked again in a moment, by whoever waits for this family's end.
      return "unreadable";
    }
    const theirs = new Set(others.map(({ session }) => session));
    const isOther = ({ pid, session }: ProcessEntry) =>
      this.#others.has(pid) || this.#ended.has(pid) || theirs.has(session);
    const whole = ended.every(isOther);
    this.#others = new Set(others.map(({ pid }) => pid));
    this.#ended = new Set(ended.map(({ pid }) => pid));
    this.#groups = new Set(members.map(({ group }) => group));
    return members.length + others.length + ended.length === 0 ? "no table" : { members, whole };
  }

  #has({ pid, group, session }: ProcessEntry): boolean | "gone" {
    if (group === this.#leader || session === this.#leader) return true;
    // Nobody becomes one of them: they are born so.
    if (this.#mark === undefined || this.#others.has(pid)) return false;
    return beganWith(pid, this.#mark);
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
