/** A stack's whole life: previewed, deployed, deployed again, taken away. */
import { expect } from "vitest";
import {
  API,
  CHANNEL,
  JOB,
  POLICY,
  RANDOM_PASSWORD,
  SCHEDULER_JOB,
  SECRET,
  SECRET_VERSION,
} from "../../support/cloud/names.ts";
import { addVersion } from "../../support/cloud/people.ts";
import { changed, changes, expectUnchanged } from "../expect.ts";
import { type Scenario, type Stack, supply, withoutImages, workersOf } from "../stage.ts";

const stacks: readonly Stack[] = ["staging", "prod"];

/** The shipped stacks' own worker. */
const worker = "dental-agent-worker";
const workerJob = `${worker}-job`;

const writes = (calls: readonly { readonly verb: string }[]) => calls.filter(({ verb }) => verb !== "read");

const previewed: readonly Scenario[] = stacks.map((stack) => ({
  name: `a preview of ${stack} asks nothing of Google, and shows what an up then makes`,
  play: async (stage) => {
    const world = await stage.empty(stack);
    const config = await world.configuration();
    await world.configure(withoutImages(config));
    const preview = await world.run("preview");
    expect(world.cloud.calls).toEqual([]);
    const up = await world.run("up", "--yes", "--skip-preview");
    expect(changed(up)).toEqual(changed(preview));
    expect(changes(up).length).toBeGreaterThan(40);
    expect(new Set(changes(up).map(({ op }) => op))).toEqual(new Set(["create"]));
  },
}));

const again: readonly Scenario[] = stacks.map((stack) => ({
  name: `a second up of ${stack} changes nothing, and a look at Google finds nothing changed`,
  play: async (stage) => {
    const world = await stage.deployed(stack);
    expectUnchanged(await world.run("up", "--yes", "--skip-preview"));
    expect(writes(world.cloud.calls)).toEqual([]);
    expectUnchanged(await world.run("preview", "--refresh", "--expect-no-changes"));
  },
}));

const firstDeployment: Scenario = {
  name: "an empty project takes a first deployment: prepared, image pushed, versions added, image set",
  play: async (stage) => {
    const world = await stage.empty("prod", { slowGrants: true });
    const config = await world.configuration();
    await world.configure(withoutImages(config));
    await world.run("up", "--yes");
    expect(world.cloud.ofType(JOB)).toEqual([]);
    expect(world.cloud.ofType(SECRET).length).toBe(Object.keys(workersOf(config)[worker]?.secrets ?? {}).length);
    const next = await world.run("stack", "output", "next");
    for (const command of ["docker push", "gcloud secrets versions add livekit-url", "pulumi up"]) {
      expect(next.stdout).toContain(command);
    }

    supply(world.cloud, config);
    world.cloud.minutesPass();
    await world.configure(config);
    const up = await world.run("up", "--yes");
    expect(changed(up)).toContain(`create ${workerJob}`);
    const [job] = world.cloud.ofType(JOB);
    expect(job).toMatchObject({ id: expect.stringMatching(new RegExp(`/jobs/${worker}$`)) });
    expect(job?.broken).toBeUndefined();
    expect(world.cloud.ofType(SCHEDULER_JOB).map(({ id }) => id.split("/").at(-1))).toContain(
      "dental-agent-start-weekday",
    );
    const channels = world.cloud.ofType(CHANNEL).map(({ id }) => id);
    const told = world.cloud.ofType(POLICY).flatMap(({ attributes }) => attributes.notificationChannels);
    expect(new Set(told)).toEqual(new Set(channels));
    const { stdout } = await world.run("stack", "output", "alerts", "--json");
    const policies = Object.values(JSON.parse(stdout) as Record<string, string>);
    expect(policies).toHaveLength(world.cloud.ofType(POLICY).length);
    for (const policy of policies) expect(policy).toMatch(/^projects\/[^/]+\/alertPolicies\/\d{18,20}$/);
    expectUnchanged(await world.run("up", "--yes", "--skip-preview"));
  },
};

const impatient: Scenario = {
  name: "a Job that is created before its grants have arrived is said to be broken, and looks finished afterwards",
  play: async (stage) => {
    const world = await stage.empty("staging", { slowGrants: true });
    const config = await world.configuration();
    await world.configure(withoutImages(config));
    await world.run("up", "--yes", "--skip-preview");
    supply(world.cloud, config);
    await world.configure(config);
    const hasty = await world.pulumi("up", "--yes", "--skip-preview");
    expect(hasty.code).not.toBe(0);
    expect(hasty.errors.join()).toMatch(/Permission denied on secret/);
    // What depends on the Job is not deployed on top of it.
    expect(
      world.cloud
        .ofType(SCHEDULER_JOB)
        .map(({ id }) => id)
        .join(),
    ).not.toContain("dental-agent-start");

    world.cloud.minutesPass();
    const green = await world.run("up", "--yes", "--skip-preview");
    expect(changed(green)).toContain(`update ${workerJob}`);
    // This is why docs/deployment.md says to ask the Job itself, and to change a label when it is broken.
    expect(world.cloud.ofType(JOB)[0]?.broken).toMatch(/Permission denied/);
    await world.run("config", "set", "--path", "agent-worker:labels.redeployed", "2026-11-22");
    await world.run("up", "--yes", "--skip-preview");
    expect(world.cloud.ofType(JOB)[0]?.broken).toBeUndefined();
  },
};

const missing: readonly Scenario[] = [
  { what: "image", supplied: "versions", error: /Image '.*dental-agent-worker.*' not found/ },
  { what: "secret's version", supplied: "image", error: /\/versions\/1 was not found/ },
].map(({ what, supplied, error }) => ({
  name: `a Job whose ${what} is missing fails the up by name, and nothing starts it`,
  play: async (stage) => {
    const world = await stage.empty("prod");
    const config = await world.configuration();
    await world.configure(withoutImages(config));
    await world.run("up", "--yes", "--skip-preview");
    supply(world.cloud, supplied === "versions" ? withoutImages(config) : config);
    if (supplied === "image") world.cloud.versions.clear();
    await world.configure(config);
    const up = await world.pulumi("up", "--yes", "--skip-preview");
    expect(up.code).not.toBe(0);
    expect(up.errors.join()).toMatch(error);
    expect(
      world.cloud
        .ofType(SCHEDULER_JOB)
        .map(({ id }) => id)
        .join(),
    ).not.toContain("dental-agent-start");
  },
}));

const destroyed: Scenario = {
  name: "destroying staging leaves nothing but the APIs, which others may use",
  play: async (stage) => {
    const world = await stage.deployed("staging");
    expectUnchanged(await world.run("preview")); // a destroy asks no program
    const destroy = await world.run("destroy", "--yes", "--skip-preview");
    expect(changes(destroy).length).toBeGreaterThan(60);
    expect(new Set([...world.cloud.objects.values()].map(({ type }) => type))).toEqual(new Set([API]));
  },
};

const protectedProd: Scenario = {
  name: "destroying prod is refused in its preview, until an up has lifted the protection",
  play: async (stage) => {
    const world = await stage.deployed("prod");
    const before = world.cloud.objects.size;
    const refused = await world.pulumi("destroy", "--yes");
    expect(refused.code).not.toBe(0);
    expect(refused.errors.join() + refused.stderr + refused.stdout).toMatch(/protect/);
    expect(writes(world.cloud.calls)).toEqual([]);

    const config = await world.configuration();
    await world.configure({ ...config, "agent-worker:protect": false });
    const lifted = await world.run("up", "--yes");
    expect(world.cloud.objects.size).toBe(before);
    const touched = changes(lifted).flatMap(({ changed }) => changed);
    expect(new Set(touched)).toEqual(new Set(["deletionProtection"]));
    await world.run("destroy", "--yes");
    expect(new Set([...world.cloud.objects.values()].map(({ type }) => type))).toEqual(new Set([API]));
  },
};

const protectedByGoogle: Scenario = {
  name: "a Job whose deletion protection was never lifted is not deleted, even when the engine's own is",
  play: async (stage) => {
    const world = await stage.deployed("prod");
    expectUnchanged(await world.run("preview")); // a destroy asks no program
    await world.run("state", "unprotect", "--all", "--yes");
    const refused = await world.pulumi("destroy", "--yes", "--skip-preview");
    expect(refused.code).not.toBe(0);
    expect(refused.errors.join()).toMatch(/deletion_protection/);
    expect(world.cloud.ofType(JOB)).toHaveLength(1);
  },
};

const generated: Scenario = {
  name: "a generated secret is rotated: the old version stays until its label goes, and no payload is readable",
  play: async (stage) => {
    const world = await stage.deployed("staging");
    const config = await world.configuration();
    const rotate = async (...rotations: readonly string[]) => {
      const secrets = {
        ...workersOf(config)[worker]?.secrets,
        CONTROL_TOKEN: { secret: "control-token", generate: { rotations } },
      };
      const workers = { ...workersOf(config), [worker]: { ...workersOf(config)[worker], secrets } };
      await world.configure({ ...config, "agent-worker:workers": workers });
      return world.run("up", "--yes", "--skip-preview");
    };
    const versions = () => world.cloud.ofType(SECRET_VERSION).map(({ id }) => id.split("/").at(-1));
    const readByJob = () => {
      const text = JSON.stringify(world.cloud.ofType(JOB)[0]?.attributes);
      return /"secret":"control-token","version":"(\d+)"/.exec(text)?.[1];
    };

    await rotate("2026-q3");
    expect([versions(), readByJob()]).toEqual([["1"], "1"]);
    const added = await rotate("2026-q3", "2026-q4");
    expect([versions(), readByJob()]).toEqual([["1", "2"], "2"]);
    expect(changed(added).filter((change) => !change.startsWith("create"))).toEqual([`update ${workerJob}`]);
    await rotate("2026-q4");
    expect([versions(), readByJob()]).toEqual([["2"], "2"]);

    const [version] = world.cloud.ofType(SECRET_VERSION);
    const payload = String(version?.attributes.secretData);
    expect(payload).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await world.state()).toContain(RANDOM_PASSWORD);
    expect(await world.state()).not.toContain(payload);
  },
};

const outsideVersion: Scenario = {
  name: "a version that people add is read once the settings name it",
  play: async (stage) => {
    const world = await stage.deployed("prod");
    const config = await world.configuration();
    addVersion(world.cloud, `projects/${config["gcp:project"]}/secrets/livekit-url`);
    const secrets = { ...workersOf(config)[worker]?.secrets, LIVEKIT_URL: { secret: "livekit-url", version: "2" } };
    const workers = { [worker]: { ...workersOf(config)[worker], secrets } };
    await world.configure({ ...config, "agent-worker:workers": workers });
    expect(changed(await world.run("up", "--yes"))).toEqual([`update ${workerJob}`]);
    expect(world.cloud.ofType(JOB)[0]?.broken).toBeUndefined();
  },
};

export const deployment: readonly Scenario[] = [
  ...previewed,
  ...again,
  firstDeployment,
  impatient,
  ...missing,
  destroyed,
  protectedProd,
  protectedByGoogle,
  generated,
  outsideVersion,
];
