/** Our preview shows what `pulumi preview` registers on an empty state: one program and SDK, one stack, two engines. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPulumi } from "../../scripts/pulumi-cli/find.ts";
import { SimulatedCloud } from "../support/cloud/cloud.ts";
import { ACCOUNT } from "../support/cloud/names.ts";
import { refusals } from "../support/cloud/refusals.ts";
import { resourceTypes } from "../support/cloud/types.ts";
import { World } from "../support/engine/world.ts";
import { declared, repository } from "../support/stack-previews.ts";
import { tier } from "../support/tier.ts";
import { shapes, unusedSettings } from "./conformance/coverage.ts";
import { compared, encryptedKeys, useFile } from "./conformance/engine.ts";
import { type ChannelKeys, generatedStack } from "./conformance/generated/stack.ts";

const cli = findPulumi();
const seeds = Array.from({ length: 15 }, (_, place) => place + 1);

tier("our preview beside the real engine", cli.missing, () => {
  const worlds: World[] = [];

  async function newWorld(stack: string, program = "index.ts"): Promise<World> {
    // What is asked for matters here, not what a cloud would refuse.
    const cloud = new SimulatedCloud({ off: Object.keys(refusals) });
    const world = await World.create({ pulumi: cli.missing === undefined ? cli.path : "", stack, program, cloud });
    worlds.push(world);
    await world.run("stack", "init", stack);
    return world;
  }

  afterAll(() => Promise.all(worlds.map((world) => world.close())));

  it.each(["staging", "prod"])("shows the shipped stack %s as the engine does", async (stack) => {
    const world = await newWorld(stack);
    await useFile(world, stack, `Pulumi.${stack}.yaml`);
    expect((await compared(world, stack)).found).toBe("");
  });

  it("shows options, aliases, providers and values that our own program does not use as the engine does", async () => {
    const world = await newWorld("options", "test/engine/conformance/every-option.ts");
    await useFile(world, "options", "test/engine/conformance/every-option.yaml");
    const id = "projects/clinic-project/serviceAccounts/taken-over@clinic-project.iam.gserviceaccount.com";
    world.cloud.put(ACCOUNT, id, { type: ACCOUNT, attributes: { project: "clinic-project", accountId: "taken-over" } });
    expect((await compared(world, "options")).found).toBe("");
  });

  it("names every name by which the engine finds what has moved, or a comparison would take it for lost", async () => {
    const world = await newWorld("moved", "test/program/fixtures/moved/index.ts");
    await world.run("up", "--yes", "--skip-preview");
    await world.configure({ "agent-worker:moved": true });
    const { outcome, registered } = await compared(world, "moved");
    const aliases = new Map(declared(outcome).resources.map((resource) => [resource.urn, resource.aliases]));
    const former = Object.entries(registered.foundAs);
    expect(former.length).toBeGreaterThan(10);
    expect(former.filter(([urn, alias]) => !aliases.get(urn)?.includes(alias))).toEqual([]);
  });

  describe("stacks by chance", () => {
    let origin: World;
    let keys: ChannelKeys;
    const made = new Map<number, ReturnType<typeof compared>>();

    beforeAll(async () => {
      origin = await newWorld("generated");
      keys = await encryptedKeys(origin);
    });

    async function comparedBy(seed: number) {
      const world = await origin.fork();
      worlds.push(world);
      await world.configure(generatedStack(seed, keys));
      return compared(world, "generated", keys);
    }

    function ofSeed(seed: number): ReturnType<typeof compared> {
      const comparison = made.get(seed) ?? comparedBy(seed);
      made.set(seed, comparison);
      return comparison;
    }

    it.each(seeds)("shows the one of seed %i as the engine does", async (seed) => {
      expect((await ofSeed(seed)).found).toBe("");
    });

    it("are the same for the same seed, or a difference could not be looked at again", () => {
      const stacks = () => seeds.map((seed) => generatedStack(seed, keys));
      expect(stacks()).toEqual(stacks());
      expect(new Set(stacks().map((stack) => JSON.stringify(stack))).size).toBe(seeds.length);
    });

    it("use every setting that docs/settings.md lists, and each switch both ways", () => {
      const page = readFileSync(join(repository, "docs/settings.md"), "utf8");
      const stacks = seeds.map((seed) => generatedStack(seed, keys));
      expect(unusedSettings(page, stacks)).toEqual([]);
    });

    it.each(Object.entries(shapes))("include %s", (_, isOne) => {
      expect(seeds.some((seed) => isOne(generatedStack(seed, keys)))).toBe(true);
    });

    it("declare every type of resource, and every component", async () => {
      const types = new Set<string>();
      for (const seed of seeds)
        for (const { type } of declared((await ofSeed(seed)).outcome).resources) types.add(type);
      const sources = globSync("components/*.ts", { cwd: repository });
      const components = sources.flatMap(
        (file) => /super\("(agent-worker:[^"]+)"/.exec(readFileSync(join(repository, file), "utf8"))?.[1] ?? [],
      );
      expect([...Object.keys(resourceTypes), ...components].filter((type) => !types.has(type))).toEqual([]);
    });
  });
});
