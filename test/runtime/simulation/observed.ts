import type { Campaign } from "../../../runtime/lease/record.ts";
import type { Millis } from "../../../runtime/ports.ts";
import type { Request } from "../../../runtime/store/memory.ts";
import type { Stored } from "../../../runtime/store/store.ts";
import { countObserved } from "./coverage.ts";
import { endedBefore, type Party } from "./party.ts";
import type { ReplicaSet } from "./replica-set.ts";
import type { Story } from "./story.ts";

/** With heartbeats every 30 s and a threshold of 120 s, and a request that is given up after 8 s: by what is promised, not by the code. */
const timing = { interval: 30_000, observe: 126_000, gap: 45_000, operation: 8_000 } as const;
/** By a clock that is 2 % too fast. */
const LEAST_OBSERVED: Millis = timing.observe / 1.02;
/** Between two looks: a gap that is none, a pause between two sweeps, by a slow clock, and the looks themselves. */
const LONGEST_BETWEEN_LOOKS: Millis = (timing.gap + 1.5 * timing.interval) / 0.98 + 3 * timing.operation;
/** A heartbeat, by a slow clock, and the time between the judgement and its write. */
const OLDEST_HEARTBEAT: Millis = timing.gap / 0.98 + 4 * timing.operation;
/** By a slow clock, and with an answer that took as long as it may. */
const LONGEST_OBSERVED: Millis = timing.observe / 0.98 + timing.operation;
/** As long as what was refused is left alone. */
const FORGOTTEN: Millis = 600_000;
/** Between the judgement and its write. */
const JUDGED_BEFORE: Millis = 50;
/** A claim without an answer, a write that tells whose the campaign is, and a look, each as long as it may take. */
const LONGEST_UNKNOWN: Millis = (3 * timing.operation) / 0.98;
const MASS = 3;

/** Another container's own record, as one has seen it. */
interface Peer {
  readonly hbSeq: unknown;
  readonly since: Millis;
  readonly moved: Millis | undefined;
}

type Peers = ReadonlyMap<string, Peer>;

interface Looks {
  readonly epoch: number;
  readonly hbSeq: number;
  readonly at: Millis[];
}

/**
 * What the database knows of who looked at what, and when: whether a takeover was the fruit of watching.
 *
 * G1 The record has not moved for the whole observation, and the taker has looked at it from its beginning on.
 * G2 It looked all the time: no gap in between, no look that failed, no move of its machine, no other primary. Each of
 *    them begins the observation anew.
 * G3 Where most of all containers look dead at once, nothing is taken over for one more observation.
 * G4 The taker itself was heard of a moment ago.
 * G6 Whoever lost a race leaves the campaign alone for a while, twice as long each time; and for ten minutes where the
 *    database refuses what is written.
 */
export class Observed {
  readonly #database: ReplicaSet;
  readonly #story: Story;
  readonly #now: () => Millis;
  readonly #elected: Millis[] = [];
  /** What was answered, and what of it was heard. */
  readonly #peers = new Map<Party, Peers>();
  readonly #heard = new Map<Party, Peers>();
  readonly #allSweeps = new Map<Party, Millis[]>();
  readonly #looks = new Map<Party, Map<string, Looks>>();
  readonly #campaignMoved = new Map<string, Millis>();
  /** When each container's own record moved, of late. */
  readonly #beats = new Map<string, { first: Millis; moved: Millis; all: Millis[] }>();
  readonly #losses = new Map<string, { at: Millis; pause: Millis }>();

  constructor(database: ReplicaSet, story: Story, now: () => Millis) {
    this.#database = database;
    this.#story = story;
    this.#now = now;
  }

  /** A request was carried out. */
  saw(by: Party, request: Request, result: unknown): void {
    const { kind, call } = request;
    // Who sees to the indexes reads no field, and learns nothing.
    if (request.call === "list" && request.listing.fields.length === 0) return;
    if (kind === "containers" && (call === "insert" || call === "update") && result === true) this.#beat(by.id);
    if (kind === "containers" && call === "list") this.#swept(by, result as readonly Stored[]);
    if (kind !== "campaigns" || (call !== "find" && call !== "list")) return;
    const seen = call === "find" ? [result as Stored | undefined] : (result as readonly Stored[]);
    for (const stored of seen) if (stored !== undefined) this.#look(by, stored);
  }

  /** A list of all containers came: until then nobody knows what it says, and the answer may have got lost. */
  heard(by: Party, seen: readonly Stored[]): void {
    this.#heard.set(by, seenNow(this.#heard.get(by), seen, this.#now()));
  }

  /** Another server is primary. */
  elected(): void {
    this.#elected.push(this.#now());
  }

  /** Its owner has moved, or changed. */
  moved(id: string): void {
    this.#campaignMoved.set(id, this.#now());
  }

  /** A claim is sent, for the first time. */
  tries(by: Party, id: string): void {
    const loss = this.#losses.get(`${by.name} ${id}`);
    const since = loss === undefined ? Number.POSITIVE_INFINITY : this.#now() - loss.at;
    const pause = loss?.pause ?? 0;
    this.#story.check(since >= pause * 0.97, () => `G6 ${by.name} tries ${id} again after ${seconds(since)}`);
  }

  /** A claim did not fit. */
  missed(by: Party, id: string, claimId: string): void {
    const key = `${by.name} ${id}`;
    const before = this.#losses.get(key);
    const now = this.#now();
    const sent = by.sent.get(claimId) ?? 0;
    // A copy that was under way for long: that the claim is lost has been known since.
    if (now - sent > LONGEST_UNKNOWN || (before !== undefined && sent <= before.at)) return;
    const again = before !== undefined && now - before.at < FORGOTTEN;
    this.#losses.set(key, { at: now, pause: again ? Math.min(60_000, Math.max(1_000, 2 * before.pause)) : 1_000 });
  }

  /** The database will not take it. */
  refused(by: Party, id: string): void {
    this.#losses.set(`${by.name} ${id}`, { at: this.#now(), pause: FORGOTTEN });
  }

  /** It has the campaign: what it lost before counts no more. */
  won(by: Party, id: string): void {
    this.#losses.delete(`${by.name} ${id}`);
  }

  takenOver(taker: Party, was: Campaign, is: Campaign): void {
    const { id, lease } = was;
    if (this.#isGone(taker, lease.owner)) return;
    countObserved();
    const key = is.lease.claimId !== lease.claimId ? is.lease.claimId : `${id} ${is.lease.epoch}`;
    const sent = taker.sent.get(key) ?? this.#now();
    const check = (holds: boolean, what: string) =>
      this.#story.check(holds, () => `${what} (${id}, taken by ${taker.name})`);
    const looks = this.#looks.get(taker)?.get(id);
    const at =
      looks?.epoch === lease.epoch && looks.hbSeq === lease.hbSeq ? looks.at.filter((time) => time <= sent) : [];
    const [first = sent] = at;
    const unmoved = sent - (this.#campaignMoved.get(id) ?? 0);
    check(unmoved >= LEAST_OBSERVED, `G1 it moved ${seconds(unmoved)} ago`);
    check(sent - first >= LEAST_OBSERVED - 1, `G1 it was watched for ${seconds(sent - first)} only`);
    const window = at.filter((time) => time >= sent - LEAST_OBSERVED);
    const gaps = [sent - LEAST_OBSERVED, ...window, sent].map((time, index, all) => time - (all[index - 1] ?? time));
    check(Math.max(...gaps) <= LONGEST_BETWEEN_LOOKS, `G2 it was not looked at for ${seconds(Math.max(...gaps))}`);
    // A second, since what begins it anew is known to the code a moment after it is known here, or before.
    const began = sent - LEAST_OBSERVED + 1_000;
    for (const [what, last] of Object.entries(taker.interruptions(this.#elected, sent - JUDGED_BEFORE)))
      check(last <= began, `G2 ${what} was only ${seconds(sent - last)} ago`);
    const heard = this.#beats.get(taker.id)?.moved;
    check(heard !== undefined && sent - heard <= OLDEST_HEARTBEAT, "G4 the taker was not heard of itself");
    check(!this.#mostLookDead(taker, sent), "G3 most of all look dead at once");
  }

  /** Whether a container's own record had not moved for the whole observation, as far as the taker could know: by its last look at all of them. */
  looksDead(taker: Party | undefined, owner: string, sent = this.#now()): boolean {
    if (taker === undefined || endedBefore(owner, taker.id)) return true;
    // A later look may not have been answered by then.
    const answered = sent - timing.operation / 0.98;
    const looked = this.#allSweeps.get(taker)?.findLast((at) => at <= answered) ?? answered;
    const moved = this.#beats.get(owner)?.all.findLast((at) => at <= looked);
    return moved === undefined || sent - moved >= LEAST_OBSERVED;
  }

  #isGone(taker: Party, owner: string): boolean {
    return endedBefore(owner, taker.id) || this.#database.find("containers", owner)?.state === "stopped";
  }

  /**
   * For certain: the taker has seen them move, and has then seen for long enough that they do not, of most of those that
   * may be alive; and the additional observation is not over.
   */
  #mostLookDead(taker: Party, sent: Millis): boolean {
    const live = [...(this.#peers.get(taker) ?? [])].filter(
      ([id, { moved }]) => id !== taker.id && moved !== undefined && sent - moved < 2.1 * timing.observe,
    );
    const isStill = (peer: Peer | undefined) =>
      peer?.moved !== undefined && sent - peer.since > LONGEST_OBSERVED && sent - peer.moved < 1.9 * timing.observe;
    const heard = this.#heard.get(taker);
    const still = live.filter(([id, peer]) => isStill(peer) && isStill(heard?.get(id)));
    if (still.length < MASS || still.length * 2 <= live.length + 1) return false;
    // It was held, and the time was up.
    return taker.heldAt === undefined || sent - taker.heldAt < timing.observe / 1.03;
  }

  #swept(by: Party, seen: readonly Stored[]): void {
    const now = this.#now();
    const all = this.#allSweeps.get(by) ?? [];
    this.#allSweeps.set(by, all);
    all.push(now);
    this.#peers.set(by, seenNow(this.#peers.get(by), seen, now));
  }

  #beat(id: string): void {
    const now = this.#now();
    const { first, all } = this.#beats.get(id) ?? { first: now, all: [] as Millis[] };
    all.push(now);
    this.#beats.set(id, { first, moved: now, all });
  }

  #look(by: Party, { id, lease }: Stored): void {
    const { epoch = 0, hbSeq = 0 } = (lease ?? {}) as { epoch?: number; hbSeq?: number };
    const all = this.#looks.get(by) ?? new Map<string, Looks>();
    this.#looks.set(by, all);
    const before = all.get(id);
    if (before?.epoch === epoch && before.hbSeq === hbSeq) before.at.push(this.#now());
    else all.set(id, { epoch, hbSeq, at: [this.#now()] });
  }
}

/** What is known of all containers after one more list of them. */
function seenNow(before: Peers | undefined, seen: readonly Stored[], now: Millis): Peers {
  const peers = seen.flatMap(({ id, hbSeq, state }): [string, Peer][] => {
    if (state === "stopped") return [];
    const known = before?.get(id);
    if (known !== undefined && known.hbSeq === hbSeq) return [[id, known]];
    return [[id, { hbSeq, since: now, moved: known === undefined ? undefined : now }]];
  });
  return new Map(peers);
}

function seconds(time: Millis): string {
  return `${(time / 1000).toFixed(3)} s`;
}
