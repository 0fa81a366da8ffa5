/** `/opt/agent-runtime` as an image has it, in a root that holds nothing else: no shell, no libc, no user. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeCalendar, RUNTIME_PATH } from "../../../domain/contract.ts";
import { calendar, dental } from "../../domain/clinic.ts";
import { BuiltRuntime } from "../../support/built-runtime.ts";
import { repository } from "../../support/stack-previews.ts";
import { tier } from "../../support/tier.ts";

const TINI = "/usr/bin/tini-static";

const has = (command: string) => spawnSync(command, ["--version"]).status === 0;

function missing(): string | undefined {
  if (process.platform !== "linux") return "it is for Linux";
  if (process.getuid?.() !== 0) return "chroot needs root";
  if (!existsSync(TINI)) return `${TINI}: apt-get install tini`;
  return has("cc") ? undefined : "cc: apt-get install gcc libc6-dev";
}

tier("the runtime's layer in an empty image", missing(), () => {
  let root: string;
  const home = () => join(root, "opt/agent-runtime");

  beforeAll(() => {
    const built = new BuiltRuntime();
    root = mkdtempSync(join(tmpdir(), "empty-image-"));
    chmodSync(root, 0o755);
    mkdirSync(join(root, "tmp"));
    chmodSync(join(root, "tmp"), 0o1777);
    const layout = join(repository, "runtime/image/layout.sh");
    execFileSync("sh", [layout, process.execPath, TINI, built.directory, home()], { stdio: "pipe" });
    built.dispose();

    // What only the worker survives, as it alone has a socket.
    const source = join(root, "preloaded.c");
    writeFileSync(
      source,
      `#include <stdlib.h>
      #include <unistd.h>
      __attribute__((constructor)) static void loaded(void) { if (getenv("AGENT_RUNTIME_SOCKET") == NULL) _exit(1); }`,
    );
    execFileSync("cc", ["-shared", "-fPIC", "-o", join(root, "preloaded.so"), source]);
    writeFileSync(join(root, "hook.cjs"), "if (!process.env.AGENT_RUNTIME_SOCKET) process.exit(9);");
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** A worker, of what there is. */
  const node = ["lib/ld.so", "--library-path", "lib", "node"].map((part) =>
    part.startsWith("--") ? part : `/opt/agent-runtime/${part}`,
  );

  /** As some user of the image who owns nothing. */
  function run(args: readonly string[], env: Record<string, string> = {}) {
    const { status, stdout, stderr } = spawnSync("chroot", ["--userspec=10001:10001", root, RUNTIME_PATH, ...args], {
      env: { PATH: process.env.PATH, ...env },
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  test("runs without a shell, without a libc, and as a user without rights", () => {
    expect(run(["--version"])).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^agent-runtime \d+\.\d+\.\d+ \(commit 0123abc, contract 1\)\n$/),
      stderr: "",
    });
  });

  test("knows the clinic's time zone, which an empty image does not", () => {
    const env = {
      AGENT_CALENDAR: encodeCalendar(calendar(dental)),
      AGENT_JOB: "projects/p/locations/l/jobs/j",
    };
    expect(run(["check"], env)).toMatchObject({ status: 0, stdout: expect.stringContaining("(Asia/Karachi)") });
  });

  test("gives every argument on as it was, and the exit code back", () => {
    const { status, stdout } = run(["check", "--", "a b\"c' $HOME"]);
    expect(stdout).toContain(`✗ a b"c' $HOME is not there`);
    expect(status).toBe(64);
    expect(run([""]).status).toBe(2);
  });

  test("leaves no trace of itself in the worker's environment: its libraries are not the worker's", () => {
    const { status, stdout } = run(["--", ...node, "-p", "Object.keys(process.env).sort().join()"], {
      AGENT_WORKER_HEALTH: "off",
    });
    expect(stdout).toMatch(/^AGENT_RUNTIME_SOCKET,AGENT_WORKER_HEALTH,PATH$/m);
    expect(status).toBe(0);
  });

  test("is not kept from starting by libraries and options that the image has for its own programs: they are the worker's", () => {
    const ofTheImage = {
      LD_PRELOAD: "/preloaded.so",
      NODE_OPTIONS: "--require=/hook.cjs",
      AGENT_WORKER_HEALTH: "off",
      AGENT_REQUIRES: "LD_PRELOAD",
    };
    const { status, stdout } = run(
      ["--", ...node, "-p", "process.env.LD_PRELOAD + process.env.NODE_OPTIONS"],
      ofTheImage,
    );
    expect(stdout).toMatch(/^\/preloaded\.so--require=\/hook\.cjs$/m);
    expect(status).toBe(0);
  });

  test.each([
    ["LD_PRELOAD", "/preloaded.so"],
    ["NODE_OPTIONS", "--no-option-of-this-node"],
    ["OPENSSL_CONF", "/opt/agent-runtime/agent-runtime.cjs"],
  ])("starts whatever the image says in %s", (name, value) => {
    expect(run(["--version"], { [name]: value })).toMatchObject({ status: 0 });
  });

  test("opens no debugger, which could read the database's password, when a process of its user sends SIGUSR1", () => {
    const signals = "process.kill(process.ppid, 'SIGUSR1'); setTimeout(() => {}, 500)";
    const { status, stderr } = run(["--", ...node, "-e", signals], { AGENT_WORKER_HEALTH: "off" });
    expect([status, stderr]).toEqual([0, ""]);
  });

  test("cannot be changed by the worker's user", () => {
    for (const name of ["", "agent-runtime", "agent-runtime.cjs", "node", "lib/ld.so"]) {
      expect(statSync(join(home(), name)).mode & 0o022).toBe(0);
    }
  });

  test("says what is missing from a layer that was copied in part, with a shell's code", () => {
    renameSync(join(home(), "tini"), join(home(), "not-tini"));
    try {
      expect(run(["--version"])).toEqual({
        status: 127,
        stdout: "",
        stderr: "agent-runtime: /opt/agent-runtime/tini: No such file or directory\n",
      });
    } finally {
      renameSync(join(home(), "not-tini"), join(home(), "tini"));
    }
  });
});
