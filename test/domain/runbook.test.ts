import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { planStack } from "../../domain/plan.ts";
import { formatOperations, nextSteps, type Operation, runbook } from "../../domain/runbook.ts";
import type { SettingsInput } from "../../domain/settings/settings.ts";
import { word } from "../../domain/shell.ts";
import { rounds, worker } from "../support/clinic.ts";

const { environment: _environment, project: _project, region: _region, ...roundsInput } = rounds();

function plan(changes: Partial<SettingsInput> = {}) {
  return planStack({
    "gcp:project": "clinic-project",
    "gcp:region": "us-central1",
    environment: "prod",
    images: { repository: "agents" },
    workers: { dental: worker({ secrets: { KEY: { secret: "livekit-key", version: "1" } } }) },
    rounds: roundsInput,
    ...changes,
  });
}

function command(operations: readonly Operation[], operation: string): string {
  const found = operations.find((one) => one.operation === operation);
  if (found === undefined)
    throw new Error(`no "${operation}" among: ${operations.map((one) => one.operation).join(", ")}`);
  return found.command;
}

/** What a shell makes of a command: the words that the called program gets. */
function words(line: string, env: Record<string, string> = {}): string[] {
  const printed = line.replace(/^(gcloud|pulumi|docker) /, "show ").replaceAll("do gcloud ", "do show ");
  const script = `show() { printf '%s\\0' "$@"; }; ${printed}`;
  return execFileSync("sh", ["-c", script], {
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
    stdio: "pipe",
  })
    .split("\0")
    .slice(0, -1);
}

describe("the runbook", () => {
  const operations = runbook(plan(), "prod");

  it.each([
    ["start now", "run jobs execute dental --project=clinic-project --region=us-central1"],
    [
      "start outside office hours",
      "run jobs execute dental --project=clinic-project --region=us-central1 --update-env-vars=AGENT_RUN_FOR=2h",
    ],
    ["list executions", "run jobs executions list --job=dental --project=clinic-project --region=us-central1"],
    [
      "force the weekday start",
      "scheduler jobs run dental-start-weekday --project=clinic-project --location=us-central1",
    ],
    [
      "pause the morning round",
      "scheduler jobs pause careflow-morning-rounds --project=clinic-project --location=us-central1",
    ],
    [
      "resume the morning round",
      "scheduler jobs resume careflow-morning-rounds --project=clinic-project --location=us-central1",
    ],
    [
      "check the rounds' account",
      "iam service-accounts describe careflow-scheduler@clinic-project.iam.gserviceaccount.com --project=clinic-project",
    ],
    [
      "check who may call the agent",
      "run services get-iam-policy careflow-agent --project=clinic-project --region=us-central1",
    ],
    ["change the image", "up --stack=prod --policy-pack=policies"],
  ])("%s", (operation, line) => {
    expect(words(command(operations, operation)).join(" ")).toBe(line);
  });

  it("cancels nothing when the execution was not named: the shell stops with what to do", () => {
    const line = command(operations, "cancel an execution");
    expect(() => words(line)).toThrow(/EXECUTION: set it to a name from the list of executions/);
    expect(words(line, { EXECUTION: "dental-abc12" }).slice(0, 5)).toEqual([
      "run",
      "jobs",
      "executions",
      "cancel",
      "dental-abc12",
    ]);
  });

  it("reads the log of one execution by its label: gcloud has no command for it", () => {
    const [, , filter] = words(command(operations, "logs of an execution"), { EXECUTION: "dental-abc12" });
    expect(filter).toBe(
      'resource.type="cloud_run_job" AND resource.labels.job_name="dental" AND labels."run.googleapis.com/execution_name"="dental-abc12"',
    );
    expect(formatOperations(operations)).not.toContain("executions logs");
  });

  it("pauses every round at once, for maintenance", () => {
    const two = plan({ rounds: { ...roundsInput, daily: { morning: "08:15", noon: "12:15" } } });
    const paused = words(command(runbook(two, "prod"), "pause all rounds")).filter((word) =>
      word.startsWith("careflow"),
    );
    expect(paused).toEqual(["careflow-morning-rounds", "careflow-noon-rounds"]);
  });

  it("warns that a pause by hand ends with the next deployment where the settings declare one", () => {
    const declared = plan({ rounds: { ...roundsInput, paused: false } });
    const why = (stack: typeof declared) =>
      runbook(stack, "prod").find(({ operation }) => operation === "pause the morning round")?.why;
    expect(why(declared)).toContain("paused: false");
    expect(why(plan())).toBe("Stays so through deployments.");
  });

  it("promises nothing of the runtime to a worker that runs without it", () => {
    const bare = plan({ workers: { dental: worker({ supervise: false, command: undefined }) } });
    expect(formatOperations(runbook(bare, "prod"))).not.toContain("AGENT_RUN_FOR");
  });

  it("is a text of which a shell takes every line", () => {
    const text = formatOperations(operations);
    expect(() => execFileSync("sh", ["-n", "-c", text], { stdio: "pipe" })).not.toThrow();
    for (const line of text.split("\n")) expect(line).toMatch(/^(# .*|gcloud .*|pulumi .*|for .* done|)$/);
  });

  describe("of several workers", () => {
    const workers = (count: number) =>
      plan({ workers: Object.fromEntries(Array.from({ length: count }, (_, index) => [`clinic-${index}`, worker()])) });
    const several = runbook(workers(3), "prod");

    it("has each operation once, and not once for each worker: nobody finds anything in a hundred pages", () => {
      expect(runbook(workers(40), "prod")).toHaveLength(several.length);
    });

    it("stops with what to set, when no worker was chosen", () => {
      expect(() => words(command(several, "cancel an execution"), { EXECUTION: "e" })).not.toThrow();
      expect(() => words(command(several, "start now"))).toThrow(/set it to the name of a worker/);
      expect(() => words(command(several, "force the start"))).toThrow(/set it to the name of a start/);
    });

    it("takes the chosen worker and start", () => {
      expect(words(command(several, "start now"), { JOB: "clinic-2" })).toContain("clinic-2");
      expect(words(command(several, "logs of the last day"), { JOB: "clinic-2" })).toContain(
        'resource.type="cloud_run_job" AND resource.labels.job_name="clinic-2"',
      );
      expect(words(command(several, "pause the start"), { START: "clinic-2-start-weekday" })).toContain(
        "clinic-2-start-weekday",
      );
    });

    it("names all that can be chosen", () => {
      expect(command(several, "choose a worker")).toBe("JOB=clinic-0 # or clinic-1, clinic-2");
      expect(command(several, "choose a start")).toMatch(/^START=clinic-0-start-weekday # or clinic-1-start-weekday, /);
    });
  });

  it("says nothing of a worker that is only prepared: its commands would all fail", () => {
    const prepared = plan({ workers: { dental: worker({ image: undefined }) }, rounds: undefined });
    expect(runbook(prepared, "prod")).toEqual([]);
  });
});

describe("next steps", () => {
  const secrets = {
    DECLARED: { secret: "declared", version: "1" },
    MADE: { secret: "made", generate: { rotations: ["one"] } },
    THEIRS: { secret: "theirs", version: "1", existing: true },
  };
  const steps = nextSteps(plan({ workers: { dental: worker({ image: undefined, secrets }) } }), "prod");

  it("ask for versions of those secrets alone that people fill", () => {
    const versions = steps.filter(({ command }) => command.includes("versions add"));
    expect(versions.map(({ operation }) => operation)).toEqual(["add the first version of declared"]);
  });

  it("never put a secret's value on the command line, where others see it", () => {
    expect(command(steps, "add the first version of declared")).toContain("--data-file=-");
  });

  it("push no image without its version", () => {
    expect(() => words(command(steps, "push the image"))).toThrow(/VERSION: set it/);
    expect(words(command(steps, "push the image"), { VERSION: "v2" })).toEqual([
      "push",
      "us-central1-docker.pkg.dev/clinic-project/agents/dental:v2",
    ]);
  });
});

describe("a shell's word", () => {
  it.each([
    "plain",
    "two words",
    "it's",
    '"quoted"',
    "$HOME",
    "`id`",
    "a;b",
    "back\\slash",
    "new\nline",
    "",
    "*",
    "~",
    "!x",
  ])("%j arrives as it is", (text) => {
    expect(words(`show ${word(text)}`)).toEqual([text]);
  });
});
