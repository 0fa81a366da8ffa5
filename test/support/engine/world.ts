/**
 * A project on this machine and a cloud that does not exist: everything that a deployment needs.
 *
 * What a person types is typed here too: `world.pulumi("up", "--yes")`.
 */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Served } from "../../../preview/host/serve.ts";
import { SimulatedCloud } from "../cloud/cloud.ts";
import { Faults } from "../cloud/faults.ts";
import { serveNothing, serveProvider } from "../cloud/protocol.ts";
import { SimulatedProvider } from "../cloud/provider.ts";
import { repository } from "../stack-previews.ts";
import { type Invocation, type Result, type Running, start } from "./pulumi.ts";

export type Configuration = Readonly<Record<string, unknown>>;

export interface WorldOptions {
  readonly pulumi: string;
  /** Its stack: what a command means when it names none. */
  readonly stack: string;
  readonly cloud?: SimulatedCloud;
  /** See `Invocation`. */
  readonly light?: boolean;
  /** The program, from the repository's root. */
  readonly program?: string;
}

export class World {
  readonly cloud: SimulatedCloud;
  readonly faults: Faults;
  /** Where the project is: Pulumi.yaml and the stacks' files. */
  readonly directory: string;
  readonly #options: WorldOptions;
  #served: Served;

  private constructor(options: WorldOptions, cloud: SimulatedCloud, faults: Faults, directory: string, served: Served) {
    this.#options = options;
    this.cloud = cloud;
    this.faults = faults;
    this.directory = directory;
    this.#served = served;
  }

  static async create(options: WorldOptions): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), "agent-worker-world-"));
    await mkdir(join(directory, "home"));
    await symlink(repository, join(directory, "program"));
    // Where a person has it too: commands say `--policy-pack policies`.
    await symlink(join(repository, "policies"), join(directory, "policies"));
    const world = await World.#at(options, options.cloud ?? new SimulatedCloud(), directory);
    await world.useProgram(options.program ?? "index.ts");
    return world;
  }

  static async #at(options: WorldOptions, cloud: SimulatedCloud, directory: string): Promise<World> {
    const faults = new Faults();
    const served = await serveProvider(new SimulatedProvider(cloud, faults));
    return new World(options, cloud, faults, directory, served);
  }

  /** A copy of everything, which goes its own way from here on. @param off what its cloud does not do */
  async fork(off: Iterable<string> = this.cloud.off): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), "agent-worker-world-"));
    await cp(this.directory, directory, { recursive: true, verbatimSymlinks: true });
    return World.#at(this.#options, this.cloud.clone(off), directory);
  }

  /** From now on the providers do nothing that they are asked. */
  async withoutProviders(): Promise<void> {
    this.#served.close();
    this.#served = await serveNothing();
  }

  async close(): Promise<void> {
    this.#served.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Makes another file of the repository the program. */
  async useProgram(program: string): Promise<void> {
    const project = parse(await readFile(join(repository, "Pulumi.yaml"), "utf8")) as Configuration;
    await writeFile(join(this.directory, "Pulumi.yaml"), quoted({ ...project, main: `program/${program}` }));
  }

  /** Writes the stack's settings into its file; what the CLI itself keeps there stays. */
  async configure(config: Configuration): Promise<void> {
    const file = this.#stackFile;
    const before = (parse(await readFile(file, "utf8").catch(() => "{}")) ?? {}) as Configuration;
    await writeFile(file, quoted({ ...before, config }));
  }

  async configuration(): Promise<Configuration> {
    return (parse(await readFile(this.#stackFile, "utf8")) as { config: Configuration }).config;
  }

  get #stackFile(): string {
    return join(this.directory, `Pulumi.${this.#options.stack}.yaml`);
  }

  get invocation(): Invocation {
    const { port } = this.#served;
    return {
      pulumi: this.#options.pulumi,
      cwd: this.directory,
      stack: this.#options.stack,
      home: join(this.directory, "home"),
      providers: { gcp: port, random: port },
      light: this.#options.light,
    };
  }

  start(...args: readonly string[]): Running {
    return start(this.invocation, args);
  }

  /** Runs a command to its end, whatever that is. */
  pulumi(...args: readonly string[]): Promise<Result> {
    return this.start(...args).result;
  }

  /** Runs a command that has to succeed. @throws with what it printed */
  async run(...args: readonly string[]): Promise<Result> {
    const result = await this.pulumi(...args);
    if (result.code === 0) return result;
    throw new Error(
      `pulumi ${args.join(" ")} ended with ${result.code}:\n${result.errors.join("\n") || result.stderr || result.stdout}`,
    );
  }

  /** The stack's state as the backend has it: what somebody reads who may read the bucket. */
  state(): Promise<string> {
    const { stack } = this.#options;
    return readFile(join(this.directory, "home", ".pulumi", "stacks", "agent-worker", `${stack}.json`), "utf8");
  }
}

/** The CLI reads YAML 1.1, in which an unquoted date is a time. */
const quoted = (value: unknown): string => stringify(value, { defaultStringType: "QUOTE_DOUBLE", lineWidth: 0 });
