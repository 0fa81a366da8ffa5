/** Whether a history of writes and deeds is one that the runtime promises. Pure. */
import type { History, State, Write } from "./history.ts";
import type { Rule, Violation } from "./rules.ts";
import type { Accepted } from "./senders.ts";

/** What a worker did on the outside. */
export interface Deed {
  /**
   * `effect`: a call was placed. `going`: it went on, said twice a second, since a worker that is killed says no end. `ended`: it
   * was over by then, or its worker was stopped: the last moment at which that found that it might go on. `stepped`: the
   * runtime has acknowledged that the step is done.
   */
  readonly kind: "effect" | "going" | "ended" | "stepped";
  /** When, in seconds of CLOCK_MONOTONIC. */
  readonly at: number;
  readonly campaign: string;
  readonly cursor: number;
  readonly epoch: number;
  readonly claimId: string;
  readonly attemptId: string;
}

/** What a container said: that the database took a campaign back from it. */
export interface GivenBack {
  readonly campaign: string;
  /** The container's id. */
  readonly owner: string;
}

/** Who sent what, as the servers have it. */
export interface Senders {
  readonly accepted: readonly Accepted[];
  /** Where a container is, by its id. */
  readonly addressOf: (owner: string) => string | undefined;
  /** When a server was killed, in seconds of CLOCK_MONOTONIC: its log may lack its last lines. */
  readonly kills: readonly number[];
}

/**
 * @param calls how many steps each campaign has
 * @returns what was broken, by campaign, in the order of the rules
 */
export function check(
  { writes, final }: History,
  deeds: readonly Deed[],
  givenBack: readonly GivenBack[],
  senders: Senders,
  calls: number,
): readonly Violation[] {
  const campaigns = new Set([...final.keys(), ...deeds.map(({ campaign }) => campaign)]);
  const [writesOf, deedsOf, givenBackOf] = [by(writes), by(deeds), by(givenBack)];
  const acceptedOf = by(senders.accepted);
  return [...campaigns].flatMap((campaign) => {
    const own = {
      writes: writesOf.get(campaign) ?? [],
      deeds: deedsOf.get(campaign) ?? [],
      givenBack: givenBackOf.get(campaign) ?? [],
      senders: { ...senders, accepted: acceptedOf.get(campaign) ?? [] },
      calls,
    };
    const last = final.get(campaign);
    return Object.entries(checks).flatMap(([rule, broken]) =>
      broken({ ...own, last }).map((what) => ({ rule: rule as Rule, of: campaign, what })),
    );
  });
}

interface Told {
  readonly writes: readonly Write[];
  readonly deeds: readonly Deed[];
  readonly givenBack: readonly GivenBack[];
  readonly senders: Senders;
  readonly last: State | undefined;
  readonly calls: number;
}

const checks = {
  owners: ({ writes }) => writes.flatMap(ownersOf),
  stale: (told) => [
    ...told.writes.flatMap(staleIn),
    ...endedByOthers(told),
    ...givenBackOfOthers(told),
    ...sentByOthers(told),
  ],
  twice: ({ deeds }) => repeated(effectsOf(deeds)),
  late: ({ writes, deeds }) => actsIn(deeds).flatMap((deed) => lateFor(deed, writes)),
  unwritten: ({ writes, deeds }) => effectsOf(deeds).flatMap((effect) => unwrittenIn(effect, writes)),
  lost: (told) => [...told.writes.flatMap(jumpOf), ...lostSteps(told)],
  unfinished: ({ last, deeds, calls }) => [...unfinishedIn(last, calls), ...missing(effectsOf(deeds), calls)],
} satisfies Partial<Readonly<Record<Rule, (told: Told) => readonly string[]>>>;

/** Whether a write made somebody the owner. */
export function isClaim({ before, after }: Write): boolean {
  return after.claimId !== before.claimId;
}

/** Whether a write took a campaign from an owner that had not given it back. */
export function isTakeover(write: Write): boolean {
  return isClaim(write) && write.before.status === "running";
}

/** Whether a write gave a campaign up, for whatever reason. */
function isEnd({ before, after }: Write): boolean {
  return before.status === "running" && after.status !== "running";
}

function ownersOf(write: Write): readonly string[] {
  const { before, after } = write;
  const rise = after.epoch - before.epoch;
  // Whoever sets aside a campaign that nobody has raises the epoch, and owns nothing.
  const settled = !isClaim(write) && rise === 1 && after.status !== "running";
  if (rise === (isClaim(write) ? 1 : 0) || settled) return [];
  return [`epoch ${before.epoch} of ${before.claimId} became epoch ${after.epoch} of ${after.claimId}`];
}

function staleIn(write: Write): readonly string[] {
  const { before, after } = write;
  if (isClaim(write)) return [];
  const found: string[] = [];
  const of = `epoch ${after.epoch} of ${after.claimId}`;
  if (after.cursor !== before.cursor && after.cursorEpoch !== after.epoch)
    found.push(`step ${before.cursor} was closed under epoch ${after.cursorEpoch}, in ${of}`);
  const begun = after.dialing;
  if (
    begun !== undefined &&
    begun.attemptId !== before.dialing?.attemptId &&
    (begun.epoch !== after.epoch || begun.claimId !== after.claimId)
  )
    found.push(`${begun.attemptId} was begun under epoch ${begun.epoch} of ${begun.claimId}, in ${of}`);
  if (after.hbSeq !== before.hbSeq && before.status !== "running")
    found.push(`a heartbeat was written to a campaign that was ${before.status}, in ${of}`);
  if (before.status !== "running" && after.cursor !== before.cursor)
    found.push(`step ${before.cursor} was closed while it was ${before.status}`);
  if (before.status !== "running" && after.status !== before.status && after.epoch === before.epoch)
    found.push(`${before.status} became ${after.status}, in ${of}`);
  return found;
}

/** An owner gives back only what nothing acts for any more: who acts after that did not give it back, another one did. */
function endedByOthers({ writes, deeds }: Told): readonly string[] {
  return writes
    .filter((write) => isEnd(write) && !isClaim(write))
    .flatMap(({ before: { claimId, epoch }, after, to }) =>
      deeds
        .filter((deed) => deed.claimId === claimId && deed.kind === "effect" && deed.at > to)
        .slice(0, 1)
        .map(
          ({ cursor }) => `epoch ${epoch} became ${after.status} while its owner was at work: it went on to ${cursor}`,
        ),
    );
}

/** What the database took back from a container must have been that container's. */
function givenBackOfOthers({ writes, givenBack }: Told): readonly string[] {
  return [...Map.groupBy(givenBack, ({ owner }) => owner)].flatMap(([owner, said]) => {
    const own = writes.filter((write) => isEnd(write) && write.before.owner === owner).length;
    return said.length <= own ? [] : [`${owner} gave back ${said.length} times what was its own ${own} times`];
  });
}

/** How long a killed server's last lines may take to be written, in seconds. */
const UNWRITTEN = 2;

/**
 * Whoever was the owner after a write has sent it: no more can be written in its name than the servers had from it. What was written
 * around a kill is left out here and not there, since nobody knows which of its lines the server still wrote.
 */
function sentByOthers({ writes, senders: { accepted, addressOf, kills } }: Told): readonly string[] {
  const certain = writes.filter(
    (write) =>
      (isClaim(write) || write.after.epoch === write.before.epoch) &&
      !kills.some((at) => write.from <= at && write.to >= at - UNWRITTEN),
  );
  return [...Map.groupBy(certain, ({ after }) => addressOf(after.owner))].flatMap(([address, own]) => {
    const sent = accepted.filter((one) => one.address === address).length;
    return own.length <= sent ? [] : [`${own.length} writes in the name of ${address}, which sent ${sent}`];
  });
}

function repeated(effects: readonly Deed[]): readonly string[] {
  const first = new Map<number, Deed>();
  return effects.flatMap((effect) => {
    const before = first.get(effect.cursor);
    if (before === undefined) first.set(effect.cursor, effect);
    if (before === undefined) return [];
    const apart = (effect.at - before.at).toFixed(3);
    return [`call ${effect.cursor} in epoch ${before.epoch}, and ${apart} s later in epoch ${effect.epoch}`];
  });
}

/** The beginning of each call, and the last that is known of it. An acknowledgement is no act, and may be read late. */
function actsIn(deeds: readonly Deed[]): readonly Deed[] {
  const going = deeds.filter(({ kind }) => kind === "going" || kind === "ended").toSorted((a, b) => a.at - b.at);
  const last = new Map(going.map((deed) => [`${deed.attemptId} ${deed.claimId}`, deed]));
  return [...effectsOf(deeds), ...last.values()];
}

function lateFor({ kind, claimId, epoch, cursor, at }: Deed, writes: readonly Write[]): readonly string[] {
  const act = kind === "effect" ? "call" : "going on with call";
  const over = writes.find((write) => write.before.claimId === claimId && (isClaim(write) || isEnd(write)));
  if (over === undefined) return [];
  // An owner that was not asked stops long before another may take over: here the earliest moment counts.
  const since = isTakeover(over) ? over.from : over.to;
  if (at <= since) return [];
  const became = isClaim(over) ? `epoch ${over.after.epoch}` : over.after.status;
  return [`${act} ${cursor} in epoch ${epoch}, ${(at - since).toFixed(3)} s after that had become ${became}`];
}

function unwrittenIn({ claimId, epoch, cursor, attemptId, at }: Deed, writes: readonly Write[]): readonly string[] {
  const written = writes.find(
    ({ after: { dialing } }) =>
      dialing?.attemptId === attemptId && dialing.claimId === claimId && dialing.cursor === cursor,
  );
  if (written === undefined) return [`call ${cursor} in epoch ${epoch}: ${attemptId} is in no record of that step`];
  // It was made after `from`, by a clock that all have in common; how long after, nobody knows.
  if (written.from <= at) return [];
  const late = (written.from - at).toFixed(3);
  return [`call ${cursor} in epoch ${epoch}: ${attemptId} was written down ${late} s later, or more`];
}

function jumpOf({ before, after }: Write): readonly string[] {
  const steps = after.cursor - before.cursor;
  return steps === 0 || steps === 1 ? [] : [`step ${before.cursor} was followed by step ${after.cursor}`];
}

function lostSteps({ writes, deeds, last }: Told): readonly string[] {
  const acknowledged = deeds.filter(({ kind }) => kind === "stepped");
  return acknowledged.flatMap(({ cursor, epoch }) => {
    const kept = writes.some(
      ({ before, after }) => before.cursor === cursor && after.cursor === cursor + 1 && after.cursorEpoch === epoch,
    );
    if (!kept) return [`step ${cursor} was acknowledged in epoch ${epoch}, and is in no record`];
    const reached = last?.cursor ?? 0;
    return reached > cursor ? [] : [`step ${cursor} was acknowledged in epoch ${epoch}; the record ends at ${reached}`];
  });
}

function unfinishedIn(last: State | undefined, calls: number): readonly string[] {
  if (last === undefined) return ["it has no record"];
  if (last.status !== "completed") return [`it is ${last.status}, at step ${last.cursor} of ${calls}`];
  return last.cursor === calls ? [] : [`it is completed at step ${last.cursor} of ${calls}`];
}

function missing(effects: readonly Deed[], calls: number): readonly string[] {
  const made = new Set(effects.map(({ cursor }) => cursor));
  return Array.from({ length: calls }, (_, cursor) => cursor)
    .filter((cursor) => !made.has(cursor))
    .map((cursor) => `call ${cursor} was never made`);
}

function effectsOf(deeds: readonly Deed[]): readonly Deed[] {
  return deeds.filter(({ kind }) => kind === "effect").toSorted((a, b) => a.at - b.at);
}

function by<T extends { readonly campaign: string }>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(all, ({ campaign }) => campaign);
}
