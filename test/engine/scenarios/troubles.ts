/** Deployments that go wrong half-way, and what puts them right: docs/deployment.md, "When an up does not finish". */
import { expect } from "vitest";
import { JOB, POLICY, SCHEDULER_JOB, SECRET_GRANT } from "../../support/cloud/names.ts";
import { changeByHand } from "../../support/cloud/people.ts";
import type { Result } from "../../support/engine/pulumi.ts";
import type { World } from "../../support/engine/world.ts";
import { changed, expectUnchanged } from "../expect.ts";
import { type Scenario, type Stage, supply, withoutImages } from "../stage.ts";

const up = (world: World) => world.run("up", "--yes", "--skip-preview");

const START = "dental-agent-worker-start.weekday";
const create = { verb: "create", name: START } as const;
const startsAtGoogle = (world: World) =>
  world.cloud.ofType(SCHEDULER_JOB).filter(({ id }) => id.endsWith("/jobs/dental-agent-start-weekday"));

/** A stack of which the worker's Job and its starts are still to come. */
async function halfDeployed(stage: Stage): Promise<World> {
  const world = await stage.deployed("staging");
  const config = await world.configuration();
  await world.configure(withoutImages(config));
  await up(world);
  supply(world.cloud, config);
  await world.configure(config);
  return world;
}

const failure: Scenario = {
  name: "an up that fails half-way says which resource, and the next one completes it without making anything twice",
  play: async (stage) => {
    const world = await halfDeployed(stage);
    world.faults.next("error", create);
    const failed = await world.pulumi("up", "--yes", "--skip-preview");
    expect(failed.code).not.toBe(0);
    expect(failed.errors.join()).toMatch(/Quota exceeded/);
    expect(failed.stdout).toContain(START);
    const made = changed(failed).filter((change) => change.startsWith("create") && !change.endsWith(START));
    const completed = changed(await up(world));
    expect(completed).toContain(`create ${START}`);
    expect(completed.filter((change) => made.includes(change))).toEqual([]);
    expect(startsAtGoogle(world)).toHaveLength(1);
    expectUnchanged(await up(world));
  },
};

const lostReply: Scenario = {
  name: "what Google made, and the engine never heard of, is refused as taken until it is imported",
  play: async (stage) => {
    const world = await halfDeployed(stage);
    world.faults.next("lost reply", create);
    expect((await world.pulumi("up", "--yes", "--skip-preview")).code).not.toBe(0);
    const taken = await world.pulumi("up", "--yes", "--skip-preview");
    expect(taken.errors.join()).toMatch(/409: .*dental-agent-start-weekday already exists/);
    await imported(world, SCHEDULER_JOB, START, startsAtGoogle(world)[0]?.id);
    await up(world);
    expect(startsAtGoogle(world)).toHaveLength(1);
    expectUnchanged(await up(world));
  },
};

const twice: Scenario = {
  name: "an alert policy whose reply was lost is made a second time: Google names it, so nothing is taken",
  play: async (stage) => {
    const world = await stage.empty("staging");
    const config = await world.configuration();
    await world.configure(withoutImages(config));
    await up(world);
    supply(world.cloud, config);
    await world.configure(config);
    world.faults.next("lost reply", { verb: "create", type: POLICY });
    expect((await world.pulumi("up", "--yes", "--skip-preview")).code).not.toBe(0);
    await up(world);
    const names = world.cloud.ofType(POLICY).map(({ attributes }) => attributes.displayName);
    expect(names.length).toBe(new Set(names).size + 1);
  },
};

const killed: Scenario = {
  name: "an up that was killed leaves a lock; cancelled and cleared, the next one completes it",
  play: async (stage) => {
    const world = await halfDeployed(stage);
    await killedAtStart(world);
    const locked = await world.pulumi("up", "--yes", "--skip-preview");
    expect(locked.code).not.toBe(0);
    expect(locked.stderr + locked.stdout).toMatch(/locked/);
    await world.run("cancel", "--yes");
    await world.run("refresh", "--yes", "--clear-pending-creates");
    await up(world);
    expect(startsAtGoogle(world)).toHaveLength(1);
    expectUnchanged(await up(world));
  },
};

const killedTooLate: Scenario = {
  name: "what Google made while the up was killed is imported, and nothing is lost",
  play: async (stage) => {
    const world = await halfDeployed(stage);
    const held = await killedAtStart(world);
    held.release();
    await expect.poll(() => startsAtGoogle(world).length).toBe(1);
    await world.run("cancel", "--yes");
    // Not `--import-pending-creates`: with 3.259.0 the next up is refused all the same.
    await world.run("refresh", "--yes", "--clear-pending-creates");
    await imported(world, SCHEDULER_JOB, START, startsAtGoogle(world)[0]?.id);
    await up(world);
    expect(startsAtGoogle(world)).toHaveLength(1);
    expectUnchanged(await up(world));
  },
};

const both: Scenario = {
  name: "of two ups at once the second is refused, and the first one finishes whole",
  play: async (stage) => {
    const world = await halfDeployed(stage);
    const held = world.faults.next("held", create);
    const first = world.start("up", "--yes", "--skip-preview");
    await orEnd(held.met, first.result);
    const second = await world.pulumi("up", "--yes", "--skip-preview");
    expect(second.code).not.toBe(0);
    expect(second.stderr + second.stdout).toMatch(/locked/);
    held.release();
    expect((await first.result).code).toBe(0);
    expectUnchanged(await up(world));
  },
};

const drift: Scenario = {
  name: "a change made by hand is seen by a refresh alone, and undone by an up with one",
  play: async (stage) => {
    const world = await stage.deployed("staging");
    const memory = "template.template.containers[0].resources.limits.memory";
    changeByHand(world.cloud, JOB, "/jobs/dental-agent-worker", { [memory]: "8Gi" });
    const [grant] = world.cloud.ofType(SECRET_GRANT);
    world.cloud.remove(SECRET_GRANT, String(grant?.id));

    expectUnchanged(await world.run("preview", "--expect-no-changes"));
    const seen = await world.pulumi("preview", "--refresh", "--expect-no-changes");
    expect(seen.code).not.toBe(0);
    const restored = await world.run("up", "--yes", "--skip-preview", "--refresh");
    expect(changed(restored)).toEqual([
      expect.stringMatching(/^create dental-agent-worker-reads\./),
      "update dental-agent-worker-job",
    ]);
    expect(world.cloud.object(SECRET_GRANT, String(grant?.id))).toBeDefined();
    expect(JSON.stringify(world.cloud.ofType(JOB)[0]?.attributes)).toContain('"memory":"4Gi"');
    expectUnchanged(await world.run("preview", "--refresh", "--expect-no-changes"));
  },
};

/** Kills the CLI while Google is asked for the worker's first start. */
async function killedAtStart(world: World) {
  const held = world.faults.next("held", create);
  // One at a time: else others that are under way in that moment are made too, each with the same cure.
  const running = world.start("up", "--yes", "--skip-preview", "--parallel=1");
  await orEnd(held.met, running.result);
  running.child.kill("SIGKILL");
  await running.result;
  return held;
}

/** Waits for something that happens within a command. @throws with what was printed when the command ends before */
async function orEnd(met: Promise<unknown>, result: Promise<Result>): Promise<void> {
  const ended = await Promise.race([met.then(() => undefined), result]);
  if (ended !== undefined) throw new Error(`the command ended before: ${ended.stdout}${ended.stderr}`);
}

/** Takes something that exists into the state, at the place where the program declares it. */
export async function imported(world: World, type: string, name: string, id: string | undefined): Promise<void> {
  const preview = await world.pulumi("preview");
  const urn = preview.steps.find((step) => step.type === type && step.name === name)?.urn ?? "";
  const parent = await parentOf(world, urn);
  await world.run(
    "import",
    type,
    name,
    String(id),
    "--parent",
    `parent=${parent}`,
    "--protect=false",
    "--generate-code=false",
    "--yes",
  );
}

/** The component in which the program declares a resource: its type is in the resource's URN, its name in the state. */
async function parentOf(world: World, urn: string): Promise<string> {
  const [, , types = ""] = urn.split("::");
  const component = types.split("$").slice(0, -1).join("$");
  const { stdout } = await world.run("stack", "--show-urns");
  const found = stdout.match(/urn:pulumi:\S+/g)?.filter((each) => each.split("::")[2] === component) ?? [];
  if (found[0] === undefined) throw new Error(`nothing in the state is a ${component}:\n${stdout}`);
  return found[0];
}

export const troubles: readonly Scenario[] = [failure, lostReply, twice, killed, killedTooLate, both, drift];
