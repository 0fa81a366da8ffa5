import { afterAll, it } from "vitest";
import { findPulumi } from "../../scripts/pulumi-cli/find.ts";
import { tier } from "../support/tier.ts";
import { changesOfStacks } from "./scenarios/changes.ts";
import { deployment } from "./scenarios/deployment.ts";
import { habits } from "./scenarios/habits.ts";
import { plansAndSecrets } from "./scenarios/plans-and-secrets.ts";
import { troubles } from "./scenarios/troubles.ts";
import { closeDeployments, type Scenario, Stage } from "./stage.ts";

/** A scenario takes 5 to 20 s on two idle cores. */
const MOST_MS = 300_000;

const cli = findPulumi();
const scenarios: readonly Scenario[] = [...deployment, ...changesOfStacks, ...troubles, ...plansAndSecrets, ...habits];

tier("real engine", cli.missing, () => {
  if (cli.missing !== undefined) return;
  afterAll(closeDeployments);
  for (const { name, play } of scenarios) {
    it.concurrent(
      name,
      async () => {
        const stage = new Stage({ pulumi: cli.path });
        try {
          await play(stage);
        } finally {
          await stage.close();
        }
      },
      MOST_MS,
    );
  }
});
