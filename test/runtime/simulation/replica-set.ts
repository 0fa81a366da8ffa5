import type { Cancel, Millis } from "../../../runtime/ports.ts";
import { Refused } from "../../../runtime/store/memory/document.ts";
import { MemoryServer, type Request, unanswered } from "../../../runtime/store/memory.ts";

/** Called for each request as a majority carries it out: who sent it, what it is, and what carries it out. */
export type Witness = (by: string, request: Request, perform: () => unknown) => unknown;

/** What a part of the clients has before it: a primary that no majority follows. */
interface Alone {
  readonly reaches: (by: string) => boolean;
  /** What a majority had when it was left alone, which is all that it shows to those who read. */
  readonly known: MemoryServer;
  /** Carried out there, and acknowledged to nobody. */
  readonly writes: { readonly by: string; readonly request: Request }[];
}

/** A new primary that knows only of what a majority had a while ago, and shows that to those who read. */
interface Behind {
  readonly known: MemoryServer;
  /** Whose write it has answered: by then it knows what a majority has, as far as they do. */
  readonly answered: Set<string>;
}

/**
 * Three servers, seen from outside: what a majority has is one database in memory. Beside it there may be a primary
 * that is alone. Its writes are nobody's until a majority has them, and gone when another is elected.
 */
export class ReplicaSet {
  witness: Witness = (_by, _request, perform) => perform();
  /** Called with what is shown to those who read where that is not what a majority has. */
  onRead: (by: string, request: Request, result: unknown) => void = () => {};
  /** Called when another is primary. */
  onElection = () => {};
  /** How far the primary's wall clock is ahead. */
  ahead: Millis = 0;
  /** A campaign whose writes do not pass the collection's validation. */
  refuses: string | undefined;
  /** Whether there is no primary at all, or nobody who reaches it. */
  away = false;
  /** Whose next write to its campaigns is under way for long. */
  late: string | undefined;
  #underWay: { readonly by: string; readonly request: Request }[] = [];
  readonly #now: () => Millis;
  readonly #majority: MemoryServer;
  #alone: Alone | undefined;
  #behind: Behind | undefined;

  constructor(now: () => Millis) {
    this.#now = () => now() + this.ahead;
    this.#majority = new MemoryServer(this.#now);
  }

  /** As one client reaches it. */
  seenBy(by: string): MemoryServer {
    return new Seen(this, by, this.#now);
  }

  perform(by: string, request: Request): unknown {
    if (by === this.late && request.kind === "campaigns" && request.call === "update all") {
      this.late = undefined;
      this.#underWay.push({ by, request });
      return unanswered;
    }
    if (this.#alone?.reaches(by) === true) return this.#performAlone(this.#alone, by, request);
    if (this.away) return unanswered;
    if (this.#behind !== undefined && isRead(request) && !this.#behind.answered.has(by))
      return this.#shown(this.#behind.known, by, request);
    if (!isRead(request)) this.#behind?.answered.add(by);
    return this.#performByMajority(by, request);
  }

  /** What is known now, for a primary that will know of nothing later. */
  copy(): MemoryServer {
    return this.#majority.copy();
  }

  /** Past all containers, and at once. */
  performByMajority(request: Request): unknown {
    return this.#majority.perform(request);
  }

  all(kind: Request["kind"]): ReturnType<MemoryServer["all"]> {
    return this.#majority.all(kind);
  }

  find(kind: Request["kind"], id: string): ReturnType<MemoryServer["all"]>[number] | undefined {
    return this.#majority.perform({ kind, call: "find", id }) as ReturnType<MemoryServer["all"]>[number] | undefined;
  }

  listen(call: () => void): Cancel {
    return this.#majority.listen(call);
  }

  /** The primary is alone from now on, with those who reach it. @returns false when it is already */
  isolate(reaches: Alone["reaches"]): boolean {
    if (this.#alone !== undefined) return false;
    this.#alone = { reaches, known: this.#majority.copy(), writes: [] };
    return true;
  }

  /** The others follow it again: a majority has what it has. Nobody else was primary. */
  follow(): void {
    const { writes = [] } = this.#alone ?? {};
    this.#alone = undefined;
    this.#land(writes);
  }

  /** What is under way lands, now. */
  land(): void {
    this.#land(this.#underWay.splice(0));
  }

  #land(writes: readonly { readonly by: string; readonly request: Request }[]): void {
    for (const { by, request } of writes) {
      try {
        this.#performByMajority(by, request);
      } catch (error) {
        // Nobody waits for its answer.
        if (!(error instanceof Refused)) throw error;
      }
    }
  }

  /** The primary that knew no more than this knows what a majority has; another one that was elected since does not. */
  catchUp(known: MemoryServer): void {
    if (this.#behind?.known === known) this.#behind = undefined;
  }

  /**
   * Another one is primary: what the one that was alone has goes, and with it its clock.
   *
   * @param known what it knows of, where that is older than what was acknowledged
   */
  elect(ahead = this.ahead, known?: MemoryServer): void {
    this.#alone = undefined;
    this.#behind = known && { known, answered: new Set() };
    this.away = false;
    this.ahead = ahead;
    this.onElection();
    this.#majority.changeTopology();
  }

  #performByMajority(by: string, request: Request): unknown {
    const accepted = this.#accepted(request);
    const result = accepted && this.witness(by, accepted, () => this.#majority.perform(accepted));
    if (accepted !== request) throw new Refused("DocumentValidationFailure", 121);
    return result;
  }

  /** What of it does not touch the campaign that is refused. */
  #accepted(request: Request): Request | undefined {
    if (request.kind !== "campaigns" || this.refuses === undefined) return request;
    if (request.call === "update") return request.write.id === this.refuses ? undefined : request;
    if (request.call !== "update all") return request;
    const writes = request.writes.filter(({ id }) => id !== this.refuses);
    return writes.length === request.writes.length ? request : { ...request, writes };
  }

  #performAlone({ known, writes }: Alone, by: string, request: Request): unknown {
    if (isRead(request)) return this.#shown(known, by, request);
    writes.push({ by, request });
    return unanswered;
  }

  #shown(known: MemoryServer, by: string, request: Request): unknown {
    const result = known.perform(request);
    this.onRead(by, request, result);
    return result;
  }
}

function isRead({ call }: Request): boolean {
  return call === "find" || call === "list";
}

class Seen extends MemoryServer {
  readonly #set: ReplicaSet;
  readonly #by: string;

  constructor(set: ReplicaSet, by: string, now: () => Millis) {
    super(now);
    this.#set = set;
    this.#by = by;
  }

  override perform(request: Request): unknown {
    return this.#set.perform(this.#by, request);
  }

  override listen(call: () => void): Cancel {
    return this.#set.listen(call);
  }
}
