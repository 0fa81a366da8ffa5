/** What may be added, taken away, renamed or paused, and what must not notice. */
import { expect } from "vitest";
import { image } from "../../support/clinic.ts";
import { JOB_GRANT, SCHEDULER_JOB, SECRET_GRANT, SERVICE_GRANT } from "../../support/cloud/names.ts";
import { addVersion, changeByHand, createSecret, enableApis, pushImage } from "../../support/cloud/people.ts";
import type { Result } from "../../support/engine/pulumi.ts";
import type { Configuration, World } from "../../support/engine/world.ts";
import { changes, expectUnchanged } from "../expect.ts";
import { type Scenario, workersOf } from "../stage.ts";

const up = (world: World) => world.run("up", "--yes", "--skip-preview");

/** Steps without those of what watches all workers and rounds together: its queries and tiles name them. */
function changedBesideAlerts(result: Result): readonly string[] {
  return changes(result)
    .filter(({ type }) => !/^gcp:(monitoring|logging)\//.test(type))
    .map(({ op, name }) => `${op} ${name}`)
    .sort();
}

const withHospitals = (config: Configuration, hospitals: Configuration): Configuration => ({
  ...config,
  "agent-worker:rounds": { ...(config["agent-worker:rounds"] as Configuration), hospitals, general: true },
});

const hospital: Scenario = {
  name: "a second hospital comes and goes without touching the first one's rounds",
  play: async (stage) => {
    const world = await stage.deployed("staging");
    const config = await world.configuration();
    const north = { id: "north-1", name: "North Hospital" };
    const south = { id: "south-2", name: "South Hospital" };
    await world.configure(withHospitals(config, { north }));
    expect(changedBesideAlerts(await up(world))).toHaveLength(3);

    await world.configure(withHospitals(config, { north, south }));
    const added = changedBesideAlerts(await up(world));
    expect(added).toHaveLength(3);
    expect(
      added.every((change) => /^create .*south/.test(change)),
      added.join(),
    ).toBe(true);

    await world.configure(withHospitals(config, { north }));
    expect(changedBesideAlerts(await up(world))).toEqual(added.map((change) => change.replace("create", "delete")));
  },
};

const secondWorker: Scenario = {
  name: "a second worker comes and goes without touching the first one",
  play: async (stage) => {
    const world = await stage.deployed("staging");
    const config = await world.configuration();
    const workers = workersOf(config);
    const [first] = Object.values(workers);
    const ortho = { ...first, image: first?.image?.replaceAll("dental-agent", "ortho-agent") };
    pushImage(world.cloud, String(ortho.image));
    await world.configure({ ...config, "agent-worker:workers": { ...workers, "ortho-agent-worker": ortho } });
    const added = changedBesideAlerts(await up(world));
    expect(added).toEqual(
      expect.arrayContaining(["create ortho-agent-worker-job", "create ortho-agent-worker-account"]),
    );
    expect(
      added.every((change) => /^create .*ortho/.test(change)),
      added.join(),
    ).toBe(true);

    await world.configure(config);
    expect(changedBesideAlerts(await up(world))).toEqual(added.map((change) => change.replace("create", "delete")));
    expectUnchanged(await up(world));
  },
};

const renamed: Scenario = {
  name: "components that are moved and renamed with aliases keep everything, and each grant is still there",
  play: async (stage) => {
    const world = await stage.program("test/program/fixtures/moved/index.ts");
    const apis = ["run", "cloudscheduler", "iam", "secretmanager"].map((api) => `${api}.googleapis.com`);
    enableApis(world.cloud, "clinic-project", ...apis);
    createSecret(world.cloud, "clinic-project", "livekit-url");
    addVersion(world.cloud, "projects/clinic-project/secrets/livekit-url");
    pushImage(world.cloud, image);
    world.cloud.services.add("clinic-project/us-central1/careflow-agent");
    const grants = () =>
      [SECRET_GRANT, JOB_GRANT, SERVICE_GRANT].flatMap((type) => world.cloud.ofType(type).map(({ id }) => id));
    expect(changes(await up(world)).length).toBeGreaterThan(7);
    const before = grants();
    expect(before).toHaveLength(3);

    await world.configure({ "agent-worker:moved": true });
    const moved = await up(world);
    expectUnchanged(moved);
    expect(moved.steps.some(({ urn }) => urn.includes("example:clinic:Clinic$"))).toBe(true);
    expect(grants()).toEqual(before);
  },
};

const paused: Scenario = {
  name: "an operator's pause survives an up and a refresh, until the settings say otherwise",
  play: async (stage) => {
    const world = await stage.deployed("staging");
    const config = await world.configuration();
    const rounds = config["agent-worker:rounds"] as Configuration;
    const round = "jobs/careflow-morning-rounds";
    const isPaused = () => world.cloud.ofType(SCHEDULER_JOB).find(({ id }) => id.endsWith(round))?.attributes.paused;

    changeByHand(world.cloud, SCHEDULER_JOB, round, { paused: true });
    await world.run("up", "--yes", "--skip-preview", "--refresh");
    expect(isPaused()).toBe(true);
    // Also when the same scheduler job is changed for another reason.
    const daily = { ...(rounds.daily as Configuration), morning: "08:30" };
    await world.configure({ ...config, "agent-worker:rounds": { ...rounds, daily } });
    expect(changedBesideAlerts(await up(world))).toEqual(["update rounds-morning"]);
    expect(isPaused()).toBe(true);

    await world.configure({ ...config, "agent-worker:rounds": { ...rounds, daily, paused: false } });
    await up(world);
    expect(isPaused()).toBe(false);
  },
};

export const changesOfStacks: readonly Scenario[] = [hospital, secondWorker, renamed, paused];
