import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { launch } from "../../preview/host/launcher.ts";
import { type PreviewOutcome, previewProgram, previewPrograms } from "../../preview/program.ts";
import { type DeclaredResource, type DeclaredStack, isSecret, isUnknown, masked } from "../../preview/resources.ts";
import { readStack } from "../../preview/stack/stack-files.ts";
import { bareMonitor } from "../support/bare-monitor.ts";

const fixture = (name: string): string => resolve(import.meta.dirname, "fixtures", name);

function declaredBy(outcome: PreviewOutcome): DeclaredStack {
  if (!outcome.ok) throw new Error(outcome.messages.join("\n"));
  return outcome.declared;
}

function named({ resources }: DeclaredStack, name: string): DeclaredResource {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

describe("a program's resources", () => {
  let clinic: DeclaredStack;
  let inheritance: DeclaredStack;

  beforeAll(async () => {
    const outcomes = await previewPrograms([
      { projectDir: fixture("clinic"), stack: "dev" },
      { projectDir: fixture("inheritance"), stack: "dev" },
    ]);
    [clinic, inheritance] = outcomes.map(declaredBy) as [DeclaredStack, DeclaredStack];
  }, 60_000);

  const own = "urn:pulumi:dev::clinic::";
  const worker = `${own}clinic:test:Worker`;

  it("have the engine's own URNs, or a comparison would take every resource for a new one", () => {
    expect(clinic.resources[0]?.urn).toBe(`${own}pulumi:pulumi:Stack::clinic-dev`);
    expect(named(clinic, "dental").urn).toBe(`${worker}::dental`);
    expect(named(clinic, "dental").parent).toBe(`${own}pulumi:pulumi:Stack::clinic-dev`);
    expect(named(clinic, "dental-vault-reader").urn).toBe(
      `${worker}$clinic:test:Vault$gcp:secretmanager/secretIamMember:SecretIamMember::dental-vault-reader`,
    );
  });

  it("know an account's address before it exists, or grants would not show whom they are for", () => {
    expect(named(clinic, "dental-vault-reader").inputs).toEqual({
      secretId: "dental-vault",
      role: "roles/secretmanager.secretAccessor",
      member: "serviceAccount:dental@clinic-1.iam.gserviceaccount.com",
    });
    expect(clinic.outputs.emails).toContain("front-desk@clinic-1.iam.gserviceaccount.com");
  });

  it("leave unknown whatever the cloud decides, instead of inventing it", () => {
    const { secret, secretData } = named(clinic, "dental-vault-version").inputs;
    expect(isUnknown(secret)).toBe(true);
    expect(isSecret(secretData) && !secretData.known).toBe(true);
  });

  it("say which property depends on what, or an order of creation could not be checked", () => {
    const { propertyDependencies, dependencies } = named(clinic, "dental-vault-version");
    expect(propertyDependencies).toEqual({
      secret: [`${worker}$clinic:test:Vault$gcp:secretmanager/secret:Secret::dental-vault-secret`],
      secretData: [`${worker}$clinic:test:Vault$random:index/randomBytes:RandomBytes::dental-vault-bytes`],
    });
    expect(dependencies).toHaveLength(2);
    expect(named(inheritance, "dental-worker-shift-secret").dependencies).toContain(
      named(inheritance, "there").urn, // through the component it waits for
    );
  });

  it("are protected with the component that holds them, however deep", () => {
    expect(named(clinic, "dental-vault-version").protect).toBe(true);
    expect(named(clinic, "front-desk-vault-version").protect).toBe(false);
    expect(named(inheritance, "there")).toMatchObject({ protect: true, retainOnDelete: true });
    expect(named(inheritance, "open")).toMatchObject({ protect: false, retainOnDelete: false });
  });

  it("land in the project of the provider they inherit", () => {
    expect(inheritance.outputs).toMatchObject({
      here: "serviceAccount:here@first.iam.gserviceaccount.com",
      there: "serviceAccount:there@second.iam.gserviceaccount.com",
    });
    expect(named(inheritance, "there").provider).toBe(named(inheritance, "elsewhere").urn);
    expect(named(inheritance, "here").provider).toBeUndefined();
  });

  it("carry every name they may have had, or a rename would look like a loss", () => {
    const room = "urn:pulumi:dev::inheritance::clinic:test:Room";
    const secret = "gcp:secretmanager/secret:Secret";
    expect(named(inheritance, "dental-worker").aliases).toEqual([`${room}::dental`]);
    expect(named(inheritance, "dental-worker-shift").aliases).toEqual([`${room}$clinic:test:Room::dental-shift`]);
    expect(named(inheritance, "dental-worker-shift-secret").aliases).toEqual(
      [
        `${room}$clinic:test:Room$${secret}::token`,
        `urn:pulumi:dev::inheritance::${secret}::dental-worker-shift-secret`,
        "urn:pulumi:old::inheritance::gcp:x/y:Z::w",
        `${room}$clinic:test:Room$${secret}::dental-shift-secret`,
        `${room}$clinic:test:Room$${secret}::token`,
        `${room}$clinic:test:Room$gcp:x/y:Z::w`,
      ].filter((alias, i, all) => all.indexOf(alias) === i),
    );
  });

  it("keep the options that decide how a change is made", () => {
    expect(named(inheritance, "dental-worker-shift-secret")).toMatchObject({
      ignoreChanges: ["labels"],
      replaceOnChanges: ["replication"],
      deleteBeforeReplace: true,
    });
    expect(named(inheritance, "here").deleteBeforeReplace).toBeUndefined();
    expect(named(inheritance, "imported").importId).toBe("projects/first/serviceAccounts/imported");
  });
});

describe("a configuration too long for the CLI", () => {
  it("is previewed all the same, with the warning that `up` will not take it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "long-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const main = relative(directory, join(fixture("clinic"), "index.ts"));
    const workers = { "zahnärzte-😀": { notes: "ü€😀".repeat(30_000) } };
    writeFileSync(
      join(directory, "Pulumi.yaml"),
      `{ name: clinic, runtime: { name: nodejs, options: { typescript: false } }, main: ${main} }`,
    );
    writeFileSync(join(directory, "Pulumi.long.yaml"), JSON.stringify({ config: { "clinic:workers": workers } }));

    const declared = declaredBy(await previewProgram({ projectDir: directory, stack: "long" }));
    expect(named(declared, "zahnärzte-😀-vault").type).toBe("clinic:test:Vault");
    expect(declared.diagnostics.at(-1)).toMatchObject({
      severity: "warning",
      message: expect.stringContaining("argument list too long"),
    });
  }, 60_000);
});

describe("secrets", () => {
  let outcome: PreviewOutcome;

  beforeAll(async () => {
    outcome = await previewProgram({ projectDir: fixture("secrets"), stack: "dev" });
  }, 60_000);

  it("are found nowhere in what a preview returns, however it is printed", () => {
    const prints = (what: unknown) =>
      [
        JSON.stringify(what),
        inspect(what, { depth: null, showHidden: true, getters: true }),
        inspect(what, { depth: null, customInspect: false }),
      ].join();
    const all = prints(outcome) + JSON.stringify(masked(declaredBy(outcome).outputs));
    expect(all).toContain("to all");
    expect(all).not.toMatch(/hidden-|Encrypted/);
    // What stands for an encrypted value is known to the settings, and secret from there on.
    expect(prints({ ...outcome, settings: undefined })).not.toContain("[secure ");
  });

  it("stay secret inside what is open", () => {
    const { labels, sensitiveLabels } = named(declaredBy(outcome), "oncall").inputs;
    expect(masked(labels ?? null)).toEqual({ open: "to all", nested: "[secret]" });
    expect(masked(sensitiveLabels ?? null)).toEqual({ serviceKey: "[secret]" });
  });

  it("are secret when the provider says so and the program forgot", () => {
    expect(isSecret(named(declaredBy(outcome), "literal").inputs.secretData)).toBe(true);
  });

  it("stay secret on their way to the stack's outputs", () => {
    expect(masked(declaredBy(outcome).outputs)).toEqual({
      dsn: "[secret]",
      generated: "[unknown]",
      plain: "to all",
      named: "[secret]",
    });
  });
});

describe("a program that cannot be previewed", () => {
  const outcomes = new Map<string, PreviewOutcome>();
  const stacks =
    "duplicate data-source data-source-caught get stack-reference transforms hook-in-preview hook run-error error input-error rejection logged exit exit-early unsettled".split(
      " ",
    );

  beforeAll(async () => {
    const requests = stacks.map((stack) => ({ projectDir: fixture("failing"), stack, timeoutMs: 30_000 }));
    (await previewPrograms(requests)).forEach((outcome, i) => {
      outcomes.set(stacks[i] ?? "", outcome);
    });
  }, 180_000);

  const failure = (stack: string) => {
    const outcome = outcomes.get(stack);
    if (outcome === undefined || outcome.ok) throw new Error(`${stack} did not fail`);
    return { reason: outcome.reason, text: outcome.messages.join("\n"), diagnostics: outcome.diagnostics };
  };

  it("is told of two resources with one name, and where, instead of waiting for ever", () => {
    const { reason, text } = failure("duplicate");
    expect(reason).toBe("refused");
    expect(text).toMatch(/^duplicate resource urn:pulumi:duplicate::failing::gcp:\S+::twice.*index\.ts:\d+/);
  });

  it.each(["data-source", "data-source-caught"])("is not given an invented answer to a data source (%s)", (stack) => {
    const { reason, text } = failure(stack);
    expect(reason).toBe("refused");
    expect(text).toMatch(/^gcp:organizations\/getProject:getProject .*credentials/);
  });

  it("is not given an invented state of an existing resource", () => {
    expect(failure("get")).toMatchObject({ reason: "refused", text: expect.stringMatching(/^known \[gcp:.*get\(\)/) });
    expect(failure("stack-reference").text).toMatch(/^StackReference "org\/other\/prod" .*no state/);
  });

  it("is told that transforms are not run, instead of seeing resources that they would have changed", () => {
    expect(failure("transforms")).toMatchObject({ reason: "refused", text: expect.stringContaining("transforms") });
  });

  it("is told that a hook for previews is not run; other hooks a preview never runs", () => {
    expect(failure("hook-in-preview").text).toContain('"told" wants to run in previews');
    expect(outcomes.get("hook")?.ok).toBe(true);
  });

  it("shows a user's mistake as its message alone", () => {
    expect(failure("run-error")).toEqual({
      reason: "threw",
      text: "Pulumi.prod.yaml cannot be deployed: 1 problem",
      diagnostics: [{ severity: "error", message: "Pulumi.prod.yaml cannot be deployed: 1 problem" }],
    });
  });

  it("shows an error's message, and keeps its stack apart for whoever looks for it", () => {
    const { reason, text, diagnostics } = failure("error");
    expect(reason).toBe("threw");
    expect(text).toContain("Error: the calendar has no such day");
    expect(text).not.toMatch(/^\s+at |\[\d+m/m);
    expect(diagnostics[0]?.stack).toContain("fixtures/failing/index.ts");
  });

  it("shows every finding of an argument check", () => {
    expect(failure("input-error").text).toContain("the worker cannot be declared");
  });

  it.each([
    ["rejection", "nobody was listening"],
    ["logged", "the image is not pinned"],
  ])("fails by what went wrong beside it (%s)", (stack, message) => {
    expect(failure(stack)).toMatchObject({ reason: "threw", text: expect.stringContaining(message) });
  });

  it("reports the exit code and last words of one that just ended", () => {
    expect(failure("exit")).toMatchObject({
      reason: "crashed",
      text: "the program ended with exit code 3: out of disk",
    });
  });

  it("is not taken for one that declares little when it ends too early", () => {
    expect(failure("exit-early").text).toMatch(/exited before .*"made" \[gcp:/s);
    expect(failure("unsettled")).toMatchObject({ reason: "incomplete", text: expect.stringContaining("deleted ones") });
  });
});

describe("a program that hangs", () => {
  /** Over, even if nobody has collected it yet. */
  const gone = (pid: number): boolean => {
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : ") Z";
    return /\) [ZX]/.test(stat);
  };

  it("is ended at its time limit with everything it has started", async () => {
    let started = 0;
    for (const timeoutMs of [5_000, 60_000]) {
      const outcome = await previewProgram({ projectDir: fixture("failing"), stack: "hangs", timeoutMs });
      expect(outcome).toMatchObject({ ok: false, reason: "timeout" });
      started = Number(outcome.output.stdout);
      if (started > 0) break; // on a busy machine it may not have come so far
    }
    expect(started).toBeGreaterThan(0);
    await expect.poll(() => gone(started)).toBe(true);
  }, 90_000);

  it("is ended with us when somebody interrupts the preview", async () => {
    const { pid = 0, ...child } = startWaiting();
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    process.kill(pid, "SIGTERM");
    const [, signal] = (await once(child.process, "exit")) as [number | null, string | null];
    expect(signal).toBe("SIGTERM");
    const left: readonly number[] = JSON.parse(line.toString());
    expect(left).toHaveLength(2);
    await expect.poll(() => left.every(gone)).toBe(true);
  }, 90_000);

  /** A preview in a process of its own, which prints the ids of the program and of what that has started. */
  function startWaiting() {
    const script = `
      import { previewProgram } from ${JSON.stringify(resolve(import.meta.dirname, "../../preview/program.ts"))};
      import { readFileSync } from "node:fs";
      previewProgram({ projectDir: ${JSON.stringify(fixture("failing"))}, stack: "hangs" });
      const childOf = (pid) => pid && readFileSync("/proc/" + pid + "/task/" + pid + "/children", "utf8").trim();
      const timer = setInterval(() => {
        const program = childOf(process.pid);
        const started = childOf(program);
        if (!started) return; // the program is not yet where it hangs
        clearInterval(timer);
        console.log(JSON.stringify([program, started].map(Number)));
      }, 50);`;
    const started = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    return { pid: started.pid, stdout: started.stdout, process: started };
  }
});

describe("the SDK", () => {
  const run = async (stock: boolean): Promise<number> => {
    const projectDir = fixture("clinic");
    const monitor = bareMonitor();
    const { ending } = await launch({
      projectDir,
      settings: await readStack(projectDir, "dev"),
      services: monitor.services,
      timeoutMs: 30_000,
      endEarly: new Promise(() => {}),
      stock,
    });
    expect(ending).toEqual({ how: "exited", code: 0 });
    return monitor.logged;
  };

  it("still has the debug messages that are left out, or previews take three times as long after an update", async () => {
    expect(await run(true)).toBeGreaterThan(20);
    expect(await run(false)).toBe(0);
  }, 60_000);
});
