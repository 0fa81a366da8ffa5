import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { repository } from "../support/stack-previews.ts";

export interface Workflow {
  readonly name?: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
  readonly defaults?: { readonly run?: { readonly shell?: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

export type Permissions = Readonly<Record<string, "read" | "write" | "none">>;

export interface Job {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Permissions;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly environment?: string;
  readonly strategy?: { readonly matrix?: Readonly<Record<string, readonly string[]>> };
  readonly "timeout-minutes"?: number;
  /** Another workflow, in place of steps. */
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly Step[];
}

export interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
}

const directory = ".github/workflows";

/** The texts of all workflows, by their path in the repository. */
export const texts: ReadonlyMap<string, string> = new Map(
  readdirSync(resolve(repository, directory)).map((name) => {
    const path = `${directory}/${name}`;
    return [path, readFileSync(resolve(repository, path), "utf8")];
  }),
);

export const workflows: ReadonlyMap<string, Workflow> = new Map(
  [...texts].map(([path, text]) => [path, parse(text) as Workflow]),
);

export function workflow(name: string): Workflow {
  const found = workflows.get(`${directory}/${name}.yml`);
  if (found === undefined) throw new Error(`there is no workflow ${name}`);
  return found;
}

export function job(workflowName: string, name: string): Job {
  const found = workflow(workflowName).jobs[name];
  if (found === undefined) throw new Error(`the workflow ${workflowName} has no job ${name}`);
  return found;
}

/** Every job, with where it is for a message. */
export const jobs = [...workflows].flatMap(([path, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => ({ where: `${path} ${name}`, path, name, job })),
);

/** Every step, with where it is for a message. */
export const steps = jobs.flatMap(({ where, job }) =>
  (job.steps ?? []).map((step) => ({ where: `${where}: ${step.name ?? step.uses}`, step })),
);
