import { afterAll, it } from "vitest";
import { findPulumi } from "../../scripts/pulumi-cli/find.ts";
import { tier } from "../support/tier.ts";
import { scenarios } from "./scenarios/scenarios.ts";
import { closeDeployments, Stage } from "./stage.ts";

const cli = findPulumi();

tier("real engine", cli.missing, () => {
  if (cli.missing !== undefined) return;
  afterAll(closeDeployments);
  for (const { name, play } of scenarios) {
    it.concurrent(name, async () => {
      const stage = new Stage({ pulumi: cli.path });
      try {
        await play(stage);
      } finally {
        await stage.close();
      }
    });
  }
});
