import type { Job } from "@pulumi/gcp/cloudscheduler/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { RoundPlan, RoundsPlan } from "../domain/rounds.ts";
import type { RoundsInput } from "../domain/settings/rounds.ts";
import { type ContextArgs, checkedPlan } from "./checked.ts";
import { Invoker } from "./invoker.ts";
import { schedulerJob } from "./scheduler-job.ts";

/** The rounds' settings (`RoundsInput`). Project and region are those of the rounds and of the service they call. */
export interface PatientRoundsArgs extends ContextArgs, Omit<RoundsInput, "project" | "region"> {}

/**
 * The patient rounds: scheduled calls to the Pulse Agent, a service that others deploy.
 *
 * @example
 * new PatientRounds("rounds", {
 *   environment: "prod",
 *   project: "careflow-478811",
 *   region: "us-central1",
 *   service: { name: "careflow-agent", url: "https://careflow-agent-abc123-uc.a.run.app", requestTimeout: "600s" },
 *   timeZone: "America/New_York",
 *   daily: { morning: "08:15", noon: "12:15", evening: "20:15" },
 * });
 */
export class PatientRounds extends pulumi.ComponentResource {
  readonly plan: RoundsPlan;
  /** Who calls the service. */
  readonly invoker: Invoker;
  /** The rounds by the name of their scheduler job. */
  readonly rounds: Readonly<Record<string, Job>>;

  constructor(name: string, args: PatientRoundsArgs, opts?: pulumi.ComponentResourceOptions) {
    const plan = roundsPlan(name, args);
    super("agent-worker:rounds:PatientRounds", name, {}, opts);
    this.plan = plan;
    this.invoker = roundInvoker(`${name}-invoker`, plan, args, this);
    const { account, grants } = this.invoker;
    const options = { parent: this, dependsOn: Object.values(grants) };
    this.rounds = Object.fromEntries(
      plan.rounds.map((round) => [round.name, schedulerJob(childName(name, round), round, account.email, options)]),
    );
    this.registerOutputs({ rounds: plan.rounds.map((round) => round.name) });
  }
}

function roundsPlan(name: string, args: PatientRoundsArgs): RoundsPlan {
  const { environment, project, region, protect, labels, ...rounds } = args;
  const context = { environment, project, region, protect, labels };
  const plan = checkedPlan(`PatientRounds ${name}`, context, { rounds }, "rounds").rounds;
  if (plan === undefined) throw new Error("a stack with rounds was planned without them");
  return plan;
}

function roundInvoker(
  name: string,
  { accountId, project, region, service, protect, name: rounds }: RoundsPlan,
  { environment }: PatientRoundsArgs,
  parent: pulumi.Resource,
): Invoker {
  return new Invoker(
    name,
    {
      environment,
      protect,
      project,
      accountId,
      displayName: `${rounds} patient rounds`,
      service: { project, region, name: service.name },
    },
    { parent },
  );
}

/** A dot is in no key, so that no round and hospital share a name with another round. */
function childName(prefix: string, { round, hospital }: RoundPlan): string {
  return hospital === undefined ? `${prefix}-${round}` : `${prefix}-${round}.${hospital}`;
}
