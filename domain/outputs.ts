import { formatDuration } from "./duration.ts";
import { imagePrefix } from "./names.ts";
import type { RepositoryPlan, StackPlan } from "./plan.ts";
import type { RoundsPlan } from "./rounds.ts";
import { formatOperations, nextSteps, runbook } from "./runbook.ts";
import { secretsOf } from "./secrets.ts";
import { jobResource, type WorkerPlan } from "./worker.ts";

const CONSOLE = "https://console.cloud.google.com";

/** What a stack tells about itself once it is deployed: names, addresses, and what to do. No secret is in it. */
export function stackOutputs(plan: StackPlan, stack: string) {
  const { workers, starts, rounds, repository } = plan;
  const next = nextSteps(plan, stack);
  return {
    ...(repository === undefined ? {} : { images: repositoryOutputs(repository) }),
    ...(starts === undefined
      ? {}
      : {
          workers: Object.fromEntries(workers.map((worker) => [worker.key, workerOutputs(worker)])),
          startedBy: starts.accountEmail,
        }),
    ...(rounds === undefined ? {} : { rounds: roundsOutputs(rounds) }),
    ...(next.length === 0 ? {} : { next: formatOperations(next) }),
    runbook: formatOperations(runbook(plan, stack)),
  };
}

function repositoryOutputs(repository: RepositoryPlan) {
  const { region, project, repositoryId } = repository;
  return {
    prefix: imagePrefix(repository),
    url: `${CONSOLE}/artifacts/docker/${project}/${region}/${repositoryId}?project=${project}`,
  };
}

function workerOutputs(worker: WorkerPlan) {
  const { jobName, project, region, prepared, starts, timeout } = worker;
  const secretUrl = (id: string) => `${CONSOLE}/security/secret-manager/secret/${id}/versions?project=${project}`;
  const known = {
    state: prepared ? "prepared" : "deployed",
    account: worker.accountEmail,
    secrets: Object.fromEntries(secretsOf(worker).map((id) => [id, secretUrl(id)])),
  };
  if (prepared) return known;
  return {
    ...known,
    job: jobResource(project, region, jobName),
    url: `${CONSOLE}/run/jobs/details/${region}/${jobName}/executions?project=${project}`,
    timeout: formatDuration(timeout),
    starts: Object.fromEntries(starts.map(({ name, cron, timeZone }) => [name, `${cron} ${timeZone}`])),
    startsUrl: `${CONSOLE}/cloudscheduler?project=${project}`,
  };
}

function roundsOutputs({ project, accountEmail, service, rounds }: RoundsPlan) {
  return {
    account: accountEmail,
    service: service.url,
    jobs: Object.fromEntries(rounds.map(({ name, cron, timeZone }) => [name, `${cron} ${timeZone}`])),
    url: `${CONSOLE}/cloudscheduler?project=${project}`,
  };
}
