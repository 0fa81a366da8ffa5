/** docs/deployment.md as somebody follows it: each of its blocks is typed into a shell, in order, as it stands there. */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findPulumi } from "../../scripts/pulumi-cli/find.ts";
import { SimulatedCloud } from "../support/cloud/cloud.ts";
import { docker, gcloud } from "../support/cloud/gcloud.ts";
import { ACCOUNT, JOB, SCHEDULER_JOB, SECRET } from "../support/cloud/names.ts";
import { Terminal } from "../support/engine/terminal.ts";
import { World } from "../support/engine/world.ts";
import { repository } from "../support/stack-previews.ts";
import { tier } from "../support/tier.ts";

const cli = findPulumi();

tier("real engine, the deployment page", cli.missing, () => {
  if (cli.missing !== undefined) return;

  it("leads from an empty project to a stack that works, with no command that the page does not have", async () => {
    const page = await readFile(join(repository, "docs/deployment.md"), "utf8");
    const cloud = new SimulatedCloud({ slowGrants: true });
    cloud.services.add("careflow-staging-12345/us-central1/careflow-agent");
    const world = await World.create({ pulumi: cli.path, stack: "staging", cloud });
    const file = join(world.directory, "Pulumi.staging.yaml");
    await cp(join(repository, "Pulumi.staging.yaml"), file);
    const shell = await Terminal.open(world, { gcloud: gcloud(cloud), docker: docker(cloud), npm: () => "" });
    const type = (block: string | undefined, answer?: string) => shell.type(here(world, block ?? ""), answer);
    try {
      await type(blocks(page, "Once: a place for the state, and a key for its secrets")[0]);
      await type(blocks(page, "Once per environment")[0]);

      const [prepare, push, addVersion = "", deploy, check] = blocks(page, "The first deployment");
      const shipped = await readFile(file, "utf8");
      await writeFile(file, shipped.replace(/^( +)image:/m, "$1# image:"));
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
});

/** The bash blocks of a section, in order. */
function blocks(page: string, title: string): readonly string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`docs/deployment.md has no section "${title}"`);
  return [...section.matchAll(/^( *)```bash\n(.*?)^ *```/gms)].map(([, indent = "", text = ""]) =>
    text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}

/** The two things of the page that only Google has: a bucket for the state, and a key that never leaves it. */
function here(world: World, block: string): string {
  return block
    .replace(/gs:\/\/\$PROJECT-pulumi$/m, (bucket) =>
      block.includes("pulumi login") ? `file://${world.directory}/home` : bucket,
    )
    .replace(/--secrets-provider=gcpkms:\S+/, "--secrets-provider=passphrase");
}
