/** The ways to come by a Pulumi CLI of the SDK's version, for a machine that has none. */
import { mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Finding } from "../../domain/findings.ts";
import { Failure, run, type Waiting, type Work } from "../programs/child.ts";
import { fetchBy, type Way } from "../programs/fetch.ts";
import { cacheDirectory } from "../programs/found.ts";
import { askVersion, binDirectory, EXECUTABLE, SDK_VERSION } from "./find.ts";

const goModule = resolve(import.meta.dirname, "../../tools/pulumi");
const LEAST_GO = /^go (\S+)$/m.exec(readFileSync(join(goModule, "go.mod"), "utf8"))?.[1] ?? "";

/**
 * Pulumi's own binaries, with the language hosts. The package has no install script, so `ignore-scripts` does not
 * matter to it: it downloads when it is first run, with an install script from Pulumi's site. npm checks the package;
 * nothing of ours pins what that script brings, and a file that is there already is run unseen (pulumi 3.259.0,
 * lib/resolve.js and lib/download.js). So it gets an empty home.
 */
const npmWay: Way<void> = {
  name: "npm",
  remedy: "This way needs the internet: the package downloads from Pulumi's site, not from npm.",
  async fetch(home, waiting) {
    waiting.say(`npm: trying the package pulumi@${SDK_VERSION}, which downloads its CLI`);
    await run(
      {
        command: "npm",
        args: ["exec", "--yes", `--package=pulumi@${SDK_VERSION}`, "--", "pulumi", "--version"],
        cwd: home,
        env: { PULUMI_HOME: home, PULUMI_VERSION: SDK_VERSION },
      },
      waiting,
    );
  },
};

const COMMAND_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const TAGS = ["-tags", "osusergo,grpcnotrace"];
/** Somebody's own settings must not decide what is built; where modules come from (GOPROXY) remains theirs. */
const GO_ENVIRONMENT = {
  CGO_ENABLED: "0",
  GO111MODULE: "on",
  GOARCH: undefined,
  GOFLAGS: "-mod=readonly",
  GOOS: undefined,
  GOTOOLCHAIN: "local",
  GOWORK: "off",
};

/** The CLI alone, of modules that go.sum pins by their hashes. */
const goWay: Way<void> = {
  name: "Go",
  remedy: `Install Go ${LEAST_GO} or later, with GOPROXY naming a module proxy that this network reaches.`,
  async fetch(home, waiting) {
    // GOTMPDIR: what an interrupted build leaves goes away with the rest.
    const go = (cwd: string, args: readonly string[], hears: Pick<Work, "progress"> = {}) =>
      run({ command: "go", args, cwd, env: { ...GO_ENVIRONMENT, GOTMPDIR: home }, ...hears }, waiting);

    // Asked elsewhere: inside the module an older Go refuses with words of its own.
    const [answer = ""] = await go(home, ["version"]);
    const version = /\bgo(\d[\d.]*)/.exec(answer)?.[1] ?? "";
    if (version.localeCompare(LEAST_GO, "en", { numeric: true }) < 0) {
      throw new Failure(`is ${version || "of no known version"}: ${LEAST_GO} or later builds it.`);
    }

    waiting.say(`Go ${version}: downloading what Pulumi ${SDK_VERSION} is built from (the first time 1.4 GB on disk)`);
    const packages = await go(goModule, ["list", "-deps", ...TAGS, COMMAND_PACKAGE], {
      progress: { line: /^go: downloading /, tell: (modules) => `${modules} modules` },
    });

    waiting.say(`Go ${version}: building it (the first time 4 minutes on 2 cores, 1.6 GB on disk)`);
    const bin = binDirectory(home);
    mkdirSync(bin, { recursive: true });
    const stamp = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${SDK_VERSION}`;
    const flags = ["-v", "-trimpath", "-buildvcs=false", ...TAGS, "-ldflags", `-s -w ${stamp}`];
    await go(goModule, ["build", ...flags, "-o", join(bin, EXECUTABLE), COMMAND_PACKAGE], {
      progress: { line: /^[\w./~-]+$/, tell: (compiled) => `${compiled} of at most ${packages.length} packages` },
    });
    waiting.say(
      "built, without Pulumi's language hosts: the tests bring their own, a deployment needs a whole release",
    );
  },
};

/** Fetches a CLI into the cache, where `findPulumi` then finds it. */
export function fetchPulumi(waiting: Waiting): Promise<readonly Finding[]> {
  const cache = cacheDirectory("pulumi");
  const keep = (_: unknown, home: string) => {
    const fetched = binDirectory(home);
    const { version, problem } = askVersion(join(fetched, EXECUTABLE));
    if (version !== SDK_VERSION) throw new Failure(`gave a pulumi that ${problem ?? `is ${version}`}.`);
    // One by one, since another run may have been first; the CLI last, since it is what is looked for.
    mkdirSync(binDirectory(cache), { recursive: true });
    const others = readdirSync(fetched).filter((name) => name !== EXECUTABLE);
    for (const name of [...others, EXECUTABLE]) renameSync(join(fetched, name), join(binDirectory(cache), name));
  };
  return fetchBy([npmWay, goWay], cache, keep, waiting);
}
