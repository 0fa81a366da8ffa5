import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cacheDirectory } from "../../scripts/programs/found.ts";
import { binDirectory, findPulumi, SDK_VERSION } from "../../scripts/pulumi-cli/find.ts";

const repository = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(repository, path), "utf8");

/** A machine: programs on PATH, and a cache. Nothing else is reachable from it, so nothing goes out. */
let machine: string;
let programs: string;
let env: NodeJS.ProcessEnv & { PATH: string };
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), "pulumi-cli-"));
  programs = join(machine, "bin");
  env = { PATH: programs, XDG_CACHE_HOME: join(machine, "cache"), HOME: machine };
});
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill();
  rmSync(machine, { recursive: true, force: true });
});

function executable(directory: string, name: string, text: string): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), text, { mode: 0o755 });
  return join(directory, name);
}
/** In words of the shell itself: there is nothing else on their PATH. */
const program = (directory: string, name: string, script: string) =>
  executable(directory, name, `#!/bin/sh\n${script}\n`);

const cli = (version: string) => `echo v${version}`;
const broken = "exit 3";
const cached = () => binDirectory(cacheDirectory("pulumi", env));
/** Writes a CLI to the path in $1. */
const makes = (version: string) => `printf '#!/bin/sh\\n${cli(version)}\\n' > "$1" && /bin/chmod +x "$1"`;

const npmGets = (version: string) =>
  `echo "$@" >&2; set -- "$PULUMI_HOME/versions/${SDK_VERSION}/bin/pulumi"; /bin/mkdir -p "\${1%/*}"; ${makes(version)}`;
const npmFails = "echo npm warn about something >&2; echo 'pulumi: fetch failed' >&2; exit 1";
const goThat = (builds: string, version = "1.26.8") => `
case $1 in
version) echo go version go${version} linux/amd64 ;;
list) echo example.org/one ;;
build) while [ "$1" != -o ]; do shift; done; shift; ${builds} ;;
esac`;

function start() {
  const child = spawn(process.execPath, [join(repository, "scripts/pulumi-cli.ts")], { env });
  started.push(child);
  const text = { out: "", err: "" };
  child.stdout.on("data", (part) => (text.out += part));
  child.stderr.on("data", (part) => (text.err += part));
  const ended = once(child, "close").then(([code]) => ({ code: code as number, ...text }));
  return { child, ended };
}
const command = () => start().ended;

describe("the CLI that is there", () => {
  test.each(["3.1.0", SDK_VERSION, "3.999.0"])("on PATH serves as %s, whatever was fetched", (version) => {
    const path = program(programs, "pulumi", cli(version));
    program(cached(), "pulumi", cli(SDK_VERSION));
    expect(findPulumi(env)).toEqual({ path, version, origin: "on PATH" });
  });

  test("is the one fetched earlier, when PATH has none", () => {
    const path = program(cached(), "pulumi", cli(SDK_VERSION));
    expect(findPulumi(env)).toMatchObject({
      path,
      version: SDK_VERSION,
      origin: expect.stringMatching(/^fetched into/),
    });
  });

  test("costs nobody a tier by being broken on PATH, when one was fetched", () => {
    program(programs, "pulumi", broken);
    const path = program(cached(), "pulumi", cli(SDK_VERSION));
    expect(findPulumi(env)).toMatchObject({ path });
  });

  test.each([
    ["ends with an error", `#!/bin/sh\n${broken}`, "does not run (exit code 3)"],
    ["is of another system", "\x7fELF of another system", "does not run"],
    ["says something else", "#!/bin/sh\necho hello", "does not tell its version"],
    ["is of another major version", `#!/bin/sh\n${cli("4.0.0")}`, "is 4.0.0, not 3.x"],
  ])("is none when what is on PATH %s, and the tests say why", (_, text, why) => {
    executable(programs, "pulumi", text);
    const { missing } = findPulumi(env);
    expect(missing).toContain(`no Pulumi CLI (the one on PATH ${why}`);
    expect(missing).toMatch(/: `npm run pulumi-cli` gets one$/);
  });

  test("is none when what was fetched does not fit the SDK any more", () => {
    program(cached(), "pulumi", cli("3.1.0"));
    expect(findPulumi(env).missing).toContain(`is 3.1.0, not ${SDK_VERSION}`);
  });

  test("is looked for without leaving anything", () => {
    expect(findPulumi(env)).toMatchObject({ missing: "no Pulumi CLI: `npm run pulumi-cli` gets one" });
    expect(readdirSync(machine)).toEqual([]);
  });
});

describe("npm run pulumi-cli", () => {
  test("fetches nothing when there is one", async () => {
    const path = program(programs, "pulumi", cli("3.1.0"));
    program(programs, "npm", npmGets(SDK_VERSION));
    expect(await command()).toMatchObject({ code: 0, out: `${path}\n` });
    expect(existsSync(cacheDirectory("pulumi", env))).toBe(false);
  });

  test("takes Pulumi's own release where there is internet, and prints its path alone", async () => {
    program(programs, "npm", npmGets(SDK_VERSION));
    expect(await command()).toMatchObject({ code: 0, out: `${join(cached(), "pulumi")}\n` });
    expect(findPulumi(env)).toMatchObject({ version: SDK_VERSION });
    expect(readdirSync(cacheDirectory("pulumi", env))).toEqual(["versions"]);
  });

  test("builds the release where npm brings none", async () => {
    program(programs, "npm", npmFails);
    program(programs, "go", goThat(makes(SDK_VERSION)));
    const { code, out, err } = await command();
    expect({ code, out }).toEqual({ code: 0, out: `${join(cached(), "pulumi")}\n` });
    expect(err).toContain("npm ended with exit code 1: pulumi: fetch failed.");
    expect(readdirSync(cacheDirectory("pulumi", env))).toEqual(["versions"]);
  });

  test("builds the same whatever somebody set for their own Go", async () => {
    program(programs, "npm", npmFails);
    const asks = `[ "$GOFLAGS$GOTOOLCHAIN$GOWORK$CGO_ENABLED$GOOS" = -mod=readonlylocaloff0 ] || exit 1`;
    program(programs, "go", goThat(`${asks}; ${makes(SDK_VERSION)}`));
    Object.assign(env, { GOFLAGS: "-mod=vendor", GOTOOLCHAIN: "auto", GOWORK: "/x", CGO_ENABLED: "1", GOOS: "plan9" });
    expect(await command()).toMatchObject({ code: 0 });
  });

  test("does not keep a CLI of another version", async () => {
    program(programs, "npm", npmGets("3.1.0"));
    const { code, err } = await command();
    expect(code).toBe(1);
    expect(err).toContain("gave a pulumi that is 3.1.0");
    expect(readdirSync(cacheDirectory("pulumi", env))).toEqual([]);
  });

  test.each([
    ["no Go", undefined, /Go +is not on PATH\. Install Go 1\.\d+/],
    ["a Go too old", goThat(makes(SDK_VERSION), "1.19.8"), /Go +is 1\.19\.8: 1\.\d+\S* or later builds it/],
    ["a build that fails", goThat("echo 'x.go:1: no such thing' >&2; exit 2"), /exit code 2: x\.go:1: no such thing\./],
  ])("names every way that failed, with %s", async (_, go, says) => {
    program(programs, "pulumi", broken);
    program(programs, "npm", npmFails);
    if (go !== undefined) program(programs, "go", go);
    const { code, out, err } = await command();
    expect({ code, out }).toEqual({ code: 1, out: "" });
    const [, all = ""] = err.replaceAll(/\n {4,}/g, " ").split("was to be had:");
    expect(all).toMatch(/PATH +has a pulumi that does not run \(exit code 3\)\. Put a Pulumi CLI 3\.x there/);
    expect(all).toMatch(/pulumi +has no Pulumi CLI/);
    expect(all).toMatch(/npm +ended with exit code 1: pulumi: fetch failed\. This way needs the internet/);
    expect(all).toMatch(says);
    expect(err).not.toMatch(/^ +at /m);
  });

  test("leaves no half CLI when it is interrupted", async () => {
    program(programs, "npm", npmFails);
    const reached = join(machine, "reached");
    program(programs, "go", goThat(`${makes(SDK_VERSION)}; echo > ${reached}; /bin/sleep 60; :`));
    const { child, ended } = start();
    await expect.poll(() => existsSync(reached), { timeout: 20_000, interval: 20 }).toBe(true);
    expect(findPulumi(env)).toHaveProperty("missing");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 1, out: "", err: expect.stringContaining("interrupted") });
    expect(readdirSync(cacheDirectory("pulumi", env))).toEqual([]);
  });

  test("says which file it cannot write", async () => {
    program(programs, "npm", npmGets(SDK_VERSION));
    writeFileSync(join(machine, "cache"), "");
    const { code, err } = await command();
    expect(code).toBe(1);
    expect(err).toMatch(/cache cannot be written \(.*agent-worker/);
    expect(err).not.toMatch(/^ +at /m);
  });
});

test("the CLI is built from the release that the SDK in package.json is of", () => {
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  const pinned = [...read("tools/pulumi/go.mod").matchAll(/github\.com\/pulumi\/pulumi\/(pkg|sdk)\/v3 v(\S+)/g)];
  expect(pinned.map(([, module, version]) => [module, version])).toEqual([
    ["pkg", dependencies["@pulumi/pulumi"]],
    ["sdk", dependencies["@pulumi/pulumi"]],
  ]);
});
