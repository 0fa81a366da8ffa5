import { JobIamMember, ServiceIamMember } from "@pulumi/gcp/cloudrunv2/index.js";
import { Account } from "@pulumi/gcp/serviceaccount/index.js";
import * as pulumi from "@pulumi/pulumi";
import { isProtected } from "../domain/context.ts";
import { nameFindings } from "../domain/names.ts";
import type { AgentWorker } from "./agent-worker.ts";
import { type ContextArgs, protection, unusable } from "./checked.ts";

export interface InvokerArgs extends Pick<ContextArgs, "environment" | "protect"> {
  /** The project of the account, which must be that of the scheduler jobs that use it. */
  readonly project: string;
  /** The account's id, 6 to 30 characters, such as `agent-worker-starts`. */
  readonly accountId: string;
  /** What it is for, in the words of the console's list of accounts. */
  readonly displayName: string;
  /** Workers it may start; one that is only prepared has nothing to start yet. */
  readonly workers?: readonly AgentWorker[] | undefined;
  /** A service it may call, deployed elsewhere. */
  readonly service?: InvokedService | undefined;
}

export interface InvokedService {
  readonly project: string;
  readonly region: string;
  readonly name: string;
}

const INVOKER = "roles/run.invoker";

/** An account that may start its own targets, and do nothing else: never one that a worker runs as. */
export class Invoker extends pulumi.ComponentResource {
  readonly account: Account;
  /** The right to call each target, by the target's name: what calls it comes after. */
  readonly grants: Readonly<Record<string, pulumi.Resource>>;

  constructor(name: string, args: InvokerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { project, accountId } = args;
    const findings = nameFindings([{ kind: "account", scope: project, name: accountId, path: "accountId" }]);
    if (findings.length > 0) throw unusable(`Invoker ${name}`, findings);
    super("agent-worker:invokers:Invoker", name, {}, opts);
    this.account = invokerAccount(`${name}-account`, args, this);
    this.grants = {
      ...jobGrants(name, args.workers ?? [], this.account, this),
      ...serviceGrant(name, args.service, this.account, this),
    };
    this.registerOutputs({ account: this.account.email });
  }
}

function invokerAccount(name: string, args: InvokerArgs, parent: pulumi.Resource): Account {
  const { project, accountId, displayName, environment, protect } = args;
  return new Account(
    name,
    { project, accountId, displayName, description: "Used by Cloud Scheduler alone", disabled: false },
    { parent, ...protection(isProtected(environment, protect)) },
  );
}

function jobGrants(prefix: string, workers: readonly AgentWorker[], account: Account, parent: pulumi.Resource) {
  return Object.fromEntries(
    workers.flatMap(({ plan: { jobName, project, region }, job }) => {
      if (job === undefined) return [];
      const target = { project, location: region, name: jobName, role: INVOKER, member: account.member };
      // Delete first: see secretGrants in agent-worker.ts.
      const options = { parent, dependsOn: job, deleteBeforeReplace: true };
      return [[jobName, new JobIamMember(`${prefix}-runs-${jobName}`, target, options)]];
    }),
  );
}

function serviceGrant(
  prefix: string,
  service: InvokedService | undefined,
  account: Account,
  parent: pulumi.Resource,
): Record<string, pulumi.Resource> {
  if (service === undefined) return {};
  const { project, region, name } = service;
  const target = { project, location: region, name, role: INVOKER, member: account.member };
  const options = { parent, deleteBeforeReplace: true };
  return { [name]: new ServiceIamMember(`${prefix}-calls-${name}`, target, options) };
}
