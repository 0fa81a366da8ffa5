import type { Job } from "@pulumi/gcp/cloudscheduler/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { AgentWorker } from "./agent-worker.ts";
import { unusable } from "./checked.ts";
import type { Invoker } from "./invoker.ts";
import { schedulerJob } from "./scheduler-job.ts";

export interface OfficeHoursArgs {
  /** The worker to start, whose office hours these are. */
  readonly worker: AgentWorker;
  /** Who starts it: an Invoker that has this worker among its own. */
  readonly invoker: Invoker;
}

/** The starts of a worker's shifts: one scheduler job for each distinct opening, in the clinic's time zone. */
export class OfficeHours extends pulumi.ComponentResource {
  /** The starts by window. */
  readonly starts: Readonly<Record<string, Job>>;

  constructor(name: string, { worker, invoker }: OfficeHoursArgs, opts?: pulumi.ComponentResourceOptions) {
    const grant = startable(name, worker, invoker);
    super("agent-worker:hours:OfficeHours", name, {}, opts);
    this.starts = Object.fromEntries(
      worker.plan.starts.map((start) => [
        start.window,
        schedulerJob(`${name}-start.${start.window}`, start, invoker.account.email, { parent: this, dependsOn: grant }),
      ]),
    );
    this.registerOutputs({ starts: worker.plan.starts.map((start) => start.name) });
  }
}

/** The right to start the worker, after which the starts are declared: one that fires earlier would be refused. */
function startable(name: string, worker: AgentWorker, invoker: Invoker): pulumi.Resource {
  const { jobName, prepared } = worker.plan;
  const what = `OfficeHours ${name}`;
  if (prepared) {
    const problem = `${jobName} has no image, and so no Job to start.`;
    throw unusable(what, [{ path: "worker", problem, remedy: "Give it an image first." }]);
  }
  const grant = invoker.grants[jobName];
  if (grant !== undefined) return grant;
  const problem = `it may not start ${jobName}: every start would be refused.`;
  throw unusable(what, [{ path: "invoker", problem, remedy: "Add the worker to its workers." }]);
}
