/** Where a scenario plays: worlds with nothing in them, or with a stack that is deployed already. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { SimulatedCloud } from "../support/cloud/cloud.ts";
import { addVersion, pushImage } from "../support/cloud/people.ts";
import { type Configuration, World } from "../support/engine/world.ts";
import { repository } from "../support/stack-previews.ts";

export type Stack = "staging" | "prod";

export interface Scenario {
  /** The loss that it protects from. */
  readonly name: string;
  /** Throws where it does not hold. */
  readonly play: (stage: Stage) => Promise<void>;
}

export interface StageOptions {
  readonly pulumi: string;
  /** What the clouds here do not do: see `switches` in the provider. */
  readonly off?: readonly string[];
  /** Takes away what every scenario stands on, to see that none passes without. */
  readonly without?: "program" | "providers";
}

/** Deployed once a process, and forked by each scenario. */
const deployments = new Map<Stack, Promise<World>>();

export class Stage {
  readonly #options: StageOptions;
  readonly #worlds: World[] = [];

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** A project with its stack file, and a cloud with nothing in it but what others deploy. */
  async empty(stack: Stack, { slowGrants = false } = {}): Promise<World> {
    const { pulumi, off = [] } = this.#options;
    const world = await emptyWorld(pulumi, stack, new SimulatedCloud({ slowGrants, off }));
    return this.#spoilt(world);
  }

  /** Another program, with nothing deployed and no settings. */
  async program(program: string): Promise<World> {
    const { pulumi, off = [] } = this.#options;
    const world = await World.create({
      pulumi,
      stack: "staging",
      cloud: new SimulatedCloud({ off }),
      program,
      light: true,
    });
    await world.run("stack", "init", "staging");
    await world.configure({});
    return this.#spoilt(world);
  }

  /** The shipped stack, deployed and working. */
  async deployed(stack: Stack): Promise<World> {
    const { pulumi, off = [] } = this.#options;
    const deployment = deployments.get(stack) ?? deployedWorld(pulumi, stack);
    deployments.set(stack, deployment);
    return this.#spoilt(await (await deployment).fork(off));
  }

  async close(): Promise<void> {
    await Promise.all(this.#worlds.map((world) => world.close()));
  }

  async #spoilt(world: World): Promise<World> {
    this.#worlds.push(world);
    if (this.#options.without === "program") await world.useProgram("test/engine/programs/nothing.ts");
    if (this.#options.without === "providers") await world.withoutProviders();
    return world;
  }
}

/** Ends the deployments that scenarios forked. */
export async function closeDeployments(): Promise<void> {
  for (const deployment of deployments.values()) await (await deployment).close();
}

export async function shipped(stack: Stack): Promise<Configuration> {
  const file = await readFile(join(repository, `Pulumi.${stack}.yaml`), "utf8");
  return (parse(file) as { config: Configuration }).config;
}

async function emptyWorld(pulumi: string, stack: Stack, cloud: SimulatedCloud): Promise<World> {
  const world = await World.create({ pulumi, stack, cloud, light: true });
  const config = await shipped(stack);
  const { project, service } = config["agent-worker:rounds"] as { project: string; service: { name: string } };
  cloud.services.add(`${project}/${config["gcp:region"]}/${service.name}`);
  await world.run("stack", "init", stack);
  await world.configure(config);
  return world;
}

async function deployedWorld(pulumi: string, stack: Stack): Promise<World> {
  const world = await emptyWorld(pulumi, stack, new SimulatedCloud());
  const config = await world.configuration();
  await world.configure(withoutImages(config));
  await world.run("up", "--yes", "--skip-preview");
  supply(world.cloud, config);
  await world.configure(config);
  await world.run("up", "--yes", "--skip-preview");
  return world;
}

interface WorkerSettings {
  readonly image?: string;
  readonly secrets?: Readonly<Record<string, { readonly secret: string; readonly version?: string }>>;
}

export function workersOf(config: Configuration): Readonly<Record<string, WorkerSettings>> {
  return (config["agent-worker:workers"] ?? {}) as Readonly<Record<string, WorkerSettings>>;
}

/** The settings with which a first deployment begins: workers are only prepared. */
export function withoutImages(config: Configuration): Configuration {
  const workers = Object.entries(workersOf(config)).map(([key, { image: _, ...worker }]) => [key, worker]);
  return { ...config, "agent-worker:workers": Object.fromEntries(workers) };
}

/** What people do between the two steps of a first deployment: push the images, add the versions. */
export function supply(cloud: SimulatedCloud, config: Configuration): void {
  for (const { image, secrets = {} } of Object.values(workersOf(config))) {
    if (image !== undefined) pushImage(cloud, image);
    for (const { secret, version } of Object.values(secrets)) {
      const name = `projects/${config["gcp:project"]}/secrets/${secret}`;
      const wanted = version === undefined ? 0 : version === "latest" ? 1 : Number(version);
      for (let added = 0; added < wanted; added = Number(addVersion(cloud, name))) {}
    }
  }
}
