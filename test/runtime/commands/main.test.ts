import { describe, expect, test } from "vitest";
import { type MainPorts, main } from "../../../runtime/commands/main.ts";
import type { Settings } from "../../../runtime/settings.ts";
import { StoreError } from "../../../runtime/store/store.ts";
import { recordsOf, storeOf } from "./records-in-memory.ts";

async function performed(line: string, env: Record<string, string> = {}, changes: Partial<MainPorts> = {}) {
  const written = { out: "", err: "", log: [] as unknown[] };
  const loaded: string[] = [];
  const ran: { settings: Settings; command: readonly string[] }[] = [];
  const code = await main(line.split(" "), {
    env,
    clock: { after: () => () => {}, wall: () => Date.UTC(2026, 10, 27) },
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    log: (severity, event, message, fields) => written.log.push({ severity, event, message, ...fields }),
    watched: false,
    executable: () => undefined,
    open: async () => {
      loaded.push("store");
      return storeOf({ campaigns: [{ id: "c-1", status: "queued" }] });
    },
    run: async () => {
      loaded.push("run");
      return async (settings, command) => {
        ran.push({ settings, command });
        return 42;
      };
    },
    ...changes,
  });
  return { code, ...written, loaded, ran };
}

describe("a run", () => {
  test("gets the settings and the worker's command, and its exit code is the process's", async () => {
    const { code, ran } = await performed("-- python main.py --help", { AGENT_CAPACITY: "3" });
    expect(code).toBe(42);
    expect(ran).toMatchObject([{ settings: { capacity: 3 }, command: ["python", "main.py", "--help"] }]);
  });

  test("does not begin with wrong settings: they are one entry of Cloud Logging, with each problem in it", async () => {
    const { code, loaded, log, out, err } = await performed("-- python", { AGENT_CAPACITY: "x", AGENT_RUN_FOR: "y" });
    expect([code, loaded, out, err]).toEqual([64, [], "", ""]);
    expect(log).toEqual([
      {
        severity: "ERROR",
        event: "settings_refused",
        message: expect.stringMatching(
          /^the environment is wrong: 2 problems\n {2}AGENT_CAPACITY .*\n {2}AGENT_RUN_FOR /,
        ),
        problems: [expect.stringMatching(/^AGENT_CAPACITY /), expect.stringMatching(/^AGENT_RUN_FOR /)],
      },
    ]);
  });

  test("with wrong settings is told in plain text where a person started it", async () => {
    const { code, log, err } = await performed("-- python", { AGENT_CAPACITY: "x" }, { watched: true });
    expect([code, log]).toEqual([64, []]);
    expect(err).toMatch(/^agent-runtime: the environment is wrong: 1 problem\n\n {2}AGENT_CAPACITY /);
  });

  test("warns of a setting that is none, and runs", async () => {
    const { code, log } = await performed("-- python", { AGENT_CAPACTIY: "3", AGENT_VOICE: "x" });
    expect(code).toBe(42);
    expect(log).toMatchObject([
      { severity: "WARNING", event: "setting_unknown", name: "AGENT_CAPACTIY", meant: "AGENT_CAPACITY" },
      { severity: "INFO", event: "setting_unknown", name: "AGENT_VOICE" },
    ]);
  });
});

describe("a list", () => {
  const MONGODB_URI = "mongodb://db/clinic";

  test("is shown without the worker's own variables: whoever asks sits elsewhere", async () => {
    const { code, out } = await performed("campaigns", { MONGODB_URI, AGENT_REQUIRES: "LIVEKIT_URL" });
    expect([code, out.split("\n")[1]]).toEqual([0, expect.stringMatching(/^c-1 +queued /)]);
  });

  test("without a database is an error, not an empty list", async () => {
    expect(await performed("campaigns")).toMatchObject({
      code: 64,
      loaded: [],
      err: expect.stringContaining("MONGODB_URI"),
    });
  });

  test("from a database that does not answer is an error, and the connection is closed", async () => {
    const broken = storeOf({});
    const shifts = recordsOf([], {
      list: async () => {
        throw new StoreError("list shifts", new Error("no answer in 8 s"));
      },
    });
    const { code, err, out } = await performed(
      "shifts",
      { MONGODB_URI },
      { open: async () => ({ ...broken, work: { ...broken.work, shifts } }) },
    );
    expect([code, out, broken.closed()]).toEqual([69, "", true]);
    expect(err).toBe("agent-runtime: the database does not answer, or refuses: list shifts: no answer in 8 s\n");
  });
});

test("--version and a wrong command line load nothing, and read no setting", async () => {
  const wrong = { AGENT_CAPACITY: "x" };
  expect(await performed("--version", wrong)).toMatchObject({
    code: 0,
    loaded: [],
    out: expect.stringMatching(/^agent-runtime \S+ \(commit \S+, contract 1\)\n$/),
  });
  expect(await performed("chekc", wrong)).toMatchObject({
    code: 2,
    loaded: [],
    err: 'agent-runtime: there is no "chekc". Did you mean check?\n',
  });
});

test("--help names every variable with its default", async () => {
  const { out } = await performed("--help");
  for (const name of ["MONGODB_URI", "AGENT_REQUIRES", "HEARTBEAT_INTERVAL (30s)", "AGENT_STATUS_QUEUED (queued)"]) {
    expect(out).toContain(`\n  ${name}\n`);
  }
});

test("a mistake in the runtime is not taken for one of its user's", async () => {
  await expect(performed("-- python", {}, { run: () => Promise.reject(new TypeError("x")) })).rejects.toThrow(
    TypeError,
  );
});
