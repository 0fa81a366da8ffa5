/** What became of each campaign's record, write by write, as the replica set itself has it. Pure. */

/** A write that a majority has, in the order in which all writes were applied. */
export type Change =
  | { readonly kind: "inserted"; readonly campaign: string; readonly fields: Fields }
  | { readonly kind: "updated"; readonly campaign: string; readonly set: Fields; readonly unset: readonly string[] }
  /** A write of the observer's, between the others: it tells when those were made. */
  | { readonly kind: "tick"; readonly tick: number };

export type Fields = Readonly<Record<string, unknown>>;

/** When the observer sent a tick and when it was answered, in seconds of CLOCK_MONOTONIC. */
export interface Tick {
  readonly sent: number;
  readonly answered: number | undefined;
}

/** A record, as far as owners matter. */
export interface State {
  readonly status: string;
  readonly owner: string;
  readonly claimId: string;
  readonly epoch: number;
  readonly hbSeq: number;
  readonly cursor: number;
  readonly cursorEpoch: number;
  readonly dialing: OpenEffect | undefined;
}

/** What was begun, and nobody has resolved. */
interface OpenEffect {
  readonly cursor: number;
  readonly attemptId: string;
  readonly epoch: number;
  readonly claimId: string;
}

/** One write to a campaign. */
export interface Write {
  readonly campaign: string;
  readonly before: State;
  readonly after: State;
  /** It was made after this moment and before that one, in seconds of CLOCK_MONOTONIC. */
  readonly from: number;
  readonly to: number;
}

export interface History {
  readonly writes: readonly Write[];
  readonly final: ReadonlyMap<string, State>;
}

export function historyOf(changes: readonly Change[], ticks: readonly Tick[]): History {
  const to = endings(changes, ticks);
  const documents = new Map<string, Record<string, unknown>>();
  const writes: Write[] = [];
  let from = Number.NEGATIVE_INFINITY;
  for (const [at, change] of changes.entries()) {
    if (change.kind === "tick") {
      from = Math.max(from, ticks[change.tick]?.sent ?? from);
      continue;
    }
    const { campaign } = change;
    if (change.kind === "inserted") {
      documents.set(campaign, structuredClone(change.fields));
      continue;
    }
    const document = documents.get(campaign);
    if (document === undefined) throw new Error(`${campaign} was changed before it was there: the history has a hole`);
    const before = stateOf(document);
    for (const [path, value] of Object.entries(change.set)) put(document, path.split("."), value);
    for (const path of change.unset) put(document, path.split("."), undefined);
    writes.push({ campaign, before, after: stateOf(document), from, to: to[at] ?? Number.POSITIVE_INFINITY });
  }
  return { writes, final: new Map([...documents].map(([id, document]) => [id, stateOf(document)])) };
}

/** By when each change had been made: when the first tick after it was answered. */
function endings(changes: readonly Change[], ticks: readonly Tick[]): readonly number[] {
  let to = Number.POSITIVE_INFINITY;
  return changes
    .toReversed()
    .map((change) => {
      if (change.kind === "tick") to = Math.min(to, ticks[change.tick]?.answered ?? to);
      return to;
    })
    .reverse();
}

function put(within: Record<string, unknown>, [field = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    if (value === undefined) delete within[field];
    else within[field] = structuredClone(value);
    return;
  }
  const inner = within[field];
  const next = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {};
  within[field] = next;
  put(next, rest, value);
}

function stateOf({ status, lease, resume }: Record<string, unknown>): State {
  const [l, r] = [part(lease), part(resume)];
  const dialing = r.dialing === undefined || r.dialing === null ? undefined : part(r.dialing);
  return {
    status: String(status),
    owner: String(l.owner ?? ""),
    claimId: String(l.claimId ?? ""),
    epoch: Number(l.epoch ?? 0),
    hbSeq: Number(l.hbSeq ?? 0),
    cursor: Number(r.cursor ?? 0),
    cursorEpoch: Number(r.cursorEpoch ?? 0),
    dialing: dialing && {
      cursor: Number(dialing.cursor),
      attemptId: String(dialing.attemptId),
      epoch: Number(dialing.epoch),
      claimId: String(dialing.claimId),
    },
  };
}

function part(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
