import * as pulumi from "@pulumi/pulumi";
import { AgentWorker } from "./components/agent-worker.ts";
import { Alerts } from "./components/alerts.ts";
import { Dashboard } from "./components/dashboard.ts";
import { Invoker } from "./components/invoker.ts";
import { OfficeHours } from "./components/office-hours.ts";
import { PatientRounds } from "./components/patient-rounds.ts";
import { ProjectApis } from "./components/project-apis.ts";
import { WorkerImages } from "./components/worker-images.ts";
import { WorkerSecrets } from "./components/worker-secrets.ts";
import { requiredApis } from "./domain/apis.ts";
import { FindingsError, refusal } from "./domain/findings.ts";
import { stackOutputs } from "./domain/outputs.ts";
import { planStack, type StackPlan } from "./domain/plan.ts";
import { configurationOf, encryptedFindings } from "./domain/settings/configuration.ts";

const stack = pulumi.getStack();
const plan = plannedStack();
const { context, input } = plan;
for (const { path, problem, remedy } of plan.remarks) pulumi.log.warn(`${path} ${problem} ${remedy}`);

const apis = new ProjectApis("apis", { apis: requiredApis(plan) });
const options = { dependsOn: apis };

if (plan.repository !== undefined) {
  const { project, region, repositoryId: repository } = plan.repository;
  new WorkerImages("images", { ...context, project, region, repository }, options);
}

if (plan.starts !== undefined) {
  const settings = input.workers ?? {};
  const store = new WorkerSecrets("secrets", { ...context, workers: settings }, options);
  const workers = Object.entries(settings).map(
    ([key, worker]) => new AgentWorker(key, { ...context, ...worker, store }, options),
  );
  const deployed = workers.filter(({ job }) => job !== undefined);
  const invoker = new Invoker("starts", { ...context, ...plan.starts, workers: deployed }, options);
  for (const worker of deployed) new OfficeHours(worker.plan.key, { worker, invoker }, options);
}

if (plan.rounds !== undefined && input.rounds !== undefined) {
  const { project, region } = plan.rounds;
  new PatientRounds("rounds", { ...context, ...input.rounds, project, region }, options);
}

const alerts = plan.alerts && new Alerts("alerts", { ...context, plan: plan.alerts }, options);
const dashboards = plan.dashboards.map(
  (dashboard) => new Dashboard(`dashboard-${dashboard.project}`, { plan: dashboard }, options),
);

export default {
  ...stackOutputs(plan, stack),
  ...(alerts && { alerts: alerts.policies, dashboards: dashboards.map(({ url }) => url) }),
};

/** Reads the stack's settings. When something is wrong with them, the program ends with all of it and declares nothing. */
function plannedStack(): StackPlan {
  try {
    const project = pulumi.getProject();
    return planStack(configurationOf(pulumi.runtime.allConfig(), project), encryptedFindings(secretKeys(), project));
  } catch (error) {
    if (error instanceof FindingsError) throw new pulumi.RunError(refusal(`Pulumi.${stack}.yaml`, error.findings));
    throw error;
  }
}

/** The keys that hold an encrypted value, as the engine tells them to the SDK, which has no function for the list. */
function secretKeys(): readonly string[] {
  return JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[];
}
