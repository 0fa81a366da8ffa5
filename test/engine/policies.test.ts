/** The policy pack under the real engine: what the preview says of a stack is what stops its `up`. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { planStack } from "../../domain/plan.ts";
import { configurationOf } from "../../domain/settings/configuration.ts";
import { defaultLevel, type PackConfiguration, readConfiguration } from "../../policies/configuration.ts";
import type { PolicyFinding } from "../../policies/finding.ts";
import { pageOf } from "../../policies/pulumi.ts";
import { rules } from "../../policies/rules.ts";
import { previewProgram } from "../../preview/program.ts";
import { isAllowed, type StackReport, stackReport } from "../../preview/report/model.ts";
import { textReport } from "../../preview/report/text.ts";
import { findPulumi } from "../../scripts/pulumi-cli/find.ts";
import { breaks, withIdempotentAgent } from "../policies/breaks.ts";
import type { Result } from "../support/engine/pulumi.ts";
import type { World } from "../support/engine/world.ts";
import { tier } from "../support/tier.ts";
import { type Stack, Stage, shipped } from "./stage.ts";

const cli = findPulumi();
const pack = ["--policy-pack", "policies"];

tier("real engine, the policies", cli.missing, () => {
  if (cli.missing !== undefined) return;
  const stage = new Stage({ pulumi: cli.path });
  let prod: World;

  beforeAll(async () => {
    prod = await stage.empty("prod");
    await prod.useProgram("test/engine/programs/broken.ts");
  }, 60_000);
  afterAll(() => stage.close());

  const levels = Object.fromEntries(rules.map((rule) => [rule.name, defaultLevel(rule, "prod")]));
  const ofLevel = (level: string) => breaks.map(({ rule }) => rule).filter((rule) => levels[rule] === level);

  it.concurrent.each(ofLevel("mandatory"))("%s stops an up before anything is made", async (rule) => {
    const world = await prod.fork();
    try {
      await breakFor(world, rule);
      const up = await world.pulumi("up", "--yes", ...pack);
      expect(up.code).not.toBe(0);
      expect(world.cloud.calls).toEqual([]);
      expect(new Set(up.violations.map((violation) => violation.rule))).toEqual(new Set([rule]));
      const report = await previewed(world, "prod");
      expect(saidBy(up)).toEqual(foundBy(report.policies));
      expect(isAllowed(report)).toBe(false);
      expectTold(report);
    } finally {
      await world.close();
    }
  });

  it.concurrent.each(ofLevel("advisory"))("%s is said, and stops nothing", async (rule) => {
    const world = await prod.fork();
    try {
      await breakFor(world, rule);
      const preview = await world.run("preview", ...pack);
      expect(new Set(preview.violations.map((violation) => violation.rule))).toEqual(new Set([rule]));
      const report = await previewed(world, "prod");
      expect(saidBy(preview)).toEqual(foundBy(report.policies));
      expect(isAllowed(report)).toBe(true);
      expectTold(report);
    } finally {
      await world.close();
    }
  });

  it.each(["staging", "prod"] as const)(
    "of the shipped %s stack the pack says what the preview says, and lets it pass",
    async (stack) => {
      const world = await stage.empty(stack);
      const preview = await world.run("preview", ...pack);
      const { policies: found } = await previewed(world, stack);
      expect(found.map(({ level }) => level)).not.toContain("mandatory");
      expect(saidBy(preview)).toEqual(foundBy(found));
      expect(found.length).toBeGreaterThan(0);
    },
  );

  it("an exception, and a parameter, in the stack's own file mean to the CLI what they mean to the preview", async () => {
    const world = await stage.empty("prod");
    await world.configure({ ...withIdempotentAgent(await shipped("prod")), "agent-worker:protect": false });
    const configuration = {
      "deletion-protection": { enforcementLevel: "advisory", exempt: ["starts-account"] },
      "image-registry": { registries: ["europe-west1-docker.pkg.dev/"] },
      labels: "disabled",
    };
    await writeFile(join(world.directory, "exceptions.json"), JSON.stringify(configuration));
    const preview = await world.pulumi("preview", ...pack, "--policy-pack-config", "exceptions.json");
    const { policies: found } = await previewed(world, "prod", readConfiguration(JSON.stringify(configuration), rules));
    expect(saidBy(preview)).toEqual(foundBy(found));
    expect(new Set(found.map(({ rule, level }) => `${rule} ${level}`))).toEqual(
      new Set(["image-registry mandatory", "deletion-protection advisory"]),
    );
    expect(found.some(({ urn = "" }) => urn.endsWith("::starts-account"))).toBe(false);
    expect(preview.code).not.toBe(0);
  });

  it("a mandatory rule that cannot decide stops an up, as it does the preview", async () => {
    const world = await stage.empty("prod");
    await world.useProgram("test/engine/programs/undecided.ts");
    await world.configure(withIdempotentAgent(await shipped("prod")));
    const up = await world.pulumi("up", "--yes", ...pack);
    const { policies: found } = await previewed(world, "prod");
    expect(found.map(({ rule, level, unknown }) => [rule, level, unknown])).toEqual([
      ["image-pinned", "mandatory", true],
      ["image-registry", "mandatory", true],
    ]);
    expect(saidBy(up)).toEqual(foundBy(found));
    expect(up.code).not.toBe(0);
    expect(world.cloud.calls).toEqual([]);
  });
});

async function breakFor(world: World, rule: string): Promise<void> {
  await world.configure({ ...withIdempotentAgent(await shipped("prod")), "broken:rule": rule });
}

/** What the preview tells, with the very same program and settings. */
async function previewed(world: World, stack: Stack, configuration?: PackConfiguration): Promise<StackReport> {
  const outcome = await previewProgram({ projectDir: world.directory, stack });
  if (!outcome.ok) throw new Error(outcome.messages.join("\n"));
  const { config, project } = outcome.settings;
  return stackReport(outcome.declared, planStack(configurationOf(config, project.name)), Date.now(), configuration);
}

/** Rule, resource and remedy are in what people read. */
function expectTold(report: StackReport): void {
  const text = textReport(report, { width: 10_000, colour: false });
  const section = text.slice(text.indexOf("\nPolicies  "));
  for (const { rule, urn, remedy } of report.policies) {
    expect(section).toContain(rule);
    expect(section).toContain(report.resources.find((resource) => resource.urn === urn)?.label);
    expect(section).toContain(remedy);
  }
}

function foundBy(findings: readonly PolicyFinding[]): readonly string[] {
  return findings
    .map(({ rule, level, urn = "", problem, remedy }) =>
      line(rule, level, urn, `${problem} ${remedy} (${pageOf({ name: rule })})`),
    )
    .sort();
}

function saidBy({ violations }: Result): readonly string[] {
  // The first line is the policy's description.
  return violations
    .map(({ rule, level, urn, message }) => line(rule, level, urn, message.split("\n").slice(1).join("\n")))
    .sort();
}

function line(...parts: readonly string[]): string {
  return parts.join(" | ");
}
