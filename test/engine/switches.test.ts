/**
 * The scenarios themselves, tried: none passes on a program that declares nothing, or on providers that do not answer,
 * and each habit of the simulated cloud is one that some scenario notices.
 */
import { afterAll, describe, expect, it } from "vitest";
import { findPulumi } from "../../scripts/pulumi-cli/find.ts";
import { switches } from "../support/cloud/provider.ts";
import { tier } from "../support/tier.ts";
import { replacedBy } from "./scenarios/identities.ts";
import { scenarios } from "./scenarios/scenarios.ts";
import { closeDeployments, Stage, type StageOptions } from "./stage.ts";
import { identities, noticedBy } from "./switches.ts";

const cli = findPulumi();
const unasked = "it takes ten minutes: TIERS=all runs it";

it("each habit of the simulated cloud has a scenario that needs it", () => {
  expect(Object.keys(noticedBy).sort()).toEqual([...switches()].sort());
  const names = new Set(scenarios.map(({ name }) => name));
  expect(Object.values(noticedBy).filter((name) => !names.has(name))).toEqual([]);
});

tier("real engine, spoilt on purpose", cli.missing ?? (process.env.TIERS === "all" ? undefined : unasked), () => {
  if (cli.missing !== undefined) return;
  const { path: pulumi } = cli;
  afterAll(closeDeployments);

  const fails = async (name: string, options: Omit<StageOptions, "pulumi">) => {
    const scenario = scenarios.find((each) => each.name === name);
    if (scenario === undefined) throw new Error(`there is no scenario "${name}"`);
    const stage = new Stage({ pulumi, ...options });
    try {
      await expect(scenario.play(stage)).rejects.toThrow();
    } finally {
      await stage.close();
    }
  };

  describe("without a program that declares something", () => {
    for (const { name } of scenarios) it.concurrent(`it fails that ${name}`, () => fails(name, { without: "program" }));
  });

  describe("without providers that answer", () => {
    for (const { name } of scenarios)
      it.concurrent(`it fails that ${name}`, () => fails(name, { without: "providers" }));
  });

  it.concurrent("without what replaces things, not one of them is replaced", async () => {
    const stage = new Stage({ pulumi, off: identities });
    try {
      expect(await replacedBy(stage)).toEqual([]);
    } finally {
      await stage.close();
    }
  });

  for (const [habit, name] of Object.entries(noticedBy)) {
    if (identities.includes(habit)) continue; // all at once, above
    it.concurrent(`without "${habit}" it fails that ${name}`, () => fails(name, { off: [habit] }));
  }
});
