/** Claims and completions through the runtime, beside the raw driver doing the same to other campaigns, in turns. */
import { randomUUID } from "node:crypto";
import { type Collection, type Document, MongoClient } from "mongodb";
import { campaignFields, campaignOf } from "../../../runtime/lease/record.ts";
import { claimFree, end, type Ownership } from "../../../runtime/lease/writes.ts";
import { stringIds } from "../../../runtime/store/mongo/ids.ts";
import { clientOptions } from "../../../runtime/store/mongo/own-connection.ts";
import { filterOf, layoutOf, projectionOf, updateOf } from "../../../runtime/store/mongo/translate.ts";
import { openMongo } from "../../../runtime/store/mongo.ts";
import { defaultNames } from "../../../runtime/store/names.ts";
import type { Write } from "../../../runtime/store/store.ts";
import { median } from "../statistics.ts";
import type { Bench, Stage } from "./bench.ts";
import { databaseAt, leasesOver } from "./leases.ts";
import type { Results } from "./measures.ts";

type Campaigns = Collection<Document & { _id: string }>;
/** Claims and completes one campaign. */
type Cycle = (id: string) => Promise<void>;

const WIDE = 16;
const BULK = 100;
/** Until compilers and connections have settled. */
const WARM_UP_ROUNDS = 4;
/** Of `Offers`: how many a look at the queue reads. */
const PAGE = 50;

const layout = layoutOf("campaigns", defaultNames, stringIds);
const projection = projectionOf(layout, campaignFields) ?? {};

export const cycles: Bench = {
  measures: [
    ...(["claimAlone", "claimAloneRatio", "claimAloneBare", "claimWide", "claimWideRatio", "claimWideBare"] as const),
    ...(["nextWide", "nextWideRatio", "batched", "batchedRatio"] as const),
  ],
  async run(stage) {
    const database = "bench-cycles";
    const store = openMongo(databaseAt(stage.uri, database));
    const leases = leasesOver(store, { capacity: WIDE, interval: 30 });
    leases.start();
    // The runtime's own limits, as many connections, and its guarantees.
    const client = new MongoClient(stage.uri, { ...clientOptions, maxPoolSize: 4 });
    const campaigns: Campaigns = client.db(database).collection("campaigns", {
      writeConcern: { w: "majority", wtimeoutMS: 8_000 },
      readConcern: { level: "majority" },
    });
    const byId: Cycle = async (id) => complete((await leases.campaigns.claim(id, randomUUID())).claimId, id);
    const byNext: Cycle = async () => {
      const held = await leases.campaigns.next(randomUUID());
      if (held === undefined) throw new Error("there is no campaign left to claim");
      await complete(held.claimId, held.id);
    };
    const complete = (claimId: string, id: string) => leases.campaigns.end(id, { claimId, ending: "complete" });
    const raw = rawCycles(campaigns);
    try {
      const fresh = (count: number) => queued(campaigns, count);
      const one = { what: "one at a time", per: 1, fresh };
      const alone = await oneByOne(stage, { ours: byId, same: raw.byId, bare: raw.bare }, one);
      const wide = await inFlight(stage, { ours: byId, same: raw.byId, bare: raw.bare }, fresh);
      const next = await inFlight(stage, { ours: byNext, same: raw.byNext }, fresh);
      const updateAll = async (writes: readonly Write[]) => void (await store.work.campaigns.updateAll(writes));
      const bulks = await oneByOne(
        { ...stage, size: { ...stage.size, cycles: Math.ceil(stage.size.cycles / 20) } },
        { ours: bulk(updateAll), same: bulk(raw.updateAll) },
        { what: `in bulks of ${BULK}`, per: BULK, fresh: async (count) => chunks(await fresh(count * BULK)) },
      );
      return {
        claimAlone: alone.ours,
        claimAloneRatio: percents(alone.ours, alone.same),
        claimAloneBare: percents(alone.ours, alone.bare),
        claimWide: wide.ours,
        claimWideRatio: percents(wide.ours, wide.same),
        claimWideBare: percents(wide.ours, wide.bare),
        nextWide: next.ours,
        nextWideRatio: percents(next.ours, next.same),
        batched: bulks.ours,
        batchedRatio: percents(bulks.ours, bulks.same),
      } satisfies Results;
    } finally {
      await leases.finish("released");
      await client.db(database).dropDatabase();
      await client.close();
    }
  },
};

/** The driver alone, with the reads that tell what to expect, and without. */
function rawCycles(campaigns: Campaigns) {
  const update = ({ filter, update }: Raw) => campaigns.updateOne(filter, update);
  const both: Cycle = async (id) => {
    const [claim, complete] = writesFor(id).map(rawOf) as [Raw, Raw];
    await update(claim);
    await update(complete);
  };
  const listed = (status: string) => {
    const filter = { status, _id: { $gte: "" } };
    return campaigns.find(filter, { projection, sort: { _id: 1 }, limit: PAGE, batchSize: PAGE }).toArray();
  };
  return {
    bare: both,
    byId: async (id: string) => {
      await campaigns.findOne({ _id: id }, { projection });
      await both(id);
    },
    byNext: async (id: string) => {
      await listed("interrupted");
      await listed("queued");
      await both(id);
    },
    updateAll: async (writes: readonly Write[]) => {
      await campaigns.bulkWrite(
        writes.map((write) => ({ updateOne: rawOf(write) })),
        { ordered: false },
      );
    },
  };
}

interface Raw {
  readonly filter: Document & { _id: string };
  readonly update: Document;
}

/** The runtime's own writes, claim and completion, of a campaign that nobody has had. */
function writesFor(id: string): readonly [claim: Write, complete: Write] {
  const next: Ownership = { id, claimId: randomUUID(), epoch: 1 };
  return [claimFree(campaignOf({ id, status: "queued" }), "bench/0/0/raw", next), end(next, "complete", "complete")];
}

function rawOf(write: Write): Raw {
  return { filter: { ...filterOf(layout, write.expect), _id: write.id }, update: updateOf(layout, write) };
}

const bulk = (updateAll: (writes: readonly Write[]) => Promise<void>) => async (ids: readonly string[]) => {
  const writes = ids.map(writesFor);
  await updateAll(writes.map(([claim]) => claim));
  await updateAll(writes.map(([, complete]) => complete));
};

type Kinds<K extends string, T> = Readonly<Record<K, (of: T) => Promise<void>>>;
type Rates<K extends string> = Readonly<Record<K, readonly number[]>>;

/**
 * Rates of each kind, one campaign (or bulk) at a time and the kinds in turns: a rate of the median of a round, since
 * other processes of the machine stop now this kind and now that.
 */
async function oneByOne<K extends string, T>(
  { size, say }: Stage,
  kinds: Kinds<K, T>,
  { what, per, fresh }: { what: string; per: number; fresh: (count: number) => Promise<readonly T[]> },
): Promise<Rates<K>> {
  const names = Object.keys(kinds) as K[];
  say(`cycles, ${what}: ${names.join(", ")}`);
  const rates = emptyRates(names);
  for (let round = -Math.min(WARM_UP_ROUNDS, size.rounds); round < size.rounds; round++) {
    const times = emptyRates(names);
    const all = (await fresh(names.length * size.cycles)).values();
    for (let cycle = 0; cycle < size.cycles; cycle++) {
      for (const name of inTurn(names, cycle)) {
        const { value } = all.next();
        if (value !== undefined) times[name].push(await secondsFor(() => kinds[name](value)));
      }
    }
    if (round >= 0) for (const name of names) rates[name].push(per / median(times[name]));
  }
  return rates;
}

/** The same with many in flight, a round of each kind after another. */
async function inFlight<K extends string>(
  { size, say }: Stage,
  kinds: Kinds<K, string>,
  fresh: (count: number) => Promise<readonly string[]>,
): Promise<Rates<K>> {
  const names = Object.keys(kinds) as K[];
  say(`cycles, ${WIDE} in flight: ${names.join(", ")}`);
  const rates = emptyRates(names);
  for (let round = -Math.min(WARM_UP_ROUNDS, size.rounds); round < size.rounds; round++) {
    for (const name of inTurn(names, round)) {
      const ids = await fresh(2 * size.cycles);
      const left = ids.values();
      const worker = async () => {
        for (const id of left) await kinds[name](id);
      };
      const seconds = await secondsFor(() => Promise.all(Array.from({ length: WIDE }, worker)));
      if (round >= 0) rates[name].push(ids.length / seconds);
    }
  }
  return rates;
}

const emptyRates = <K extends string>(names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;

/** Whoever came first comes last the next time. */
const inTurn = <K>(names: readonly K[], turn: number): readonly K[] => (turn % 2 === 0 ? names : names.toReversed());

async function secondsFor(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** A collection that holds these alone. */
async function queued(campaigns: Campaigns, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, at) => `${randomUUID()}-${at}`).sort();
  await campaigns.deleteMany({});
  await campaigns.insertMany(ids.map((_id) => ({ _id, status: "queued" })));
  return ids;
}

const chunks = (ids: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: ids.length / BULK }, (_, at) => ids.slice(at * BULK, (at + 1) * BULK));

const percents = (ours: readonly number[], theirs: readonly number[]): readonly number[] =>
  ours.map((rate, round) => (100 * rate) / (theirs[round] ?? Number.NaN));
