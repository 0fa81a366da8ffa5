/** What is put into every worker's image. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BuiltRuntime, buildRuntime } from "../../support/built-runtime.ts";
import { copiedFromContext } from "../../support/dockerfile.ts";
import { repository } from "../../support/stack-previews.ts";

let built: BuiltRuntime;
beforeAll(() => {
  built = new BuiltRuntime();
});
afterAll(() => built.dispose());

/** What the image's build gets, so that a file that it lacks is missed here too. */
const sources = copiedFromContext(join(repository, "runtime/image/Dockerfile"))
  .filter(({ to }) => !to.startsWith("/"))
  .flatMap(({ from }) => from);

describe("the bundle", () => {
  test("is the same to the byte from a checkout in another directory: what was tested is what is shipped", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "another checkout of agent-worker-"));
    try {
      for (const name of sources) cpSync(join(repository, name), join(elsewhere, name), { recursive: true });
      symlinkSync(join(repository, "node_modules"), join(elsewhere, "node_modules"));
      buildRuntime(join(elsewhere, "dist"), elsewhere);
      for (const name of readdirSync(built.directory, { recursive: true, encoding: "utf8" })) {
        if (statSync(join(built.directory, name)).isDirectory()) continue;
        expect(readFileSync(join(elsewhere, "dist", name)).equals(readFileSync(join(built.directory, name)))).toBe(
          true,
        );
      }
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  test("says which sources it is made from, and which contract it keeps", async () => {
    const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    expect(await built.run(["--version"])).toEqual({
      code: 0,
      stdout: `agent-runtime ${version} (commit 0123abc, contract 1)\n`,
      stderr: "",
    });
  });

  test("is one file under 950 KiB, and needs nothing beside it", async () => {
    expect(statSync(built.file).size).toBeLessThanOrEqual(950 * 1024);
    expect((await built.run(["--help"])).stdout).toContain("agent-runtime -- COMMAND");
    const node =
      /\brequire\("(?:node:)?(?!@aws-sdk\/credential-providers|@mongodb-js\/zstd|gcp-metadata|kerberos|mongodb-client-encryption|snappy|socks)([a-z_/]+)"\)/g;
    const required = [...new Set([...readFileSync(built.file, "utf8").matchAll(node)].map(([, name = ""]) => name))];
    expect(required.length).toBeGreaterThan(3);
    expect(required.filter((name) => !process.getBuiltinModule(name))).toEqual([]);
  });

  test("refuses a Node that is too old at the start: it would fail in the middle of a claim", async () => {
    const directory = mkdtempSync(join(tmpdir(), "old-node-"));
    try {
      const old = join(directory, "old.cjs");
      writeFileSync(old, 'Object.defineProperty(process.versions, "node", { value: "20.20.2" });');
      const { code, stdout } = await built.run(["--", "true"], { NODE_OPTIONS: `--require=${old}` });
      expect(code).toBe(64);
      expect(JSON.parse(stdout)).toMatchObject({
        event: "settings_refused",
        message: expect.stringContaining("Node 20.20.2"),
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("carries the driver in full, and of zod only what the socket checks by", () => {
    const parts = new Map(
      [...built.told.matchAll(/([\d.]+) KiB {2}(\S+)$/gm)].map(([, size, name]) => [name, Number(size)]),
    );
    expect(parts.get("mongodb")).toBeGreaterThan(400);
    expect(parts.get("bson")).toBeGreaterThan(70);
    // All of zod would be 440.
    expect(parts.get("zod")).toBeLessThan(30);
  });

  test("comes with the licence of everything in it: Apache and MIT ask for no less", () => {
    const licences = readFileSync(join(built.directory, "agent-runtime.LICENSES.txt"), "utf8");
    const packages = [...built.told.matchAll(/KiB {2}([@a-z0-9/-]+)$/gm)].map(([, name = ""]) => name);
    expect(packages).toContain("temporal-polyfill");
    for (const name of ["agent-worker", ...packages]) {
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|Apache-2.0|BSD-2-Clause)\\)$`, "m"));
    }
    expect(licences).toContain("Permission is hereby granted, free of charge");
  });
});

describe("the bundle as a process", () => {
  test("refuses wrong settings in one line for Cloud Logging, and starts nothing", async () => {
    const { code, stdout, stderr } = await built.run(["--", "sh", "-c", "echo started"], {
      HEARTBEAT_INTERVAL: "30000",
      AGENT_REQUIRES: "LIVEKIT_URL",
    });
    expect([code, stderr]).toEqual([64, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      severity: "ERROR",
      event: "settings_refused",
      problems: [expect.stringMatching(/^HEARTBEAT_INTERVAL /), expect.stringMatching(/^LIVEKIT_URL /)],
    });
  });

  test("finds the worker's command where execvp would, and misses it where it is not", async () => {
    expect(await built.run(["check", "--", "sh"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✓ sh is \/\S*\/sh$/m),
    });
    expect(await built.run(["check", "--", "./package.json"])).toMatchObject({ code: 64 });
    expect(await built.run(["check", "--", "no-such-worker"])).toMatchObject({ code: 64 });
  });

  test("ends with 2 and one line for a command line that means nothing", async () => {
    expect(await built.run(["python", "worker_main.py"])).toEqual({
      code: 2,
      stdout: "",
      stderr: 'agent-runtime: "python" is no command of the runtime. To run a worker: agent-runtime -- python …\n',
    });
  });
});
