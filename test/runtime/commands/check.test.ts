import { describe, expect, test } from "vitest";
import { type CheckPorts, check } from "../../../runtime/commands/check.ts";
import { type Store, StoreError } from "../../../runtime/store/store.ts";
import { recordsOf, storeOf } from "./records-in-memory.ts";

const uri = "mongodb://worker:s3cret@db/clinic";
const refusedBy = (operation: string, why: string) => async () => {
  throw new StoreError(operation, new Error(why));
};

async function checked(
  env: Record<string, string>,
  {
    worker = ["python", "main.py"],
    ...changes
  }: Partial<CheckPorts> & { worker?: readonly string[]; store?: Store } = {},
) {
  const lines: string[] = [];
  const code = await check(
    env,
    worker,
    {
      clock: { after: () => () => {} },
      executable: (command) => (command === "python" ? "/usr/local/bin/python" : undefined),
      open: async () => changes.store ?? storeOf({}),
      ...changes,
    },
    (line) => lines.push(line),
  );
  return { code, lines };
}

describe("a check before the first shift", () => {
  test("says what is right, and what was not looked at", async () => {
    expect(await checked({ MONGODB_URI: uri, AGENT_REQUIRES: "LIVEKIT_URL", LIVEKIT_URL: "wss://x" })).toEqual({
      code: 0,
      lines: [
        "✓ the environment is right",
        "✓ the worker has LIVEKIT_URL",
        "– there is no calendar: the worker runs until it ends or is told to",
        "✓ python is /usr/local/bin/python",
        "✓ campaigns may be read",
        "✓ campaigns may be written",
        "✓ shifts (agent_shifts) may be read",
        "✓ shifts (agent_shifts) may be written",
        "✓ containers (agent_containers) may be read",
        "✓ containers (agent_containers) may be written",
        "✓ the indexes are there",
      ],
    });
  });

  test("names all that is missing at once, and does not look for a database that the environment does not tell", async () => {
    const { code, lines } = await checked(
      { AGENT_REQUIRES: "LIVEKIT_URL,OPENAI_API_KEY", AGENT_CAPACITY: "many", AGENT_CAPACTIY: "1" },
      { worker: ["pyton"] },
    );
    expect(code).toBe(64);
    expect(lines).toEqual([
      expect.stringMatching(
        /^✗ the environment is wrong:\n {2}AGENT_CAPACITY .*\n {2}LIVEKIT_URL .*\n {2}OPENAI_API_KEY /,
      ),
      "! AGENT_CAPACTIY is no setting of the runtime: it is ignored",
      "✗ pyton is not there, or may not be run: install it in the image, or give its whole path",
      "– the database is looked at when the environment is right",
    ]);
  });

  test("ends with 64 for a worker that is not there, since no database helps it", async () => {
    expect((await checked({ MONGODB_URI: uri }, { worker: ["pyton"] })).code).toBe(64);
  });

  test("tells a user who may not write that, for every collection, before a campaign is claimed and lost", async () => {
    const store = storeOf({});
    const reads = recordsOf([], { update: refusedBy("update", "its user needs the role readWrite on this database") });
    const { code, lines } = await checked(
      { MONGODB_URI: uri },
      { store: { ...store, work: { ...store.work, campaigns: reads, containers: reads } } },
    );
    expect(code).toBe(69);
    expect(lines.filter((line) => line.startsWith("✗"))).toEqual([
      "✗ campaigns cannot be written: its user needs the role readWrite on this database",
      "✗ containers (agent_containers) cannot be written: its user needs the role readWrite on this database",
    ]);
    expect(store.closed()).toBe(true);
  });

  test("tells of indexes that cannot be made", async () => {
    const { code, lines } = await checked(
      { MONGODB_URI: uri },
      {
        store: storeOf(
          {},
          { prepare: refusedBy("prepare", "campaigns lack an index: a\ncontainers lack an index: b") },
        ),
      },
    );
    // Each has a command to paste, in a line of its own.
    expect([code, lines.at(-1)]).toEqual([
      69,
      "✗ the indexes are not right: campaigns lack an index: a\n  containers lack an index: b",
    ]);
  });

  test("says once that a database does not answer, and waits no longer than it says", async () => {
    const never = () => new Promise<never>(() => {});
    const silent = recordsOf([], { list: never, update: never });
    const work = { campaigns: silent, shifts: silent, containers: silent };
    const { code, lines } = await checked(
      { MONGODB_URI: uri },
      {
        store: storeOf({}, { work, prepare: never }),
        clock: {
          after: (delay, call) => {
            expect(delay).toBe(20_000);
            const soon = setImmediate(call);
            return () => clearImmediate(soon);
          },
        },
      },
    );
    expect(code).toBe(69);
    expect(lines.filter((line) => line.startsWith("✗"))).toEqual([
      "✗ the database cannot be used: no answer within 20 s",
    ]);
  });

  test("leaves no timer behind: whoever asked waits for no more than the answer", async () => {
    let [set, waiting] = [0, 0];
    const after = () => {
      set += 1;
      waiting += 1;
      return () => {
        waiting -= 1;
      };
    };
    await checked({ MONGODB_URI: uri }, { clock: { after } });
    // It is connected, each of three kinds is read and written, and the indexes are looked at.
    expect([set, waiting]).toEqual([8, 0]);
  });

  test("shows the secret nowhere", async () => {
    const { lines } = await checked({ MONGODB_URI: uri, MONGODB_URL: uri, AGENT_DATABASE: uri });
    expect(lines.join("\n")).not.toContain("s3cret");
  });
});
