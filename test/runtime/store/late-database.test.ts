import { afterAll, beforeAll, expect, test } from "vitest";
import { openMongo } from "../../../runtime/store/mongo.ts";
import { defaultNames } from "../../../runtime/store/names.ts";
import { StoreError } from "../../../runtime/store/store.ts";
import { type RealMongo, realMongo } from "../../support/mongod.ts";
import { tier } from "../../support/tier.ts";

const server = await realMongo();
// A server of somebody else's cannot be stopped.
const missing = server.missing ?? (process.env.MONGODB_URI ? "MONGODB_URI names a server that is not ours" : undefined);

tier("a real MongoDB that is late", missing, () => {
  let mongo: RealMongo;
  beforeAll(async () => {
    if (server.missing === undefined) mongo = await server.start();
  });
  afterAll(() => mongo.stop());

  test("a container that starts before its database answers has its leases once it does: not never", async () => {
    const store = openMongo({ uri: mongo.uri, database: "late", names: defaultNames });
    const look = () => store.work.campaigns.list({ expect: {}, fields: [], limit: 1 });
    try {
      mongo.signal?.("SIGSTOP");
      const looks = await Promise.allSettled([look(), look()]);
      const reasons = looks.map((result) => (result.status === "rejected" ? result.reason : undefined));
      expect(reasons).toEqual([expect.any(StoreError), expect.any(StoreError)]);
      // The second one is told the reason too, not what the driver made of it.
      expect(String(reasons[1])).toBe(String(reasons[0]));
      mongo.signal?.("SIGCONT");
      expect(await look()).toEqual([]);
    } finally {
      await store.close();
    }
  });
});
