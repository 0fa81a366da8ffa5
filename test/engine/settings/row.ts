/** One setting changed, and what that does to what is deployed. */
import { expect } from "vitest";
import type { SimulatedCloud } from "../../support/cloud/cloud.ts";
import type { World } from "../../support/engine/world.ts";
import { expectUnchanged } from "../expect.ts";
import type { Scenario, Stack } from "../stage.ts";
import { type Change, change, secretsIn } from "./changes.ts";
import { deployedBy } from "./deployed.ts";
import { type Effects, effectsOf, inOrder } from "./effects.ts";
import { dangling, leftovers } from "./leftovers.ts";

interface Changed {
  /** As docs/settings.md names it: `workers.KEY.cpu`. */
  readonly setting: string;
  /** What the change means for whoever depends on it. */
  readonly name: string;
  /** The shipped stack that is changed: staging, unless the setting means something in prod alone. */
  readonly stack?: Stack;
  /** What is deployed first, where the shipped stack does not use the setting. */
  readonly from?: Change;
  readonly change: Change;
  /** An `up` of these alone goes before, where people need something to be there first. */
  readonly first?: readonly string[];
  /** What people do at Google before the change is deployed. */
  readonly people?: (cloud: SimulatedCloud) => void;
}

interface Deployable extends Changed {
  readonly effects: Effects;
  /** What stays at Google though nobody asks for it any more. */
  readonly kept?: readonly string[];
}

interface Refused extends Changed {
  readonly refused: { readonly by: "preview" | "up"; readonly saying: RegExp };
}

export type Row = Deployable | Refused;

export function scenario(row: Row): Scenario {
  return {
    name: `${row.setting}: ${row.name}`,
    play: async (stage) => {
      const world = await stage.deployed(row.stack ?? "staging");
      // What declares nothing is refused where something is protected, too.
      if ("refused" in row) expectUnchanged(await world.run("preview"));
      await prepare(world, row);
      await ("refused" in row ? refused(world, row) : deployed(world, row));
    },
  };
}

const UP = ["up", "--yes", "--skip-preview", "--json"] as const;

/** Everything up to the deployment of the change. */
async function prepare(world: World, row: Row): Promise<void> {
  if (row.from !== undefined) {
    await change(world, row.from);
    await world.run(...UP);
  }
  await change(world, row.change);
  if (row.first !== undefined) await world.run(...UP, ...row.first.map((target) => `--target=**${target}`));
  row.people?.(world.cloud);
}

async function deployed(world: World, row: Deployable): Promise<void> {
  const before = await deployedBy(world);
  const result = await world.run(...UP);
  const after = await deployedBy(world);
  expect(effectsOf(result, before, after)).toEqual(inOrder(row.effects));
  expect(leftovers(before, after)).toEqual(row.kept ?? []);
  expect(dangling(after)).toEqual([]);
  const state = await world.state();
  for (const secret of [row.from ?? {}, row.change].flatMap(secretsIn)) expect(state).not.toContain(secret);
}

async function refused(world: World, { refused: { by, saying } }: Refused): Promise<void> {
  const result = await world.pulumi(...(by === "preview" ? ["preview"] : UP));
  expect(result.code).not.toBe(0);
  expect(result.errors.join("\n")).toMatch(saying);
}
