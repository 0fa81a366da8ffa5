/** The pages as somebody follows them: each block is typed into a shell, in order, as it stands there. */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findPulumi } from "../../scripts/pulumi-cli/find.ts";
import { SimulatedCloud } from "../support/cloud/cloud.ts";
import { docker, gcloud } from "../support/cloud/gcloud.ts";
import { ACCOUNT, JOB, SCHEDULER_JOB, SECRET } from "../support/cloud/names.ts";
import { addVersion, createSecret, versionsOf } from "../support/cloud/people.ts";
import { Terminal } from "../support/engine/terminal.ts";
import { World } from "../support/engine/world.ts";
import { repository } from "../support/stack-previews.ts";
import { tier } from "../support/tier.ts";

const cli = findPulumi();

tier("real engine, the deployment page", cli.missing, () => {
  if (cli.missing !== undefined) return;

  it("docs/deployment.md leads from an empty project to a stack that works, with no command that it does not have", async () => {
    const page = await readFile(join(repository, "docs/deployment.md"), "utf8");
    const { world, file, cloud, shell } = await staging(cli.path);
    const type = (block: string | undefined, answer?: string) => shell.type(here(world, block ?? ""), answer);
    try {
      await type(blocks(page, "Once: a place for the state, and a key for its secrets")[0]);
      await type(blocks(page, "Once per environment")[0]);

      const [prepare, push, addVersion = "", deploy, check] = blocks(page, "The first deployment");
      await withoutImage(file);
      await type(prepare);
      expect(cloud.ofType(JOB)).toEqual([]);
      expect(cloud.ofType(ACCOUNT).length).toBeGreaterThan(1);
      expect(await type("pulumi stack output next --stack=staging")).toContain(addVersion.trim());

      await type(push);
      for (const { id } of cloud.ofType(SECRET)) {
        await type(addVersion.replace("livekit-url", id.split("/").at(-1) ?? ""), "a-value-that-nobody-sees");
      }
      cloud.minutesPass();
      const tag = [...cloud.images].find((image) => image.includes("dental-agent-worker:"));
      await writeFile(file, (await readFile(file, "utf8")).replace(/# image: .*/, `image: ${tag}`));
      await type(deploy);
      expect(await type(check)).toMatch(/status: 'True'\n +type: Ready/);
      expect(cloud.ofType(SCHEDULER_JOB).map(({ id }) => id.split("/").at(-1))).toContain("dental-agent-start-weekday");

      const [, lookAgain] = blocks(page, "When an `up` does not finish");
      await type(lookAgain);
      expect(JSON.stringify(cloud.ofType(JOB)[0]?.attributes.labels)).toContain('"redeployed":"2026-11-22"');
    } finally {
      shell.close();
      await world.close();
    }
  });

  it("README.md's short way deploys what the first step of the long one does", async () => {
    const readme = await readFile(join(repository, "README.md"), "utf8");
    const { world, file, cloud, shell } = await staging(cli.path);
    try {
      await withoutImage(file);
      const printed = await shell.type(here(world, blocks(readme, "Deploy")[0] ?? ""));
      expect(printed).toMatch(/\+ \d+ created/);
      expect(cloud.ofType(SECRET).length).toBeGreaterThan(5);
      expect(cloud.ofType(JOB)).toEqual([]);
    } finally {
      shell.close();
      await world.close();
    }
  });

  it("docs/deployment.md takes in a secret that was there before the stack, and then nothing stands in the way", async () => {
    const page = await readFile(join(repository, "docs/deployment.md"), "utf8");
    const { world, file, cloud, shell } = await staging(cli.path);
    const secret = createSecret(cloud, "ortho-ai-staging-485203", "livekit-url");
    addVersion(cloud, secret);
    try {
      await withoutImage(file);
      await shell.type(here(world, blocks(page, "Once per environment")[0] ?? ""));
      const refused = await world.pulumi("up", "--yes", "--skip-preview");
      expect(refused.errors.join()).toContain("livekit-url already exists");
      const [takeIn = ""] = blocks(page, "When an `up` does not finish");
      await shell.type(takeIn);
      await shell.type("pulumi up --stack=staging");
      expect(versionsOf(cloud, secret)).toEqual(["1"]);
    } finally {
      shell.close();
      await world.close();
    }
  });
});

/** A project with the shipped staging stack, an empty cloud in which the Pulse Agent is deployed, and a shell. */
async function staging(pulumi: string) {
  const cloud = new SimulatedCloud({ slowGrants: true });
  cloud.services.add("careflow-staging-12345/us-central1/careflow-agent");
  const world = await World.create({ pulumi, stack: "staging", cloud });
  const file = join(world.directory, "Pulumi.staging.yaml");
  await cp(join(repository, "Pulumi.staging.yaml"), file);
  const shell = await Terminal.open(world, { gcloud: gcloud(cloud), docker: docker(cloud), npm: () => "" });
  return { cloud, world, file, shell };
}

/** "Take the line `image:` out of the stack file (or comment it)." */
async function withoutImage(file: string): Promise<void> {
  await writeFile(file, (await readFile(file, "utf8")).replace(/^( +)image:/m, "$1# image:"));
}

/** The bash blocks of a section, in order. */
function blocks(page: string, title: string): readonly string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`the page has no section "${title}"`);
  return [...section.matchAll(/^( *)```bash\n(.*?)^ *```/gms)].map(([, indent = "", text = ""]) =>
    text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}

/** The two things of the page that only Google has: a bucket for the state, and a key that never leaves it. */
function here(world: World, block: string): string {
  return block
    .replace(/gs:\/\/(\$PROJECT-pulumi|YOUR-STATE-BUCKET)$/m, (bucket) =>
      block.includes("pulumi login") ? `file://${world.directory}/home` : bucket,
    )
    .replace(/--secrets-provider=gcpkms:\S+/, "--secrets-provider=passphrase");
}
