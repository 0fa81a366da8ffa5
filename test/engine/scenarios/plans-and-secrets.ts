/** Saved plans, secrets that were there before, and keys that nobody may read. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { CHANNEL, JOB, SECRET } from "../../support/cloud/names.ts";
import { addVersion, createSecret, versionsOf } from "../../support/cloud/people.ts";
import type { World } from "../../support/engine/world.ts";
import { changed, expectUnchanged } from "../expect.ts";
import { type Scenario, withoutImages, workersOf } from "../stage.ts";
import { imported } from "./troubles.ts";

const worker = "dental-agent-worker";

async function withMemory(world: World, memory: string): Promise<void> {
  const config = await world.configuration();
  const workers = { [worker]: { ...workersOf(config)[worker], memory } };
  await world.configure({ ...config, "agent-worker:workers": workers });
}

const memoryOf = (world: World) => /"memory":"(\w+)"/.exec(JSON.stringify(world.cloud.ofType(JOB)[0]?.attributes))?.[1];

const plan: Scenario = {
  name: "a saved plan is applied as it was reviewed, and refused once the program says something else",
  play: async (stage) => {
    const world = await stage.deployed("staging");
    await withMemory(world, "2Gi");
    await world.run("preview", "--save-plan", "reviewed.json");
    expect(changed(await world.run("up", "--yes", "--plan", "reviewed.json"))).toEqual([`update ${worker}-job`]);
    expect(memoryOf(world)).toBe("2Gi");

    await withMemory(world, "4Gi");
    await world.run("preview", "--save-plan", "reviewed.json");
    await withMemory(world, "8Gi");
    const refused = await world.pulumi("up", "--yes", "--plan", "reviewed.json");
    expect(refused.code).not.toBe(0);
    expect(refused.errors.join() + refused.stdout).toMatch(/plan/);
    expect(memoryOf(world)).toBe("2Gi");
  },
};

const existing: Scenario = {
  name: "a secret that was there before is imported with its versions, not made anew",
  play: async (stage) => {
    const world = await stage.empty("staging");
    const config = await world.configuration();
    const project = String(config["gcp:project"]);
    const secret = createSecret(world.cloud, project, "livekit-url");
    await world.configure(withoutImages(config));
    const taken = await world.pulumi("up", "--yes", "--skip-preview");
    expect(taken.errors.join()).toMatch(/409: .*livekit-url already exists/);
    addVersion(world.cloud, secret);
    await imported(world, SECRET, "secrets-livekit-url", secret);
    await world.run("up", "--yes", "--skip-preview");
    expect(versionsOf(world.cloud, secret)).toEqual(["1"]);
    expect(world.cloud.object(SECRET, secret)?.attributes.labels).toMatchObject({ owner: "voice-platform" });
    expectUnchanged(await world.run("up", "--yes", "--skip-preview"));
  },
};

const encryptedKey: Scenario = {
  name: "a channel's key, encrypted in the stack's file, reaches Google and is readable nowhere else",
  play: async (stage) => {
    const world = await stage.deployed("staging");
    const key = "0123456789abcdef0123456789abcdef";
    const path = "agent-worker:alerts.channels.team.pagerduty.serviceKey";
    await world.run("config", "set", "--path", "--secret", path, key);
    const preview = await world.run("preview", "--diff", "--save-plan", "plan.json");
    const up = await world.run("up", "--yes", "--plan", "plan.json");
    expect(changed(up).filter((change) => change.startsWith("create"))).toEqual([
      expect.stringMatching(/^create alerts-.*\.team$/),
      expect.stringMatching(/^create alerts-.*\.team$/),
    ]);
    const keys = world.cloud.ofType(CHANNEL).map(({ attributes }) => attributes.sensitiveLabels);
    expect(keys).toContainEqual({ serviceKey: key });
    const written = await Promise.all(
      ["Pulumi.staging.yaml", "plan.json"].map((file) => readFile(join(world.directory, file), "utf8")),
    );
    const readable = [await world.state(), ...written, preview.stdout, preview.stderr, up.stdout, up.stderr].join("\n");
    expect(readable).not.toContain(key);
    expect((await stat(join(world.directory, "plan.json"))).size).toBeGreaterThan(10_000);
  },
};

const encryptedEnv: Scenario = {
  name: "a value that was encrypted is never deployed as a plain variable",
  play: async (stage) => {
    const world = await stage.deployed("staging");
    expectUnchanged(await world.run("preview")); // what is refused below asks no provider
    const path = `agent-worker:workers.${worker}.env.GREETING`;
    await world.run("config", "set", "--path", "--secret", path, "not-for-everybody");
    const refused = await world.pulumi("up", "--yes", "--skip-preview");
    expect(refused.code).not.toBe(0);
    expect(refused.errors.join()).toMatch(/workers +holds an encrypted value/);
    expect(refused.errors.join() + refused.stdout).not.toContain("not-for-everybody");
    expect(world.cloud.calls).toEqual([]);
  },
};

export const plansAndSecrets: readonly Scenario[] = [plan, existing, encryptedKey, encryptedEnv];
