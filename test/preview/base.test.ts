/** The whole command, `--base` and all, in git repositories of its own. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Ended, startPreview } from "../support/preview-cli.ts";
import { changeEverything, ScratchRepository } from "../support/scratch-repository.ts";

let scratch: ScratchRepository;
beforeEach(() => {
  scratch = new ScratchRepository();
  scratch.commit();
});
afterEach(() => scratch.dispose());

function preview(...args: readonly string[]): Promise<Ended> {
  return startPreview(args, scratch.directory, { TMPDIR: scratch.temporary }).ended;
}

const prodBase = ["--stack", "prod", "--base", "main"];

describe("a branch that changes everything that the product promises to tell", () => {
  test("is told in words, prod last, and leaves nothing behind", async () => {
    scratch.git("checkout", "--quiet", "-b", "branch");
    changeEverything(scratch);
    const { code, stdout, stderr } = await preview("--base", "main");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const text = stdout.replaceAll(/\n {20,}/g, " ");
    for (const sentence of [
      /staging .*compared with main \([0-9a-f]{7}\): nothing changes/,
      "3 deleted, 4 created, 14 changed, 56 unchanged",
      "! Scheduler job careflow-noon-rounds is deleted.",
      /starts Mon–Fri 09:00 → 08:30 Asia\/Karachi; next three \w{3} \d{4}-\d\d-\d\d 08:30, .* \(03:30 UTC\)/,
      "open 44 → 46.5 h a week: gains Mon–Fri 08:30–09:00 Asia/Karachi",
      "timeout 8h25m → 8h55m: the longest shift is 8h30m, with 15m of drain and 10m of margin",
      "image dental-agent-worker@4f9c6a0b6c6f → dental-agent-worker@0badc0ffee00",
      "CPU 2 vCPU → 4 vCPU",
      "secret openai-key version 1 → 2 (OPENAI_API_KEY)",
      /hospital north +new, 2 rounds: morning 08:15, evening 20:15 America\/New_York \(North Hospital, to the agent hospital_n\)/,
      /round noon +removed: no longer every day 12:15 America\/New_York \(careflow-noon-rounds\)/,
      /rounds +retries 3 → 1/,
      /cost +\$[\d.]+ → \$[\d.]+ \(\+\$[\d.]+\) a month gross/,
    ]) {
      expect(text).toMatch(sentence);
    }
    expect(text).toContain("This is not `pulumi preview`: nothing was compared with what is deployed");
    expect(stdout.trim().split("\n").at(-2)).toMatch(/^✓ prod /);
    expect(scratch.leftovers()).toEqual([]);
  });

  test("is told in JSON, alone on standard output, the same for the same", async () => {
    changeEverything(scratch);
    const runs = await Promise.all([
      preview(...prodBase, "--format", "json"),
      preview(...prodBase, "--format", "json"),
    ]);
    const [first, second] = runs.map(({ stdout }) => JSON.parse(stdout).stacks[0].comparison);
    expect(first).toMatchObject({
      base: { ref: "main", commit: scratch.git("rev-parse", "main") },
      state: "compared",
      counts: { create: 4, update: 14, replace: 0, delete: 3, rename: 0, same: 56 },
    });
    expect(first.resources).toEqual(second.resources);
    expect(first.resources.map(({ step }: { step: string }) => step).slice(0, 4)).toEqual([
      "delete",
      "create",
      "create",
      "update",
    ]);
  });
});

describe("a stack that one side lacks", () => {
  test("is new: everything in it is created, and it costs what it costs", async () => {
    scratch.git("checkout", "--quiet", "-b", "branch");
    scratch.git("mv", "Pulumi.staging.yaml", "Pulumi.test.yaml");
    const { code, stdout } = await preview("--base", "main", "--format", "json");
    const [staging, test] = ["staging", "test"].map((name) =>
      JSON.parse(stdout).stacks.find(({ stack }: { stack: string }) => stack === name),
    );
    expect(code).toBe(0);
    expect(test.comparison).toMatchObject({
      state: "new",
      counts: { create: 73, same: 0 },
      cost: { before: { gross: 0 } },
    });
    expect(staging).toMatchObject({ removed: true, comparison: { state: "removed", counts: { delete: 73 } } });
  });

  test("is gone: nothing is deleted by that, and nobody is told that it were", async () => {
    scratch.remove("Pulumi.staging.yaml");
    const { code, stdout } = await preview("--stack", "staging", "--base", "main");
    expect(code).toBe(0);
    expect(stdout).toContain("the stack's file is gone: only main has it");
    expect(stdout).toContain("! Nothing is deleted by this: 73 resources go on at Google");
    expect(stdout).not.toMatch(/(?<!Nothing )is deleted|are deleted|will refuse/);
  });

  test("is on neither side: wrong usage", async () => {
    const { code, stderr } = await preview("--stack", "prd", "--base", "main");
    expect(code).toBe(2);
    expect(stderr).toContain("--stack prd: neither here nor at main is a Pulumi.prd.yaml; there is prod, staging.");
    expect(scratch.leftovers()).toEqual([]);
  });
});

describe("what cannot be compared is said in one message, without a stack trace", () => {
  test("a revision that there is not", async () => {
    const { code, stderr, stdout } = await preview(...prodBase.slice(0, 3), "mian");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("--base mian: there is no such commit here. Fetch it first, or give another revision.");
  });

  test("a revision that is an option", async () => {
    const { code, stderr } = await preview("--base=--output=/tmp/x");
    expect(code).toBe(2);
    expect(stderr).toContain("there is no such commit here");
  });

  test("a directory that is no repository", async () => {
    const directory = mkdtempSync(join(tmpdir(), "no-repository-"));
    try {
      writeFileSync(join(directory, "Pulumi.yaml"), "name: x\nruntime: nodejs\n");
      const { code, stderr } = await startPreview(["--base", "main"], directory).ended;
      expect(code).toBe(2);
      expect(stderr).toContain("this is no git repository");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("a revision whose settings are refused: what is right here is shown all the same, and passes", async () => {
    scratch.change("Pulumi.prod.yaml", ["memory: 4Gi", "memory: 64Gi"]);
    scratch.commit();
    scratch.git("checkout", "--quiet", "-b", "mended");
    scratch.change("Pulumi.prod.yaml", ["memory: 64Gi", "memory: 4Gi"]);
    const { code, stdout } = await preview(...prodBase);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Not compared with main \([0-9a-f]{7}\)/);
    expect(stdout).toContain("workers.dental-agent-worker.memory");
    expect(stdout).not.toMatch(/^\s+at /m);
  });

  test("settings of the revision that mean nothing to this version: the resources are compared", async () => {
    // The program that this revision had took a setting that there is not any more.
    scratch.write("index.ts", ownProgram("older"));
    scratch.change("Pulumi.yaml", [
      scratch.git("show", "HEAD:Pulumi.yaml").match(/main: .*/)?.[0] ?? "",
      "main: index.ts",
    ]);
    scratch.change("Pulumi.prod.yaml", ["config:\n", "config:\n  agent-worker:older: 1\n"]);
    scratch.commit();
    scratch.git("checkout", "--quiet", "-b", "branch");
    scratch.write("index.ts", ownProgram("newer"));
    scratch.change("Pulumi.prod.yaml", ["  agent-worker:older: 1\n", ""]);
    const { code, stdout } = await preview(...prodBase);
    expect(code).toBe(0);
    expect(stdout).toContain("» component");
    expect(stdout.replaceAll(/\n +/g, " ")).toContain(
      "Not compared in words: the settings at main cannot be read, older",
    );
  });

  test("a policy that the revision had on is missed, also where its own file cannot be read", async () => {
    scratch.write("policies/stacks/prod.json", '{"labels":"disabled","schedule":"mandatory"}');
    scratch.commit();
    scratch.write("policies/stacks/prod.json", '{"labels":"disabled","schedule":"disabled"}');
    const { code, stdout } = await preview(...prodBase, "--format", "github");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^> - A policy is switched off: schedule\.$/m);
    scratch.write("policies/stacks/prod.json", "{");
    scratch.commit();
    scratch.write("policies/stacks/prod.json", '{"labels":"disabled"}');
    const again = await preview(...prodBase, "--format", "json");
    expect(JSON.parse(again.stdout).stacks[0].comparison.dangers).toEqual([
      { kind: "policy", text: "A policy is switched off: labels.", urns: [] },
    ]);
  });

  test("a project file of the revision that cannot be read", async () => {
    const right = scratch.git("show", "HEAD:Pulumi.yaml");
    scratch.write("Pulumi.yaml", "name: [");
    scratch.commit();
    scratch.git("checkout", "--quiet", "-b", "mended");
    scratch.write("Pulumi.yaml", right);
    const { code, stdout } = await preview(...prodBase);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Not compared with main[\s\S]*Pulumi\.yaml:1 {2}is not valid YAML/);
  });

  test("a program of the revision that fails", async () => {
    scratch.change("Pulumi.yaml", [
      /main: .*/.exec(scratch.git("show", "HEAD:Pulumi.yaml"))?.[0] ?? "",
      "main: index.ts",
    ]);
    scratch.write("index.ts", 'throw new Error("the older program is broken");\n');
    scratch.commit();
    scratch.git("checkout", "--quiet", "-b", "mended");
    scratch.write("index.ts", ownProgram("x"));
    const { code, stdout } = await preview(...prodBase);
    expect(code).toBe(0);
    expect(stdout).toContain("the program at main could not be run to its end");
    expect(stdout).toContain("the older program is broken");
    expect(stdout).not.toMatch(/agent-worker-base-|\\u000a/);
  });
});

/** A program that declares one thing, which once had another name. */
const ownProgram = (name: string): string => `
import * as pulumi from "@pulumi/pulumi";
class Clinic extends pulumi.ComponentResource {
  constructor(name: string) {
    super("clinic:index:Clinic", name, {}, { aliases: [{ name: "older" }] });
    this.registerOutputs();
  }
}
new Clinic(${JSON.stringify(name)});
`;

describe("the packages of the other revision", () => {
  const lock = (name: string) =>
    JSON.stringify({
      name,
      version: "1.0.0",
      lockfileVersion: 3,
      requires: true,
      packages: { "": { name, version: "1.0.0" } },
    });

  test("are installed where its lock file is another one, which is said", async () => {
    scratch.write("package.json", '{"name":"older","version":"1.0.0"}');
    scratch.write("package-lock.json", lock("older"));
    scratch.commit();
    scratch.git("checkout", "--quiet", "-b", "branch");
    scratch.write("package-lock.json", lock("newer"));
    const { code, stdout, stderr } = await preview(...prodBase);
    expect(code).toBe(0);
    expect(stderr).toBe("Installing the packages of main: its package-lock.json is another one …\n");
    expect(stdout).toContain("nothing changes");
  });

  test("that cannot be installed are one clear error, and leave nothing behind", async () => {
    scratch.write("package.json", '{"name":"older","version":"1.0.0","dependencies":{"no-such-package":"1.0.0"}}');
    scratch.write("package-lock.json", lock("older"));
    scratch.commit();
    scratch.git("checkout", "--quiet", "-b", "branch");
    scratch.remove("package-lock.json");
    const { code, stdout, stderr } = await preview(...prodBase);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("the packages of main could not be installed (npm ci ended with 1)");
    expect(stderr).not.toContain("usage:");
    expect(scratch.leftovers()).toEqual([]);
  });
});

describe("the working tree and the repository stay as they are", () => {
  test("what is not committed counts, and is not touched", async () => {
    scratch.change("Pulumi.prod.yaml", ["cpu: 2", "cpu: 4"]);
    const before = scratch.git("status", "--porcelain");
    const { stdout } = await preview("--stack", "prod", "--base", "HEAD");
    expect(stdout).toContain("CPU 2 vCPU → 4 vCPU");
    expect(scratch.git("status", "--porcelain")).toBe(before);
    expect(existsSync(join(scratch.directory, "node_modules", "@pulumi"))).toBe(true);
  });

  test("a project that is not at the root of its repository is found at the other revision too", async () => {
    const inner = join(scratch.directory, "infra", "voice");
    for (const file of ["Pulumi.yaml", "Pulumi.prod.yaml"]) {
      scratch.write(join("infra", "voice", file), scratch.git("show", `HEAD:${file}`));
    }
    scratch.commit();
    scratch.change(join("infra", "voice", "Pulumi.prod.yaml"), ["cpu: 2", "cpu: 4"]);
    const { stdout } = await startPreview(prodBase, inner).ended;
    expect(stdout).toContain("CPU 2 vCPU → 4 vCPU");
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s while programs run takes the checkout away", async (signal) => {
    const started = join(scratch.temporary, "started");
    scratch.change("Pulumi.yaml", [
      /main: .*/.exec(scratch.git("show", "HEAD:Pulumi.yaml"))?.[0] ?? "",
      "main: index.ts",
    ]);
    scratch.write(
      "index.ts",
      `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(started)}, "");\nsetInterval(() => {}, 1000);\n`,
    );
    scratch.commit();
    const running = startPreview(prodBase, scratch.directory, { TMPDIR: scratch.temporary });
    await vi.waitUntil(() => existsSync(started), { timeout: 30_000, interval: 20 });
    expect(scratch.leftovers()).not.toEqual([]);
    running.kill(signal);
    const { code } = await running.ended;
    expect(code).toBe(signal === "SIGINT" ? 130 : 143);
    expect(scratch.leftovers()).toEqual([]);
  });
});
