/**
 * Whether the Jobs of a deployed stack can run, as Cloud Run itself says. The deployment from GitHub ends with it.
 *
 * A Job whose creation ended in an error is there all the same, and in the state: the next `pulumi up` finds nothing to
 * do and ends well, while no shift can start.
 *
 * usage: node scripts/jobs-are-ready.ts STACK
 */
import { spawnSync } from "node:child_process";

interface Outputs {
  /** By the worker's key. One that is only prepared has no Job yet. */
  readonly workers?: Readonly<Record<string, { readonly job?: string }>>;
}

interface Job {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

const [stack = ""] = process.argv.slice(2);
const outputs = ask<Outputs>("pulumi", ["stack", "output", "--json", `--stack=${stack}`]);
if (outputs !== undefined) {
  const jobs = Object.values(outputs.workers ?? {}).flatMap(({ job }) => job ?? []);
  for (const job of jobs) check(job);
  if (jobs.length === 0) console.log(`${stack} has no Job yet`);
}

/** @param job projects/PROJECT/locations/REGION/jobs/NAME */
function check(job: string): void {
  const [, project, , region, , name = ""] = job.split("/");
  const place = [`--project=${project}`, `--region=${region}`];
  const described = ask<Job>("gcloud", ["run", "jobs", "describe", name, ...place, "--format=json"]);
  const ready = described?.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "True") {
    console.log(`${name} is ready`);
    return;
  }
  const reason = ready === undefined ? "Cloud Run tells nothing of it" : (ready.message ?? `Ready is ${ready.status}`);
  fail(`${name} in ${project} is not ready, no shift can start: ${reason}`);
}

function ask<Answer>(command: string, args: readonly string[]): Answer | undefined {
  const { status, stdout, error } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status === 0) return JSON.parse(stdout) as Answer;
  fail(`\`${command} ${args.join(" ")}\` ${error === undefined ? `ended with ${status}` : error.message}`);
  return undefined;
}

/** As GitHub shows it on the run's page. */
function fail(problem: string): void {
  console.log(`::error::${problem}`);
  process.exitCode = 1;
}
