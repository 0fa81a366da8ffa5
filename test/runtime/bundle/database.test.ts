/** The bundle with a real database, in an existing collection's words. */
import { MongoClient, ObjectId } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeCalendar } from "../../../domain/contract.ts";
import { calendar, window } from "../../domain/clinic.ts";
import { BuiltRuntime } from "../../support/built-runtime.ts";
import { type RealMongo, realMongo } from "../../support/mongod.ts";
import { tier } from "../../support/tier.ts";

const server = await realMongo();

tier("the bundle with a real MongoDB", server.missing, () => {
  let mongo: RealMongo;
  let client: MongoClient;
  let built: BuiltRuntime;
  const database = `bundle-${process.pid}`;
  const env = () => ({
    MONGODB_URI: mongo.uri,
    AGENT_DATABASE: database,
    AGENT_CAMPAIGNS_COLLECTION: "outbound",
    AGENT_STATUS_FIELD: "state",
    AGENT_STATUS_QUEUED: "pending",
    AGENT_CAMPAIGN_ID: "objectId",
    AGENT_WORKER_HEALTH: "off",
  });

  beforeAll(async () => {
    if (server.missing !== undefined) return;
    built = new BuiltRuntime();
    mongo = await server.start();
    client = await new MongoClient(mongo.uri).connect();
  });
  afterAll(async () => {
    built.dispose();
    await client.db(database).dropDatabase();
    await client.close();
    await mongo.stop();
  });

  const documents = async () => {
    const collections = await client.db(database).listCollections().toArray();
    const counts = collections.map(({ name }) => client.db(database).collection(name).countDocuments());
    return (await Promise.all(counts)).reduce((total, count) => total + count, 0);
  };

  test("a check finds all well, makes the indexes, and writes no record into a clinic's database", async () => {
    const { code, stdout } = await built.run(["check", "--", "sh"], env());
    expect(stdout).not.toMatch(/^[✗!]/m);
    expect(stdout).toMatch(/^✓ campaigns \(outbound\) may be written$/m);
    expect(stdout).toMatch(/✓ the indexes are there\n$/);
    expect([code, await documents()]).toEqual([0, 0]);
    const indexes = await client.db(database).collection("outbound").indexes();
    expect(indexes.map(({ key }) => Object.keys(key))).toContainEqual(["state", "_id"]);
  });

  test("campaigns are listed by their own ids and states, and nothing of a patient", async () => {
    const _id = new ObjectId();
    await client
      .db(database)
      .collection("outbound")
      .insertMany([
        { _id, state: "pending", phone: "+15550100", patient: "Jane Doe" },
        { state: "completed", phone: "+15550101" },
      ]);
    const { code, stdout } = await built.run(["campaigns"], env());
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ["CAMPAIGN", "STATUS"],
      [_id.toHexString(), "queued"],
      [""],
      ["1 campaign."],
      [""],
    ]);
    expect(code).toBe(0);
    await client.db(database).collection("outbound").deleteMany({});
  });

  test("the wrong kind of id is told before any campaign is looked for in vain", async () => {
    await client.db(database).collection("outbound").insertOne({ state: "pending" });
    const { code, stdout } = await built.run(["check"], { ...env(), AGENT_CAMPAIGN_ID: "string" });
    expect(stdout).toMatch(/^✗ the indexes are not right: campaigns: the ids in the collection are of another type/m);
    expect(code).toBe(69);
    await client.db(database).collection("outbound").deleteMany({});
  });

  test("a run that gets SIGTERM has its shift in the list, free for the next start", async () => {
    // Open now, whatever the zone, and closed three days from now: a shift that never ends is refused.
    const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].filter(
      (_, index) => index !== (new Date().getUTCDay() + 2) % 7,
    );
    const openNow = calendar([window("now", `${days.join(",")} 00:00-24:00`)]);
    const shift = { AGENT_CALENDAR: encodeCalendar(openNow), AGENT_JOB: "projects/p/locations/l/jobs/dental" };
    const { code, stdout } = await built.run(["--", "sh", "-c", "kill -TERM $PPID; exec sleep 20"], {
      ...env(),
      ...shift,
    });
    expect(stdout).toContain('"event":"shift_claimed"');
    expect(code).toBe(143);
    const listed = await built.run(["shifts"], env());
    expect(listed.stdout).toMatch(/^\S*dental\S* +interrupted +free +local\/0\/0\/[0-9a-f]{6}… +\d+s +1$/m);
  });

  test("a database that is not there is told in time", async () => {
    const { code, stdout, stderr } = await built.run(["check"], { ...env(), MONGODB_URI: "mongodb://127.0.0.1:9/" });
    expect(stdout).toMatch(/^✗ the database cannot be used: connect ECONNREFUSED [^\n]+\n$/m);
    expect([code, stderr]).toEqual([69, ""]);
    const listed = await built.run(["campaigns"], { ...env(), MONGODB_URI: "mongodb://127.0.0.1:9/" });
    expect(listed).toMatchObject({ code: 69, stdout: "" });
    expect(listed.stderr).toMatch(/^agent-runtime: the database does not answer, or refuses: [^\n]+\n$/);
  });
});
