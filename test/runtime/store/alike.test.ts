import { MongoClient } from "mongodb";
import { expect, test } from "vitest";
import { MemoryServer, memoryStore } from "../../../runtime/store/memory.ts";
import { openMongo } from "../../../runtime/store/mongo.ts";
import { defaultNames } from "../../../runtime/store/names.ts";
import type { Plain, Store, Write } from "../../../runtime/store/store.ts";
import { realMongo } from "../../support/mongod.ts";
import { tier } from "../../support/tier.ts";

const server = await realMongo();

/** Ours: says the same each time. */
function chance(seed: number) {
  let state = seed;
  const fraction = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    one: <T>(of: readonly T[]): T => of[Math.floor(fraction() * of.length)] as T,
    some: <T>(of: readonly T[], share: number): T[] => of.filter(() => fraction() < share),
  };
}

/** Paths that do not contain one another where one write sets them (MongoDB refuses that). */
const paths = ["status", "lease.epoch", "lease.owner", "lease.hbAt", "resume.cursor", "resume.dialing.at"] as const;
const expected = [...paths, "lease", "resume", "resume.dialing", "never", "status.never"] as const;
const values: readonly Plain[] = [
  null,
  0,
  1,
  -1.5,
  "",
  "a",
  true,
  false,
  {},
  { epoch: 1 },
  new Date(5),
  [],
  [1, "a"],
  [null],
];

/** No path of ours leads through a list: what MongoDB finds in there has rules of its own. */
const parents = values.filter((value) => !Array.isArray(value));

function document(random: ReturnType<typeof chance>): Record<string, Plain> {
  const some = (names: readonly string[], of = values) =>
    Object.fromEntries(random.some(names, 0.6).map((name) => [name, random.one(of)]));
  return {
    ...some(["status"]),
    ...(random.one([true, false]) ? { lease: some(["epoch", "owner", "hbAt"]) } : some(["lease"], parents)),
    ...(random.one([true, false])
      ? { resume: { ...some(["cursor"]), ...some(["dialing"], [{ at: 1 }, { at: null }, ...parents]) } }
      : some(["resume"], parents)),
  };
}

function write(random: ReturnType<typeof chance>, id: string): Write {
  const value = () => (random.one([true, false]) ? random.one([null, 1, "a"]) : random.one(values));
  // In a filter an empty list stands for no value, and a list for any of its elements.
  const expect = Object.fromEntries(random.some(expected, 0.12).map((path) => [path, value()]));
  const free = new Set(random.some(paths, 0.7));
  const take = (share: number) => {
    const taken = random.some([...free], share);
    for (const path of taken) free.delete(path);
    return taken;
  };
  const set = Object.fromEntries(take(0.4).map((path) => [path, value()]));
  return { id, expect, set: { ...set, touched: true }, increment: take(0.2), now: take(0.2), unset: take(0.4) };
}

/** What is done to both, and what each says. */
async function outcomes(store: Store, seed: number, count: number): Promise<string[]> {
  const random = chance(seed);
  const { campaigns } = store.work;
  const said: string[] = [];
  for (let index = 0; index < count; index++) {
    const id = `record-${String(index).padStart(6, "0")}`;
    await campaigns.insert({ id, ...document(random) });
    const given = write(random, id);
    const answer = await campaigns.update(given).catch(refusal);
    const after = await campaigns.list({
      expect: {},
      fields: ["status", "lease", "resume", "touched"],
      limit: 1,
      after: `record-${String(index - 1).padStart(6, "0")}`,
    });
    // A refused write may have turned null into {}: the real one fills nulls before it tries again.
    const refused = answer === "refused";
    said.push(JSON.stringify({ given, answer, after: after.map((record) => plain(record, refused)) }));
  }
  return said;
}

/** Which of two reasons is told is the database's affair. Any other error is a mistake in this test. */
function refusal(error: Error): string {
  expect(error.message).toMatch(/code (14|28)\b/);
  return "refused";
}

/** Without the server's time, which is another one each time, and without the order of fields. */
function plain(value: unknown, nullIsEmpty: boolean): unknown {
  if (value instanceof Date) return value.getTime() === 5 ? "5 ms" : "now";
  if (value === null && nullIsEmpty) return {};
  if (Array.isArray(value)) return value.map((inner) => plain(inner, nullIsEmpty));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, inner]) => [name, plain(inner, nullIsEmpty)]));
}

tier("real MongoDB", server.missing, () => {
  test("what is proven of the store in memory holds of MongoDB: both do the same with a thousand random writes", async () => {
    if (server.missing !== undefined) return;
    const mongo = await server.start();
    const database = `alike-${process.pid}`;
    const real = openMongo({ uri: mongo.uri, database, names: defaultNames });
    const client = new MongoClient(mongo.uri);
    try {
      const memory = memoryStore(new MemoryServer(() => Date.UTC(2030, 0)));
      const [inMemory, inMongo] = [await outcomes(memory, 11, 1_000), await outcomes(real, 11, 1_000)];
      for (const [index, said] of inMongo.entries()) expect(inMemory[index]).toBe(said);
      for (const answer of ["true", "false", '"refused"']) {
        expect(inMongo.filter((said) => said.includes(`"answer":${answer}`)).length).toBeGreaterThan(50);
      }
    } finally {
      await real.close();
      await client.db(database).dropDatabase();
      await client.close();
      await mongo.stop();
    }
  });
});
