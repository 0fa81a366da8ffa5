/** The workflows' own scripts, with stand-ins for `pulumi`, `gcloud` and `gh` on the PATH. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stackOutputs } from "../../domain/outputs.ts";
import { planStack } from "../../domain/plan.ts";
import { configurationOf } from "../../domain/settings/configuration.ts";
import { readStack } from "../../preview/stack/stack-files.ts";
import { repository } from "../support/stack-previews.ts";
import { bash, standIns } from "../support/stand-ins.ts";
import { job, workflow } from "./workflow-files.ts";

function step(jobName: string, name: string): string {
  const found = job("stack", jobName).steps?.find((step) => step.name === name);
  if (found?.run === undefined) throw new Error(`${jobName} has no script "${name}"`);
  return found.run;
}

test("the scripts run in a shell that notices what fails inside a pipe", () => {
  expect(workflow("stack").defaults?.run?.shell).toBe("bash");
});

describe("an environment that nobody guards", () => {
  const check = step("plan", "Refuse an environment that asks nobody");

  test.each([
    ["reviewers", "echo branch_policy; echo required_reviewers", 0],
    ["a rule on branches alone", "echo branch_policy", 1],
    ["no rule", "true", 1],
    ["no answer", "exit 1", 1],
  ])("with %s", (_, gh, status) => {
    expect(bash(check, standIns({ gh })).status).toBe(status);
  });

  test("is refused with the reason", () => {
    expect(bash(check, standIns({ gh: "echo wait_timer" })).said).toContain(
      "::error::The environment prod has no required reviewers",
    );
  });
});

describe("a plan", () => {
  function noted(pulumi: string) {
    const directory = standIns({ pulumi });
    const output = join(directory, "output");
    writeFileSync(output, "");
    const { status } = bash(step("plan", "Note the state that the plan is for"), directory, { GITHUB_OUTPUT: output });
    return { status, state: /^digest=(\w{64})$/m.exec(readFileSync(output, "utf8"))?.[1] ?? "" };
  }
  const check = (pulumi: string, planned: string) =>
    bash(step("deploy", "Refuse a plan for a state that is gone"), standIns({ pulumi }), { PLANNED: planned });

  test("for the state that is there is applied", () => {
    const { state } = noted("echo first");
    expect(state).toHaveLength(64);
    expect(check("echo first", state)).toEqual({ status: 0, said: "" });
  });

  test("does not take a stack back from a newer deployment", () => {
    const { status, said } = check("echo second", noted("echo first").state);
    expect(status).toBe(1);
    expect(said).toContain("::error::The stack prod was deployed since this plan was made.");
  });

  test("is not made for, nor applied to, a state that cannot be read", () => {
    expect(noted("exit 1")).toEqual({ status: 1, state: "" });
    expect(check("exit 1", noted("true").state).status).toBe(1);
  });

  test("that failed is not shown for approval", () => {
    const summary = join(standIns({}), "summary");
    writeFileSync(summary, "");
    const plan = (pulumi: string) =>
      bash(`cd "$(mktemp -d)"; ${step("plan", "Plan")}`, standIns({ pulumi }), { GITHUB_STEP_SUMMARY: summary });
    expect(plan("echo half; exit 255").status).toBe(255);
    expect(readFileSync(summary, "utf8")).toBe("");
    expect(plan("echo whole").status).toBe(0);
    expect(readFileSync(summary, "utf8")).toContain("whole");
  });
});

describe("after a deployment", async () => {
  const check = `node scripts/jobs-are-ready.ts prod`;
  const { config, project } = await readStack(repository, "prod");
  const plan = planStack(configurationOf(config, project.name));
  const outputs = (planned: typeof plan) => `cat <<'END'\n${JSON.stringify(stackOutputs(planned, "prod"))}\nEND`;
  const answer = (condition: object) =>
    `echo "$@" >&2; echo '${JSON.stringify({ status: { conditions: [condition] } })}'`;

  test("a Job that is ready is right", () => {
    const directory = standIns({ pulumi: outputs(plan), gcloud: answer({ type: "Ready", status: "True" }) });
    const { status, said } = bash(check, directory);
    expect(said).toContain("run jobs describe dental-agent-worker --project=ortho-ai-485203 --region=us-central1");
    expect(said).toContain("dental-agent-worker is ready");
    expect(status).toBe(0);
  });

  test.each([
    ["whose creation failed", { type: "Ready", status: "False", message: "Image not found." }, "Image not found."],
    ["that is not ready yet", { type: "Ready", status: "Unknown" }, "Ready is Unknown"],
    ["that Cloud Run says nothing of", { type: "Routed", status: "True" }, "Cloud Run tells nothing of it"],
  ])("a Job %s ends in red, whatever the state says", (_, condition, reason) => {
    const { status, said } = bash(check, standIns({ pulumi: outputs(plan), gcloud: answer(condition) }));
    expect(said).toContain(
      `::error::dental-agent-worker in ortho-ai-485203 is not ready, no shift can start: ${reason}`,
    );
    expect(status).toBe(1);
  });

  test.each([
    [
      "a Job that is not there",
      { pulumi: outputs(plan), gcloud: "echo 'Cannot find job' >&2; exit 1" },
      "Cannot find job",
    ],
    ["a stack that is not there", { pulumi: "echo 'no stack named' >&2; exit 255" }, "no stack named"],
  ])("%s ends in red, with the reason and without a trace", (_, commands, reason) => {
    const { status, said } = bash(check, standIns(commands));
    expect(said).toContain(reason);
    expect(said).not.toMatch(/^ +at /m);
    expect(status).toBe(1);
  });

  test("a worker that is only prepared, and a stack of rounds alone, have no Job to ask for", () => {
    const prepared = structuredClone(plan.input) as { workers?: Record<string, { image?: string }> };
    for (const worker of Object.values(prepared.workers ?? {})) delete worker.image;
    const rounds = structuredClone(plan.input) as { workers?: unknown };
    delete rounds.workers;
    for (const input of [prepared, rounds]) {
      const directory = standIns({ pulumi: outputs(planStack(input)), gcloud: "exit 1" });
      expect(bash(check, directory)).toEqual({ status: 0, said: "prod has no Job yet\n" });
    }
  });
});
